"""What unpaid orders have put aside. A buyer's own orders never stand in her way: what one of
them holds goes over to the one she places or pays next."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, bindparam, exists, false, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storefront import stock
from storefront.errors import NotEnough, OrderUnknown, ProductUnknown, SoldOut
from storefront.models import Basket, Product, Storefront
from storefront.orders.finding import lines_by_order, lines_of, pieces_of, sum_of
from storefront.orders.models import Order
from storefront.orders.states import note
from storefront.references import reference_of
from storefront.stock_moves import Wanted

Gone = (SoldOut, NotEnough, ProductUnknown)


async def held_by_her(session: AsyncSession, basket: Basket) -> Wanted:
    """What the unpaid orders of this basket's buyer have put aside."""
    hers = _unpaid(basket.shop_id, basket.id, basket.customer_id)
    query = select(Order).where(hers, col(Order.hold) == "held", col(Order.processing_at).is_(None))
    orders = (await session.exec(query)).all()
    lines = await lines_by_order(session, orders) if orders else {}
    return sum_of(pieces_of(each) for each in lines.values())


def has_unpaid() -> ColumnElement[bool]:
    """To be asked along with something else, of :shop_id, :basket_id and :customer_id: most buyers
    have no other order."""
    whose = _unpaid(
        *(bindparam(one, type_=Integer) for one in ("shop_id", "basket_id", "customer_id"))
    )
    return exists().where(whose)


async def lock_hers(session: AsyncSession, basket: Basket) -> list[Order]:
    """The unpaid orders of this basket's buyer, locked by their ids."""
    return await _lock(session, _unpaid(basket.shop_id, basket.id, basket.customer_id))


async def lock_with_hers(
    session: AsyncSession, shop_id: int, order_id: int
) -> tuple[Order, list[Order]]:
    """An order and the other unpaid ones of its buyer. Locked together and by their ids: two
    payments for two of them would wait for each other otherwise. Raises OrderUnknown."""
    itself = (col(Order.id) == order_id) & (col(Order.shop_id) == shop_id)
    one = aliased(Order)
    basket_id, customer_id = (
        select(column).where(one.id == order_id, one.shop_id == shop_id).scalar_subquery()
        for column in (one.basket_id, one.customer_id)
    )
    orders = await _lock(session, itself | _unpaid(shop_id, basket_id, customer_id))
    order = next((each for each in orders if each.key == order_id), None)
    if order is None:
        raise OrderUnknown()
    return order, [each for each in orders if each is not order]


def _unpaid(shop_id: Any, basket_id: Any, customer_id: Any) -> ColumnElement[bool]:
    """The same visit, or the same customer, whatever channel they came through. The ids, or
    queries for them: what is unknown is nobody's."""
    whose = []
    if basket_id is not None:
        whose.append(col(Order.basket_id) == basket_id)
    if customer_id is not None:
        whose.append(col(Order.customer_id) == customer_id)
    if not whose:
        return false()
    return and_(col(Order.shop_id) == shop_id, col(Order.state) == "placed", or_(*whose))


async def _lock(session: AsyncSession, which: ColumnElement[bool]) -> list[Order]:
    query = select(Order).where(which).order_by(col(Order.id)).with_for_update(key_share=True)
    return list((await session.exec(query.execution_options(populate_existing=True))).all())


def is_held(window: Storefront, products: Sequence[Product]) -> bool:
    """One thing in it that goes to whoever pays first, and nothing of the order is put aside: a
    part of an order is of no use to anybody."""
    return all((one.hold_policy or window.hold_policy) == "hold" for one in products)


async def put_aside(
    session: AsyncSession, order: Order, wanted: Wanted, hers: Sequence[Order], *,
    now: datetime,
) -> list[Order]:  # fmt: skip
    """Those of hers that gave up what they held, for `note_moved`.

    Raises SoldOut, NotEnough or ProductUnknown, and then nothing of hers has moved either if the
    caller's transaction or savepoint ends by it.
    """
    sources = await _sources(session, wanted, hers)
    if sources:
        everything = sum_of([wanted, *(pieces for _, pieces in sources)])
        await stock.lock(session, order.shop_id, everything)
    moved: list[tuple[Order, Wanted]] = []
    while not await _try(session, order, wanted, is_last=not sources, now=now):
        other, pieces = sources.pop(0)
        await stock.release(session, order.shop_id, pieces, reference_of(other.key), now=now)
        moved.append((other, pieces))
    # Set to what it is, it would be written once more.
    if order.hold != "held":
        order.hold = "held"
    return [other for other, pieces in moved if await _gives_up(session, other, pieces, now=now)]


