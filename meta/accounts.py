"""Whose account a webhook is about: asked with every delivery, so the answer is remembered."""

import asyncio
import time
from collections.abc import Collection

from aiohttp import web
from sqlmodel import col, select

from core.database import Database
from meta.deliveries import TEST_ACCOUNT
from meta.models import MetaPage

FRESH_FOR = 10.0
"""Seconds. A page that was disconnected elsewhere is still answered for so long."""

# What names no account, and the dashboard's test button.
NO_ACCOUNTS = frozenset({"", TEST_ACCOUNT})


class Accounts:
    """Pages and Instagram accounts by id. An unknown one is looked up at once: it may have been
    connected by another process a moment ago."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._shops: dict[str, int] = {}
        self._on_instagram: set[str] = set()
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def shops_of(self, accounts: Collection[str]) -> dict[str, int]:
        """The shop of each account that has one."""
        is_old = time.monotonic() - self._read_at > FRESH_FOR
        if is_old or not self._shops.keys() >= set(accounts) - NO_ACCOUNTS:
            await self._look_again()
        return {name: self._shops[name] for name in accounts if name in self._shops}

    def is_instagram(self, account: str) -> bool:
        """Of those just asked for. Chats of an account linked with a page may come under the
        page's object; the id says whose they are."""
        return account in self._on_instagram

    async def _look_again(self) -> None:
        """Those who ask at the same time share one look, if it began after they asked."""
        asked_at = time.monotonic()
        async with self._reading:
            if self._read_at < asked_at:
                await self._read()

    async def _read(self) -> None:
        began_at = time.monotonic()
        async with self._db.reading() as session:
            query = select(col(MetaPage.page_id), col(MetaPage.instagram_id), col(MetaPage.shop_id))
            rows = (await session.exec(query)).all()
        self._shops = {
            account: shop_id
            for page_id, instagram_id, shop_id in rows
            for account in (page_id, instagram_id)
            if account
        }
        self._on_instagram = {instagram_id for _, instagram_id, _ in rows if instagram_id}
        self._read_at = began_at


ACCOUNTS: web.AppKey[Accounts] = web.AppKey("accounts", Accounts)
