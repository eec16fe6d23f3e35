"""Placing an order: everything is frozen, the stock is taken, or nothing has happened."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import InvalidForm
from core.events import record
from core.money import Money
from core.rows import write, write_all
from core.shops import Shop
from payments.amounts import check_payable
from payments.payables import expect
from promotions.redemptions import reserve
from storefront.basket_views import BasketItem, BasketView, look_at
from storefront.baskets import customer_text, empty, lock_basket
from storefront.errors import BasketChanged, BasketEmpty, TotalChanged
from storefront.events import OrderPlaced
from storefront.forms import OrderForm
from storefront.models import Basket, Storefront
from storefront.orders.finding import lines_of, pieces_of
from storefront.orders.holding import is_held, lock_hers, note_moved, put_aside
from storefront.orders.models import Order, OrderHold, OrderLine
from storefront.orders.numbering import give_number, next_number, none_yet, number_can_wait
from storefront.orders.paying import confirm
from storefront.orders.states import note
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
) -> Order:
    """As `place_lines`, for those who need the order alone."""
    return (await place_lines(session, shop, basket, form, now=now, window=window)).order


async def place_lines(
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
    order = await _write(session, shop, view, form, now=now)
    lines = await _write_lines(session, order, view)
    wanted = pieces_of(lines)
    gave_up: list[Order] = []
    if order.hold == "held":
        gave_up = await put_aside(session, order, wanted, hers, now=now)
    if form.review_wanted and await review_link(session, view.storefront) is not None:
        await agree(session, order, now=now)
    note(session, order, "placed", by="customer", now=now)
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


async def _write(
    session: AsyncSession,
    shop: Shop,
    view: BasketView,
    form: OrderForm,
    *,
    now: datetime,
) -> Order:
    quote, window = view.quote, view.storefront
    number_waits = number_can_wait(session)
    redeemed = view.offer if view.offer and view.offer.code_id in quote.code_ids else None
    order = Order(
        shop_id=shop.key,
        number=none_yet(view.basket) if number_waits else await next_number(session, shop.key),
        token=secrets.token_urlsafe(24),
        customer_id=view.basket.customer_id,
        basket_id=view.basket.key,
        basket_version=view.basket.version,
        currency=shop.currency,
        goods_minor=quote.goods.minor,
        discount_minor=quote.discount.minor,
        shipping_minor=quote.shipping.minor,
        shipping_discount_minor=quote.shipping_discount.minor,
        shipping_tax_bp=0 if window.small_business else window.shipping_tax_bp,
        shipping_tax_minor=quote.shipping_tax.minor,
        total_minor=quote.total.minor,
        tax_minor=sum(tax.amount.minor for tax in quote.tax_by_rate.values()),
        small_business=window.small_business,
        code=redeemed.code if redeemed else None,
        code_id=redeemed.code_id if redeemed else None,
        hold=_hold_for(view),
        placed_at=now,
        expires_at=now + timedelta(minutes=window.hold_minutes),
        **_from_form(form),
    )
    return await write(session, order)


def _hold_for(view: BasketView) -> OrderHold:
    """What costs nothing is paid at once, so it is put aside whatever the shop's way is."""
    is_free = view.quote.total.minor == 0
    products = [item.product for item in view.items]
    return "held" if is_free or is_held(view.storefront, products) else "none"


def _from_form(form: OrderForm) -> dict[str, Any]:
    told = form.model_dump(exclude={"basket_version", "total_minor", "review_wanted"})
    told["email"] = str(form.email).lower()
    if form.delivery == "pickup":
        told |= dict.fromkeys(("street", "postcode", "town", "country", "recipient"), "")
    return told


async def _write_lines(session: AsyncSession, order: Order, view: BasketView) -> list[OrderLine]:
    items: dict[int, BasketItem] = {item.variant.key: item for item in view.items}
    lines = [
        OrderLine(
            shop_id=order.shop_id,
            order_id=order.key,
            variant_id=quoted.variant_id,
            product_id=quoted.product_id,
            name=items[quoted.variant_id].name,
            picture_digest=items[quoted.variant_id].picture,
            unit_text=_unit_text(items[quoted.variant_id], order.locale),
            quantity=quoted.quantity,
            unit_minor=quoted.unit.minor,
            discount_minor=quoted.discount.minor,
            total_minor=quoted.total.minor,
            tax_bp=quoted.tax_bp,
            tax_minor=quoted.tax.minor,
            deal_id=quoted.deal_id,
            parts={str(part): each for part, each in items[quoted.variant_id].parts.items()},
            no_withdrawal=items[quoted.variant_id].product.no_withdrawal,
        )
        for quoted in view.quote.lines
    ]
    await write_all(session, lines)
    return lines


def _unit_text(item: BasketItem, locale: str) -> str:
    return item.unit.text(locale) if item.unit else ""


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
