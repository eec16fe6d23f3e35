"""Placing an order: everything is frozen, the stock is taken, or nothing has happened."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import InvalidForm
from core.events import record
from core.money import Money
from core.shops import Shop
from payments.amounts import check_payable
from payments.payables import expect
from promotions.redemptions import reserve
from storefront.basket_filling import empty
from storefront.basket_views import BasketView, look_at
from storefront.baskets import customer_text, lock_basket
from storefront.errors import BasketChanged, BasketEmpty, TotalChanged
from storefront.events import OrderPlaced
from storefront.forms import OrderForm
from storefront.models import Basket, Storefront
from storefront.orders.finding import lines_of, pieces_of
from storefront.orders.freezing import freeze_lines, freeze_order
from storefront.orders.holding import lock_hers, note_moved, put_aside
from storefront.orders.models import Order, OrderLine
from storefront.orders.numbering import give_number, number_can_wait
from storefront.orders.paying import confirm
from storefront.orders.states import note_placed
from storefront.references import reference_of
from storefront.shipping.days import check_day
from storefront.shipping.reviews import agree, review_link


@dataclass(frozen=True, slots=True)
class Placed:
    order: Order
    lines: list[OrderLine]


async def place(
    session: AsyncSession,
    shop: Shop,
    basket: Basket,
    form: OrderForm,
    *,
    now: datetime,
    window: Storefront | None = None,
) -> Placed:
    """The order for what the form's page showed. The same form sent twice is the same order.
    `window`: if the caller knows it already. The lines are to be read: no session knows them.

    Raises BasketEmpty, BasketChanged, TotalChanged, SoldOut, NotEnough, InvalidForm,
    payments' AmountTooSmall or AmountNotPayable, or promotions' errors about the code; then
    nothing has changed.
    """
    basket = await lock_basket(session, basket)
    if basket.version != form.basket_version:
        placed = await _placed_already(session, basket, form.basket_version)
        if placed is not None:
            return Placed(placed, await lines_of(session, placed))
    # Whether the code may be used by this person is for `reserve` to say, behind its lock.
    view = await look_at(session, shop, basket, now=now, delivery=form.delivery, window=window)
    _check(shop, view, form, now=now)
    hers = await lock_hers(session, basket) if view.has_unpaid else []
    order = await freeze_order(session, shop, view, form, now=now)
    lines = await freeze_lines(session, order, view)
    wanted = pieces_of(lines)
    gave_up: list[Order] = []
    if order.hold == "held":
        gave_up = await put_aside(session, order, wanted, hers, now=now)
    if form.review_wanted and await review_link(session, view.storefront) is not None:
        await agree(session, order, now=now)
    await note_placed(session, order, now=now)
    await empty(session, basket, now=now)
    record(
        session,
        OrderPlaced(shop.key, order.key, order.customer_id, order.total_minor, order.currency),
    )
    if order.total_minor > 0:
        await expect(session, order.shop_id, reference_of(order.key), order.total, now=now)
    # Last of all what others wait for: everybody's code, and the number.
    await _reserve_code(session, order, view, now=now)
    if number_can_wait(session):
        await give_number(session, order)
    note_moved(session, gave_up, order, now=now)
    if order.total_minor == 0:
        await confirm(session, order, wanted, now=now)
    return Placed(order, lines)


async def _placed_already(session: AsyncSession, basket: Basket, version: int) -> Order | None:
    query = select(Order).where(
        col(Order.basket_id) == basket.key, col(Order.basket_version) == version
    )
    return (await session.exec(query)).first()


def _check(shop: Shop, view: BasketView, form: OrderForm, *, now: datetime) -> None:
    if view.is_empty:
        raise BasketEmpty()
    if view.basket.version != form.basket_version or view.problems:
        raise BasketChanged()
    _check_delivery(view.storefront, form)
    check_day(view.storefront, shop, form.wish_date, now=now)
    seen = form.total_minor
    if seen is not None and seen != view.quote.total.minor:
        raise TotalChanged(former=Money(seen, shop.currency), total=view.quote.total)
    if view.quote.total:
        # An order that nobody can pay would only keep the goods from everybody else.
        check_payable(view.quote.total, form.locale)


def _check_delivery(window: Storefront, form: OrderForm) -> None:
    if form.delivery == "pickup" and not window.pickup_offered:
        raise InvalidForm({"delivery": "Picking up is not possible in this shop."})
    if form.delivery == "delivery" and form.country not in window.delivery_countries:
        raise InvalidForm({"country": "We do not deliver to this country."})


async def _reserve_code(
    session: AsyncSession, order: Order, view: BasketView, *, now: datetime
) -> None:
    """Only a code that lowers the price is used up."""
    if order.code_id is None:
        return
    customer = await customer_text(session, view.basket, order.email)
    await reserve(
        session, order.shop_id, order.code_id, reference_of(order.key), customer or order.email,
        now=now,
    )  # fmt: skip
