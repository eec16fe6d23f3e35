"""Connecting a shop with its page: a pasted token is looked at, kept sealed, and set to work."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from pydantic import SecretStr
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.live import announce
from core.logs import log
from core.vault import Vault
from meta.errors import (
    AppNotConfigured,
    GraphRefused,
    GraphUnavailable,
    GraphUnclear,
    PageTakenElsewhere,
)
from meta.models import MetaPage
from meta.pages import Graphs, find_page, get_page
from meta.pasted_tokens import OpenedPage, open_page
from meta.profiles import Profile, set_profile
from meta.subscriptions import subscribe_app, subscribe_page, unsubscribe_page


async def connect(
    db: Database,
    graphs: Graphs,
    clock: Clock,
    *,
    shop_id: int,
    page_id: str,
    token: SecretStr,
    origin: str,
    profile: Profile | None,
) -> MetaPage:
    """Keep the page, then set everything up. Raises TokenRefused, PageTakenElsewhere,
    AppNotConfigured, and what Graph raises; then nothing has changed."""
    if not graphs.settings.is_configured:
        raise AppNotConfigured()
    opened = await open_page(graphs, page_id, token, now=clock())
    try:
        async with db.transaction() as session:
            page = await _keep(session, graphs.vault, shop_id, opened, now=clock())
    except IntegrityError:
        # The page, or its Instagram account, is another shop's.
        raise PageTakenElsewhere() from None
    log(__name__).info("page_connected", shop_id=shop_id, page_id=page.page_id)
    await set_up(graphs, page, origin=origin, profile=profile)
    return page


async def set_up(graphs: Graphs, page: MetaPage, *, origin: str, profile: Profile | None) -> None:
    """Subscribe every layer and set the Messenger profile. What fails is left for the checks to
    tell: one missing permission must not keep the rest from working."""
    graph = graphs.graph_of(page)
    with_instagram = page.instagram_id is not None
    await _try("app", lambda: subscribe_app(graphs, origin, with_instagram=with_instagram))
    await _try("page", lambda: subscribe_page(graph, page))
    if profile is not None:
        await _try("profile", lambda: set_profile(graph, page, profile))


async def disconnect(db: Database, graphs: Graphs, *, shop_id: int, now: datetime) -> None:
    """Forget the token. Whether Meta hears of it or not, nothing is sent or taken any more."""
    async with db.reading() as session:
        page = await get_page(session, shop_id)
    await _try("leaving", lambda: unsubscribe_page(graphs.graph_of(page), page))
    async with db.transaction() as session:
        stored = await find_page(session, shop_id)
        if stored is not None:
            await session.delete(stored)
            announce(session, shop_id, "page", {"problem": None}, now=now)


async def _try(what: str, step: Callable[[], Awaitable[None]]) -> None:
    try:
        await step()
    except (GraphRefused, GraphUnavailable, GraphUnclear) as error:
        log(__name__).warning("setting_up_failed", step=what, reason=str(error))


async def _keep(
    session: AsyncSession, vault: Vault, shop_id: int, opened: OpenedPage, *, now: datetime
) -> MetaPage:
    page = await find_page(session, shop_id)
    page = page or MetaPage(
        shop_id=shop_id, page_id="", page_name="", sealed_token="", connected_at=now
    )
    page.page_id, page.page_name = opened.page_id, opened.name
    page.instagram_id = opened.instagram_id
    page.instagram_username = opened.instagram_username
    page.sealed_token, page.scopes = vault.seal(opened.token), list(opened.state.scopes)
    page.connected_at = page.token_checked_at = now
    page.token_problem, page.token_detail = opened.state.problem, opened.state.detail
    session.add(page)
    announce(session, shop_id, "page", {"problem": opened.state.problem}, now=now)
    await session.flush()
    return page
