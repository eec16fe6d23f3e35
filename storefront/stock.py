"""Stock: taken by one conditional update per variant, in the order of their ids.

What is available is `on_hand - held - allocated`. Every change writes a movement, so the counters
are the sums of their columns in the ledger.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, inspect
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from core.rows import write_all
from storefront.bundles import bundles_with, is_part
from storefront.errors import (
    NotEnough,
    ProductUnknown,
    SoldOut,
    StockBelowZero,
    StockIsOfParts,
)
from storefront.events import ProductChanged, StockRanOut
from storefront.models import Product, StockMovement, Variant, stock_state
from storefront.naming import full_name
from storefront.storefronts import catalogue_changed, tell_once

Movement = Literal[
    "received", "corrected", "held", "released", "sold", "allocated", "returned", "sent",
    "unsent", "restocked",
]  # fmt: skip
Wanted = Mapping[int, int]
"""How many pieces of which variant: the sum of all lines."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one piece does to the counters."""

    what: Movement
    on_hand: int = 0
    held: int = 0
    allocated: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """What is available of a variant after a step, and by how much that was changed; whether it is
    part of a bundle."""

    available: int
    product_id: int
    is_part: bool
    change: int


# Made once, as every statement that each order sends: to put one together costs as much as to run it.
_FREE = col(Variant.on_hand) - col(Variant.held) - col(Variant.allocated)
_VARIANTS: Any = inspect(Variant).local_table
_CHANGE = (
    update(_VARIANTS)
    .where(col(Variant.id) == bindparam("which"), col(Variant.shop_id) == bindparam("whose"))
    .values(
        on_hand=col(Variant.on_hand) + bindparam("more_on_hand"),
        held=col(Variant.held) + bindparam("more_held"),
        allocated=col(Variant.allocated) + bindparam("more_allocated"),
    )
    .returning(_FREE, col(Variant.product_id), is_part(col(Variant.id)))
)
_TAKE = _CHANGE.where(bindparam("needed") <= _FREE, col(Variant.retired_at).is_(None))

_HOLD = Step("held", held=1)
_RELEASE = Step("released", held=-1)
_SELL = Step("sold", held=-1, allocated=1)
_ALLOCATE = Step("allocated", allocated=1)
_TAKE_BACK = Step("returned", allocated=-1)
_SEND = Step("sent", on_hand=-1, allocated=-1)
_RESTOCK = Step("restocked", on_hand=1)
_UNSEND = Step("unsent", on_hand=1, allocated=1)


async def hold(
    session: AsyncSession, shop_id: int, wanted: Wanted, reference: str, *, now: datetime
) -> None:
    """Reserve for an unpaid order. Raises SoldOut or NotEnough; the caller's transaction (or
    savepoint) then undoes what other variants have already given."""
    await _move(session, shop_id, wanted, _HOLD, reference, now=now)


async def release(
    session: AsyncSession, shop_id: int, wanted: Wanted, reference: str, *, now: datetime
) -> None:
    """The unpaid order died."""
    await _move(session, shop_id, wanted, _RELEASE, reference, now=now)


async def sell(
    session: AsyncSession, shop_id: int, wanted: Wanted, reference: str, *, now: datetime
) -> None:
    """What was held is paid for."""
    await _move(session, shop_id, wanted, _SELL, reference, now=now)


async def allocate(
    session: AsyncSession, shop_id: int, wanted: Wanted, reference: str, *, now: datetime
) -> None:
    """Taken and paid for in one step, without having been held. Raises what `hold` raises."""
    await _move(session, shop_id, wanted, _ALLOCATE, reference, now=now)


async def take_back(
    session: AsyncSession, shop_id: int, wanted: Wanted, reference: str, *, now: datetime
) -> None:
    """What was paid for never left: it can be sold again."""
    await _move(session, shop_id, wanted, _TAKE_BACK, reference, now=now)


async def send(
    session: AsyncSession, shop_id: int, wanted: Wanted, reference: str, *, now: datetime
) -> None:
    """What was paid for has been handed over."""
    await _move(session, shop_id, wanted, _SEND, reference, now=now)


async def restock(
    session: AsyncSession, shop_id: int, wanted: Wanted, reference: str, *, now: datetime
) -> None:
    """What had been handed over has come back and can be sold again."""
    await _move(session, shop_id, wanted, _RESTOCK, reference, now=now)


async def lock(session: AsyncSession, shop_id: int, variant_ids: Iterable[int]) -> None:
    """Before several steps one after another, which could not keep to the order of the ids. No
    lock on the keys: lines of orders that are being placed refer to the rows, and two who have
    written theirs would wait for each other."""
    query = select(Variant.id).where(
        col(Variant.shop_id) == shop_id, col(Variant.id).in_(set(variant_ids))
    )
    await session.exec(query.order_by(col(Variant.id)).with_for_update(key_share=True))


async def unsend(
    session: AsyncSession, shop_id: int, wanted: Wanted, reference: str, *, now: datetime
) -> None:
    """It was marked as handed over by mistake, and is still promised."""
    await _move(session, shop_id, wanted, _UNSEND, reference, now=now)


