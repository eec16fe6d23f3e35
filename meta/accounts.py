"""Which shop a page or an Instagram account belongs to: asked with every webhook, so remembered."""

from aiohttp import web
from sqlalchemy import or_
from sqlmodel import col, select

from core.clock import Clock
from core.database import Database
from meta.models import MetaPage

REMEMBERED_SECONDS = 10.0


class Accounts:
    """A page that is connected is known at once; one that was taken away within seconds."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._known: dict[str, int] = {}
        self._read_at = 0.0

    async def shops_of(self, account_ids: set[str]) -> dict[str, int]:
        """Shop ids by account id; accounts of nobody here are left out."""
        now = self._clock().timestamp()
        if now - self._read_at > REMEMBERED_SECONDS:
            self._known, self._read_at = {}, now
        missing = account_ids - self._known.keys()
        if missing:
            self._known |= await self._look_up(missing)
        return {one: self._known[one] for one in account_ids if one in self._known}

    async def _look_up(self, account_ids: set[str]) -> dict[str, int]:
        query = select(MetaPage.page_id, MetaPage.instagram_id, MetaPage.shop_id).where(
            or_(col(MetaPage.page_id).in_(account_ids), col(MetaPage.instagram_id).in_(account_ids))
        )
        async with self._db.reading() as session:
            rows = (await session.exec(query)).all()
        pages = {page_id: shop_id for page_id, _, shop_id in rows}
        return pages | {account: shop_id for _, account, shop_id in rows if account}


ACCOUNTS: web.AppKey[Accounts] = web.AppKey("accounts", Accounts)
