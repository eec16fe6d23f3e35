"""An order and its lines, frozen as they were shown: prices, names and rates of that moment."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from core.rows import write, write_all
from core.shops import Shop
from storefront.basket_items import BasketItem
from storefront.basket_views import BasketView
from storefront.forms import OrderForm
from storefront.orders.holding import is_held
from storefront.orders.models import Order, OrderHold, OrderLine
from storefront.orders.numbering import next_number, none_yet, number_can_wait


async def freeze_order(
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


async def freeze_lines(session: AsyncSession, order: Order, view: BasketView) -> list[OrderLine]:
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
