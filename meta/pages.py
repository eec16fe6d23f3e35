"""Shops' pages, and each one's way to the Graph API."""

import aiohttp
from aiohttp import web
from pydantic import SecretStr
from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.vault import Vault
from meta.errors import PageNotConnected
from meta.graph import TIMEOUT, Graph
from meta.models import MetaPage
from meta.settings import MetaSettings
from meta.usage import Usage


async def find_page(session: AsyncSession, shop_id: int) -> MetaPage | None:
    return (await session.exec(select(MetaPage).where(col(MetaPage.shop_id) == shop_id))).first()


async def get_page(session: AsyncSession, shop_id: int) -> MetaPage:
    """Raises PageNotConnected."""
    page = await find_page(session, shop_id)
    if page is None:
        raise PageNotConnected()
    return page


async def find_account(session: AsyncSession, account_id: str) -> MetaPage | None:
    """The page whose own id, or whose Instagram account's, this is."""
    query = select(MetaPage).where(
        or_(col(MetaPage.page_id) == account_id, col(MetaPage.instagram_id) == account_id)
    )
    return (await session.exec(query)).first()


async def list_pages(session: AsyncSession) -> list[MetaPage]:
    return list((await session.exec(select(MetaPage).order_by(col(MetaPage.id)))).all())


class Graphs:
    """Makes Graph clients over one connection pool; remembers every page's quotas."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        settings: MetaSettings,
        vault: Vault,
        clock: Clock,
        *,
        timeout: aiohttp.ClientTimeout = TIMEOUT,
    ) -> None:
        self.settings = settings
        self.vault = vault
        self._http, self._clock, self._timeout = http, clock, timeout
        self._usage: dict[str, Usage] = {}

    async def graph_for(self, session: AsyncSession, shop_id: int) -> Graph:
        """Raises PageNotConnected."""
        return self.graph_of(await get_page(session, shop_id))

    async def page_and_graph(self, session: AsyncSession, shop_id: int) -> tuple[MetaPage, Graph]:
        """Raises PageNotConnected."""
        page = await get_page(session, shop_id)
        return page, self.graph_of(page)

    def graph_of(self, page: MetaPage) -> Graph:
        return self.graph_with(self.vault.open(page.sealed_token), account=page.page_id)

    def graph_with(self, token: SecretStr, *, account: str = "") -> Graph:
        """For a token that is not stored (yet)."""
        return Graph(
            token,
            http=self._http,
            url=self.settings.graph_url,
            version=self.settings.graph_version,
            app_secret=self.settings.app_secret,
            usage=self._usage.setdefault(account, Usage()),
            clock=self._clock,
            timeout=self._timeout,
        )

    def app_graph(self) -> Graph:
        """Acts for the app itself: subscriptions, looking into tokens."""
        secret = self.settings.app_secret.get_secret_value()
        return self.graph_with(SecretStr(f"{self.settings.app_id}|{secret}"), account="app")


GRAPHS: web.AppKey[Graphs] = web.AppKey("graphs", Graphs)
