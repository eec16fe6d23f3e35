"""The stock's counters: moved by one conditional update per variant, in the order of their ids.

What is available is `on_hand - held - allocated`. Every change writes a movement, so the counters
are the sums of their columns in the ledger.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, inspect
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.rows import ask, write_all
from storefront.bundles import is_part
from storefront.errors import NotEnough, ProductUnknown, SoldOut
from storefront.models import Product, StockMovement, Variant
from storefront.naming import full_name
from storefront.stock_shown import Turn, notice_turns

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


async def move(
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
    await notice_turns(session, shop_id, turned)
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
    if needed > 0:
        rows = await ask(session, _TAKE, values | {"needed": needed})
    else:
        rows = await ask(session, _CHANGE, values)
    return (rows[0][0], rows[0][1], bool(rows[0][2])) if rows else None


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