async def _move(
    session: AsyncSession,
    shop_id: int,
    wanted: Wanted,
    step: Step,
    reference: str,
    *,
    now: datetime,
) -> None:
    turned: dict[int, Turn] = {}
    # The updates go past the unit of work, which would make them three times as dear; so what this
    # session has changed is written before.
    await session.flush()
    for variant_id, pieces in sorted(wanted.items()):
        after = await _update(session, shop_id, variant_id, step, pieces)
        if after is None:
            await _refuse(session, shop_id, variant_id)
        else:
            turned[variant_id] = Turn(*after, (step.on_hand - step.held - step.allocated) * pieces)
    await _notice(session, shop_id, turned)
    movements = [
        StockMovement(
            shop_id=shop_id, variant_id=variant_id, what=step.what,
            on_hand=step.on_hand * pieces, held=step.held * pieces,
            allocated=step.allocated * pieces, reference=reference, at=now,
        )
        for variant_id, pieces in sorted(wanted.items())
    ]  # fmt: skip
    await write_all(session, movements)


async def _update(
    session: AsyncSession, shop_id: int, variant_id: int, step: Step, pieces: int
) -> tuple[int, int, bool] | None:
    """What is available afterwards, the product, and whether it is part of a bundle; None if there
    is not enough."""
    needed = pieces * (step.held + step.allocated - step.on_hand)
    values = {
        "which": variant_id, "whose": shop_id, "more_on_hand": step.on_hand * pieces,
        "more_held": step.held * pieces, "more_allocated": step.allocated * pieces,
    }  # fmt: skip
    connection = await session.connection()
    if needed > 0:
        row = (await connection.execute(_TAKE, values | {"needed": needed})).first()
    else:
        row = (await connection.execute(_CHANGE, values)).first()
    return None if row is None else (row[0], row[1], bool(row[2]))


async def _refuse(session: AsyncSession, shop_id: int, variant_id: int) -> None:
    query = select(Variant, Product).join(Product).where(
        col(Variant.id) == variant_id, col(Variant.shop_id) == shop_id
    ).execution_options(populate_existing=True)  # fmt: skip
    found = (await session.exec(query)).first()
    if found is None:
        raise ProductUnknown()
    variant, product = found
    name = full_name(product, variant)
    if variant.retired_at is not None or variant.available <= 0:
        raise SoldOut(name=name)
    raise NotEnough(name=name, left=variant.available)


async def _notice(session: AsyncSession, shop_id: int, turned: Mapping[int, Turn]) -> None:
    """Public pages show the stock only coarsely: they are stale when that state has turned, of a
    variant itself or of what it gives to a bundle. The other parts of that bundle are not asked:
    two parts that come in at the same moment would not see each other."""
    moved = {one: turn for one, turn in turned.items() if turn.change}
    for variant_id, turn in moved.items():
        _tell(session, shop_id, variant_id, turn)
    parts = [one for one, turn in moved.items() if turn.is_part]
    for bundle, part_id, each in await bundles_with(session, parts):
        part = moved[part_id]
        left, former = part.available // each, (part.available - part.change) // each
        _tell(session, shop_id, bundle.key, Turn(left, bundle.product_id, False, left - former))


def _tell(session: AsyncSession, shop_id: int, variant_id: int, turn: Turn) -> None:
    if stock_state(turn.available - turn.change) == stock_state(turn.available):
        return
    catalogue_changed(session, shop_id)
    tell_once(session, ProductChanged(shop_id, turn.product_id))
    if turn.available <= 0:
        record(session, StockRanOut(shop_id, turn.product_id, variant_id))


async def adjust(
    session: AsyncSession,
    shop_id: int,
    variant_id: int,
    change: int,
    *,
    reason: str,
    by: str,
    now: datetime,
) -> int:
    """Goods came in, or were counted, broken, eaten by the cat. The new number on hand.

    Raises StockBelowZero where pieces promised to customers would be missing, StockIsOfParts for
    what would be put into a bundle itself.
    """
    query = select(Variant).where(col(Variant.id) == variant_id, col(Variant.shop_id) == shop_id)
    variant = (
        await session.exec(
            query.with_for_update(key_share=True).execution_options(populate_existing=True)
        )
    ).first()
    if variant is None:
        raise ProductUnknown()
    if variant.is_bundle and change > 0:
        raise StockIsOfParts()
    if change < 0 and variant.available + change < 0:
        raise StockBelowZero(least=variant.held + variant.allocated)
    variant.on_hand += change
    session.add(variant)
    session.add(
        StockMovement(
            shop_id=shop_id, variant_id=variant_id, on_hand=change, reason=reason, by=by, at=now,
            what="received" if change > 0 else "corrected",
        )
    )  # fmt: skip
    await session.flush()
    # Whether a bundle has it is not known here, so it is looked up.
    turn = Turn(variant.available, variant.product_id, True, change)
    await _notice(session, shop_id, {variant_id: turn})
    return variant.on_hand


async def recount(session: AsyncSession, shop_id: int) -> list[int]:
    """Ids of variants whose counters are not what the ledger says: always none."""
    ledger = (
        select(
            col(StockMovement.variant_id).label("variant_id"),
            func.sum(StockMovement.on_hand).label("on_hand"),
            func.sum(StockMovement.held).label("held"),
            func.sum(StockMovement.allocated).label("allocated"),
        )
        .group_by(col(StockMovement.variant_id))
        .subquery()
    )
    query = (
        select(Variant.id)
        .outerjoin(ledger, ledger.c.variant_id == col(Variant.id))
        .where(
            col(Variant.shop_id) == shop_id,
            (func.coalesce(ledger.c.on_hand, 0) != col(Variant.on_hand))
            | (func.coalesce(ledger.c.held, 0) != col(Variant.held))
            | (func.coalesce(ledger.c.allocated, 0) != col(Variant.allocated)),
        )
    )
    return [one for one in (await session.exec(query)).all() if one is not None]