async def _sources(
    session: AsyncSession, wanted: Wanted, hers: Sequence[Order]
) -> list[tuple[Order, Wanted]]:
    """Her orders that hold some of it, the oldest first. What a bank is already paying for is
    left alone."""
    able = [one for one in hers if one.hold == "held" and one.processing_at is None]
    lines = await lines_by_order(session, able) if able else {}
    held = [(one, pieces_of(lines[one.key])) for one in able]
    return [(one, pieces) for one, pieces in held if pieces.keys() & wanted.keys()]


async def _try(
    session: AsyncSession, order: Order, wanted: Wanted, *, is_last: bool, now: datetime
) -> bool:
    """The last try says why it cannot be."""
    if is_last:
        await _hold(session, order, wanted, now=now)
        return True
    return await _in_savepoint(session, lambda: _hold(session, order, wanted, now=now))


async def _hold(session: AsyncSession, order: Order, wanted: Wanted, *, now: datetime) -> None:
    await stock.hold(session, order.shop_id, wanted, reference_of(order.key), now=now)


async def _in_savepoint(session: AsyncSession, does: Callable[[], Awaitable[None]]) -> bool:
    try:
        async with session.begin_nested():
            await does()
    except Gone:
        return False
    return True


async def _gives_up(session: AsyncSession, other: Order, pieces: Wanted, *, now: datetime) -> bool:
    """It keeps what it had if there is enough for both after all."""
    if await _in_savepoint(session, lambda: _hold(session, other, pieces, now=now)):
        return False
    other.hold = "moved"
    return True


def note_moved(
    session: AsyncSession, gave_up: Sequence[Order], to: Order, *, now: datetime
) -> None:
    """To be called when `to` has its number, which it may get last."""
    for other in gave_up:
        note(session, other, "hold_moved", by="system", detail=str(to.number), now=now)


async def secure(
    session: AsyncSession, order: Order, wanted: Wanted, hers: Sequence[Order], *,
    now: datetime,
) -> bool:  # fmt: skip
    """The money is here: are the goods? False where they are gone, and then nothing has moved."""
    if order.state == "placed" and order.hold == "held":
        return True
    if order.state not in ("placed", "expired"):
        return False

    async def take() -> None:
        gave_up = await put_aside(session, order, wanted, hers, now=now)
        note_moved(session, gave_up, order, now=now)

    return await _in_savepoint(session, take)


async def let_go(
    session: AsyncSession, order: Order, hers: Sequence[Order], *, now: datetime
) -> None:
    """An unpaid order came to nothing. What it had is put aside again for those orders of hers
    that gave it up, before anybody else gets it."""
    if order.hold != "held":
        return
    waiting = [one for one in hers if one.hold == "moved" and one.expires_at > now]
    lines = await lines_by_order(session, [order, *waiting])
    pieces = {key: pieces_of(each) for key, each in lines.items()}
    if waiting:
        await stock.lock(session, order.shop_id, sum_of(pieces.values()))
    await stock.release(
        session, order.shop_id, pieces[order.key], reference_of(order.key), now=now
    )  # fmt: skip
    for other in waiting:
        await _hold_again(session, other, pieces[other.key], now=now)


async def _hold_again(
    session: AsyncSession, order: Order, wanted: Wanted, *, now: datetime
) -> None:
    if await _in_savepoint(session, lambda: _hold(session, order, wanted, now=now)):
        order.hold = "held"
        note(session, order, "hold_back", by="system", now=now)


async def holder_of(session: AsyncSession, order: Order) -> Order | None:
    """The order of hers that has put aside what this one gave up."""
    hers = _unpaid(order.shop_id, order.basket_id, order.customer_id)
    query = select(Order).where(hers, col(Order.hold) == "held", col(Order.id) != order.key)
    wanted = pieces_of(await lines_of(session, order))
    sources = await _sources(session, wanted, (await session.exec(query)).all())
    return sources[-1][0] if sources else None
