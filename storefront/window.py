"""The shop window: public pages rendered once, compressed once, and handed to everybody.

A page is kept under the shop's catalogue version and the moment the next deal begins or ends, so
nothing is ever thrown out by hand. Which version is the present one is asked at most once a
second; commits of this process are noticed at once.
"""

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web
from multidict import CIMultiDict
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.cache import Cache
from core.clock import Clock
from core.database import Database
from core.pages import headers_for
from core.shops import Shop, find_shop
from meta.models import MetaPage
from promotions.deals import next_change
from storefront.models import Storefront
from storefront.settings import ShopSettings
from storefront.storefronts import find_storefront

LOOK_EVERY = timedelta(seconds=1)
_NOW = timedelta()
_PAGES = 600
_SECONDS = 300

Make = Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Front:
    """A shop as its public pages need it. `key` changes with everything they show."""

    shop: Shop
    storefront: Storefront
    page_id: str | None
    locale: str
    key: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A rendered page as it goes out."""

    plain: bytes
    packed: bytes
    etag: str


class Window:
    """One per process."""

    def __init__(self, db: Database, cache: Cache, settings: ShopSettings, clock: Clock) -> None:
        self._db = db
        self._cache = cache
        self._clock = clock
        self._fronts: dict[str, tuple[datetime, Front]] = {}
        self._looking = asyncio.Lock()
        self._commits = 0
        self._pages: OrderedDict[str, Kept] = OrderedDict()
        self.frames = settings.frames
        self.headers = headers_for(frames=self.frames) | {
            "Content-Type": "text/html; charset=utf-8",
            "Cache-Control": "no-cache",
            "Vary": "Accept-Encoding, Accept-Language",
        }
        self._plain = CIMultiDict(self.headers)
        self._packed = CIMultiDict(self.headers | {"Content-Encoding": "gzip"})
        db.after_commit(self._notice)

    def _notice(self, session: AsyncSession) -> None:
        changed: set[int] = session.info.get("changed_catalogues", set())
        if changed:
            self._commits += 1
            for slug, (_, front) in list(self._fronts.items()):
                if front.shop.id in changed:
                    del self._fronts[slug]

    async def front(self, slug: str) -> Front:
        """Raises UnknownShop."""
        known = self._known(slug)
        if known is not None:
            return known
        async with self._looking:
            return self._known(slug) or await self._look(slug)

    def _known(self, slug: str) -> Front | None:
        kept = self._fronts.get(slug)
        if kept is None:
            return None
        looked_at, front = kept
        return front if _NOW <= self._clock() - looked_at <= LOOK_EVERY else None

    async def _look(self, slug: str) -> Front:
        commits, looked_at = self._commits, self._clock()
        async with self._db.reading() as session:
            shop = await find_shop(session, slug)
            storefront = await find_storefront(session, shop.key)
            turns_at = await next_change(session, shop.key, now=looked_at)
            page = select(MetaPage.page_id).where(col(MetaPage.shop_id) == shop.key)
            front = Front(
                shop=shop,
                storefront=storefront,
                page_id=(await session.exec(page)).first(),
                locale=shop.locale,
                key=f"{shop.key}:{storefront.catalogue_version}:{_seconds(turns_at)}",
            )
        if commits == self._commits:
            self._fronts[slug] = (looked_at, front)
        return front

    async def page(self, front: Front, name: str, make: Make, *, shared: bool = True) -> Kept:
        """The page `name` of this shop as it is now, rendered once however many ask.

        Not `shared`: of pages without number (searches) only so many are kept, in this process.
        """
        key = f"page:{front.key}:{name}"
        kept = self._pages.get(key)
        if kept is None:
            kept = await self._fetch(key, make) if shared else packed(await make())
            self._pages[key] = kept
            while len(self._pages) > _PAGES:
                self._pages.popitem(last=False)
        else:
            self._pages.move_to_end(key)
        return kept

    async def _fetch(self, key: str, make: Make) -> Kept:
        async def pack() -> Kept:
            return packed(await make())

        return await self._cache.fetch(key, pack, seconds=_SECONDS)

    def answer(self, request: web.Request, kept: Kept) -> web.Response:
        if request.headers.get("If-None-Match") == kept.etag:
            return web.Response(status=304, headers={"ETag": kept.etag, **self.headers})
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers, body = self._packed.copy(), kept.packed
        else:
            headers, body = self._plain.copy(), kept.plain
        headers["ETag"] = kept.etag
        return web.Response(body=body, headers=headers)


def _seconds(at: datetime | None) -> int:
    return int(at.timestamp()) if at else 0


def packed(text: str) -> Kept:
    plain = text.encode()
    digest = hashlib.sha256(plain).hexdigest()[:20]
    return Kept(plain, gzip.compress(plain, 9, mtime=0), f'W/"{digest}"')


WINDOW: web.AppKey[Window] = web.AppKey("window", Window)
