"""The stock books: counters compared with the ledger, and mended where they differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.live import announce
from core.logs import log
from core.shops import Shop
from storefront.errors import BooksDoNotAddUp, BooksInOrder, ProductUnknown
from storefront.models import Product, StockCheck, StockMovement, Variant
from storefront.naming import full_name
from storefront.stocktaking import recount
from storefront.storefronts import catalogue_changed, insert_or_leave


@dataclass(frozen=True, slots=True)
class Counts:
    on_hand: int = 0
    held: int = 0
    allocated: int = 0

    @property
    def is_possible(self) -> bool:
        return min(self.held, self.allocated, self.on_hand - self.held - self.allocated) >= 0


@dataclass(frozen=True, slots=True)
class Difference:
    """`counted` is what stands in the variant's row, `written` what its movements add up to."""

    variant: Variant
    name: str
    counted: Counts
    written: Counts


def counts_of(variant: Variant) -> Counts:
    return Counts(variant.on_hand, variant.held, variant.allocated)


async def check_books(db: Database, clock: Clock) -> None:
    """Periodic. Each shop for itself, so that one shop's trouble is not all shops'."""
    async with db.reading() as session:
        shop_ids = (await session.exec(select(Shop.id).order_by(col(Shop.id)))).all()
    for shop_id in shop_ids:
        async with db.transaction() as session:
            await check_shop(session, shop_id or 0, now=clock())


async def check_shop(session: AsyncSession, shop_id: int, *, now: datetime) -> StockCheck:
    """What differs is written down, logged and shown at the counter; nothing is mended."""
    differing = await recount(session, shop_id)
    number = select(func.count()).where(col(Variant.shop_id) == shop_id)
    variants = (await session.exec(number)).one()
    await insert_or_leave(
        session, StockCheck, shop_id=shop_id, checked_at=now, variants=variants, differing=[]
    )
    row = await session.get_one(
        StockCheck, shop_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if sorted(row.differing) != sorted(differing):
        announce(session, shop_id, "stock", {"differing": len(differing)}, now=now)
    row.checked_at, row.variants, row.differing = now, variants, sorted(differing)
    session.add(row)
    if differing:
        log(__name__).error("stock_books_differ", shop_id=shop_id, variant_ids=row.differing)
    return row


async def latest_check(session: AsyncSession, shop_id: int) -> StockCheck | None:
    return await session.get(StockCheck, shop_id)


async def differences(session: AsyncSession, shop_id: int) -> list[Difference]:
    ids = await recount(session, shop_id)
    if not ids:
        return []
    written = await _written(session, ids)
    query = select(Variant, Product).join(Product).where(col(Variant.id).in_(ids))
    return [
        Difference(variant, full_name(product, variant), counts_of(variant),
                   written.get(variant.key, Counts()))
        for variant, product in (await session.exec(query.order_by(col(Variant.id)))).all()
    ]  # fmt: skip


async def _written(session: AsyncSession, variant_ids: Sequence[int]) -> dict[int, Counts]:
    sums = (
        func.sum(StockMovement.on_hand),
        func.sum(StockMovement.held),
        func.sum(StockMovement.allocated),
    )
    query = (
        select(StockMovement.variant_id, *sums)
        .where(col(StockMovement.variant_id).in_(variant_ids))
        .group_by(col(StockMovement.variant_id))
    )
    rows = (await session.exec(query)).all()
    return {row[0]: Counts(*(int(part) for part in row[1:])) for row in rows}


async def rebuild(
    session: AsyncSession, shop_id: int, variant_id: int, *, by: str, now: datetime
) -> None:
    """The ledger is right: the counters become what it adds up to. Raises BooksInOrder, and
    BooksDoNotAddUp where the ledger alone says something that cannot be."""
    variant, counted, written = await _lock(session, shop_id, variant_id)
    if not written.is_possible:
        raise BooksDoNotAddUp()
    variant.on_hand, variant.held, variant.allocated = (
        written.on_hand, written.held, written.allocated,
    )  # fmt: skip
    reason = _told(counted)
    session.add(_entry(variant, "rebuilt", Counts(), reason=reason, by=by, now=now))
    await _mended(session, variant, now=now)


async def book_difference(
    session: AsyncSession, shop_id: int, variant_id: int, *, reason: str, by: str, now: datetime
) -> None:
    """The counters are right: what the ledger lacks is written into it. Raises BooksInOrder."""
    variant, counted, written = await _lock(session, shop_id, variant_id)
    lacks = Counts(
        counted.on_hand - written.on_hand,
        counted.held - written.held,
        counted.allocated - written.allocated,
    )
    session.add(_entry(variant, "counted", lacks, reason=reason, by=by, now=now))
    await _mended(session, variant, now=now)


async def _lock(
    session: AsyncSession, shop_id: int, variant_id: int
) -> tuple[Variant, Counts, Counts]:
    query = select(Variant).where(col(Variant.id) == variant_id, col(Variant.shop_id) == shop_id)
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    variant = (await session.exec(locked)).first()
    if variant is None:
        raise ProductUnknown()
    written = (await _written(session, [variant_id])).get(variant_id, Counts())
    if counts_of(variant) == written:
        raise BooksInOrder()
    return variant, counts_of(variant), written


def _told(counts: Counts) -> str:
    return f"{counts.on_hand} / {counts.held} / {counts.allocated}"


def _entry(
    variant: Variant, what: str, counts: Counts, *, reason: str, by: str, now: datetime
) -> StockMovement:
    return StockMovement(
        shop_id=variant.shop_id, variant_id=variant.key, what=what, on_hand=counts.on_hand,
        held=counts.held, allocated=counts.allocated, reason=reason, by=by, at=now,
    )  # fmt: skip


async def _mended(session: AsyncSession, variant: Variant, *, now: datetime) -> None:
    session.add(variant)
    await session.flush()
    catalogue_changed(session, variant.shop_id)
    await check_shop(session, variant.shop_id, now=now)


async def list_stock(
    session: AsyncSession, shop_id: int, *, after: int = 0, limit: int = 100
) -> list[tuple[Variant, str]]:
    """Everything that lies on the shelf itself, by its id from `after` on."""
    query = (
        select(Variant, Product)
        .join(Product)
        .where(
            col(Variant.shop_id) == shop_id, col(Variant.id) > after,
            col(Variant.is_bundle).is_(False),
        )
        .order_by(col(Variant.id))
        .limit(limit)
    )  # fmt: skip
    rows = (await session.exec(query)).all()
    return [(variant, full_name(product, variant)) for variant, product in rows]


async def movements_of(
    session: AsyncSession, shop_id: int, variant_id: int, *, before: int | None = None,
    limit: int = 50,
) -> list[StockMovement]:  # fmt: skip
    """The latest first, `before` an id."""
    query = select(StockMovement).where(
        col(StockMovement.shop_id) == shop_id, col(StockMovement.variant_id) == variant_id
    )
    if before is not None:
        query = query.where(col(StockMovement.id) < before)
    return list(
        (await session.exec(query.order_by(col(StockMovement.id).desc()).limit(limit))).all()
    )
