"""Filling a basket: pieces put in and taken out, prices accepted, a code put on it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, inspect
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.rows import ask, change, write
from promotions.codes import Offer, find_offer
from storefront.baskets import Row, customer_text, lines_in, lock_basket
from storefront.bundles import shelf_of
from storefront.catalogue import get_variant
from storefront.errors import BasketIsFull, TooMany
from storefront.models import Basket, BasketLine, Product, Variant
from storefront.naming import full_name
from storefront.orders.finding import sum_of
from storefront.orders.holding import held_by_her
from storefront.shortages import shortage, taken_by

MOST_PIECES = 99
MOST_LINES = 50

# Made once: to put a statement together costs as much as to run it.
_ROWS = (
    select(BasketLine, Variant, Product)
    .join(Variant, col(Variant.id) == col(BasketLine.variant_id))
    .join(Product, col(Product.id) == col(Variant.product_id))
    .where(col(BasketLine.basket_id) == bindparam("basket_id"))
    .execution_options(populate_existing=True)
)
_LINES: Any = inspect(BasketLine).local_table
_EMPTYING = delete(_LINES).where(_LINES.c.basket_id == bindparam("basket_id"))


async def put(
    session: AsyncSession, basket: Basket, variant_id: int, quantity: int = 1, *, now: datetime
) -> BasketLine:
    """Add pieces. Nothing is reserved by that: the order does.

    Raises ProductUnknown, SoldOut, NotEnough, NotEnoughTogether, TooMany, BasketIsFull.
    """
    return await _put(session, basket, variant_id, quantity, adds=True, now=now)


async def set_quantity(
    session: AsyncSession, basket: Basket, variant_id: int, quantity: int, *, now: datetime
) -> BasketLine | None:
    """So many pieces and no more; none takes the line out. Raises what `put` raises."""
    if quantity <= 0:
        await take(session, basket, variant_id, now=now)
        return None
    return await _put(session, basket, variant_id, quantity, adds=False, now=now)


async def _put(
    session: AsyncSession,
    basket: Basket,
    variant_id: int,
    quantity: int,
    *,
    adds: bool,
    now: datetime,
) -> BasketLine:
    basket = await lock_basket(session, basket)
    others = {row[0].variant_id: row for row in await _rows_in(session, basket)}
    former = others.pop(variant_id, None)
    line = former[0] if former else None
    quantity += line.quantity if line and adds else 0
    if not 1 <= quantity <= MOST_PIECES:
        raise TooMany(most=MOST_PIECES)
    variant, product = await get_variant(session, basket.shop_id, variant_id)
    await _check(session, basket, (variant, product), quantity, others.values())
    if line is None:
        if len(others) >= MOST_LINES:
            raise BasketIsFull(most=MOST_LINES)
        line = BasketLine(shop_id=basket.shop_id, basket_id=basket.key, variant_id=variant_id,
                          quantity=quantity, seen_minor=variant.price_minor)  # fmt: skip
        await write(session, line)
    else:
        await change(session, line, quantity=quantity, seen_minor=variant.price_minor)
    await _touch(session, basket, now)
    return line


async def _check(
    session: AsyncSession,
    basket: Basket,
    goods: tuple[Variant, Product],
    quantity: int,
    others: Collection[Row],
) -> None:
    """Is there enough for this line beside all others? What her own unpaid orders have put aside
    counts as there."""
    variant, _ = goods
    all_goods = [goods, *((one, product) for _, one, product in others)]
    shelf = await shelf_of(session, [one for one, _ in all_goods])
    beside = sum_of(taken_by(shelf, line.variant_id, line.quantity) for line, *_ in others)
    names = {one.key: full_name(product, one) for one, product in all_goods}
    refusal = shortage(shelf, variant.key, quantity, beside=beside, names=names)
    if refusal is not None and (hers := await held_by_her(session, basket)):
        shelf = shelf.with_more(hers)
        refusal = shortage(shelf, variant.key, quantity, beside=beside, names=names)
    if refusal is not None:
        raise refusal


async def _rows_in(session: AsyncSession, basket: Basket) -> Sequence[Row]:
    if basket.version == 1:
        return []  # Just made: whatever is put in moves the version on.
    return (await session.exec(_ROWS, params={"basket_id": basket.key})).all()


async def take(session: AsyncSession, basket: Basket, variant_id: int, *, now: datetime) -> None:
    """Out of the basket again; harmless if it was not in there."""
    basket = await lock_basket(session, basket)
    await session.exec(
        delete(BasketLine).where(
            col(BasketLine.basket_id) == basket.key, col(BasketLine.variant_id) == variant_id
        )
    )
    await _touch(session, basket, now)


async def empty(session: AsyncSession, basket: Basket, *, now: datetime) -> None:
    """What was in there has been ordered."""
    await ask(session, _EMPTYING, {"basket_id": basket.key})
    await _touch(session, basket, now, code=None)


async def accept_prices(session: AsyncSession, basket: Basket, *, now: datetime) -> None:
    """Changed prices have been seen."""
    for line in await lines_in(session, basket):
        variant, _ = await get_variant(session, basket.shop_id, line.variant_id)
        line.seen_minor = variant.price_minor
        session.add(line)
    await _touch(session, basket, now)


async def use_code(session: AsyncSession, basket: Basket, code: str, *, now: datetime) -> Offer:
    """Put a coupon code on the basket, in place of another one. Whether the basket fits is said
    by `look_at`. Raises promotions' errors about codes; the basket then stays as it was."""
    customer = await customer_text(session, basket)
    offer = await find_offer(session, basket.shop_id, code, customer=customer, now=now)
    basket = await lock_basket(session, basket)
    await _touch(session, basket, now, code=offer.code)
    return offer


async def drop_code(session: AsyncSession, basket: Basket, *, now: datetime) -> None:
    basket = await lock_basket(session, basket)
    await _touch(session, basket, now, code=None)


async def _touch(session: AsyncSession, basket: Basket, now: datetime, **more: str | None) -> None:
    await change(session, basket, version=basket.version + 1, changed_at=now, **more)
