"""An order read as plain values, with what its variants cost today and cost then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.money import Money
from promotions.models import Deal
from storefront.cards import show_variants, unit_price
from storefront.changes.actions import Action, Add, Swap
from storefront.changes.order_states import LineState, OrderState, Ware
from storefront.errors import ProductUnknown
from storefront.models import Product, Variant
from storefront.naming import full_name
from storefront.orders.finding import lines_of
from storefront.orders.models import Order, OrderLine
from storefront.prices import histories
from storefront.storefronts import find_storefront


@dataclass(frozen=True, slots=True)
class Look:
    """All that a reckoning needs. `until`: how long agreed prices hold for more of the same."""

    state: OrderState
    wares: Mapping[int, Ware]
    lines: Sequence[OrderLine]
    until: datetime
    is_within_window: bool


async def look(
    session: AsyncSession, order: Order, actions: Iterable[Action], *, now: datetime
) -> Look:
    """Raises ProductUnknown for a new variant that is not on sale."""
    lines = await lines_of(session, order)
    window = await find_storefront(session, order.shop_id)
    until = order.placed_at + timedelta(days=window.agreed_price_days)
    wanted = {one.variant_id for one in actions if isinstance(one, Add | Swap)}
    return Look(
        state=await _state_of(session, order, lines),
        wares=await _wares(session, order, lines, wanted, now=now),
        lines=lines,
        until=until,
        is_within_window=now <= until,
    )


async def _state_of(session: AsyncSession, order: Order, lines: Sequence[OrderLine]) -> OrderState:
    deals = {line.deal_id for line in lines if line.deal_id is not None}
    query = select(Deal.id, Deal.percent).where(
        col(Deal.id).in_(deals), col(Deal.shop_id) == order.shop_id, col(Deal.kind) == "percent"
    )
    percents = dict((await session.exec(query)).all()) if deals else {}
    return OrderState(
        currency=order.currency,
        lines=tuple(_line(line, percents.get(line.deal_id) or 0) for line in lines),
        shipping_minor=order.shipping_minor,
        shipping_discount_minor=order.shipping_discount_minor,
        shipping_tax_bp=order.shipping_tax_bp,
        shipping_tax_minor=order.shipping_tax_minor,
        credited_minor=order.credited_minor,
    )


def _line(line: OrderLine, percent: int) -> LineState:
    return LineState(
        line_id=line.key, variant_id=line.variant_id, product_id=line.product_id, name=line.name,
        quantity=line.quantity, unit_minor=line.unit_minor, discount_minor=line.discount_minor,
        tax_bp=line.tax_bp, tax_minor=line.tax_minor, kept_minor=line.kept_minor,
        here=line.kept_shipped, came_back=line.returned, unit_text=line.unit_text, percent=percent,
        deal_id=line.deal_id, no_withdrawal=line.no_withdrawal,
    )  # fmt: skip


async def _wares(
    session: AsyncSession,
    order: Order,
    lines: Sequence[OrderLine],
    wanted: set[int],
    *,
    now: datetime,
) -> dict[int, Ware]:
    known = {line.variant_id for line in lines}
    query = (
        select(Variant, Product)
        .join(Product, col(Product.id) == col(Variant.product_id))
        .where(col(Variant.id).in_(known | wanted), col(Variant.shop_id) == order.shop_id)
    )
    rows = (await session.exec(query)).all()
    on_sale = {one.key for one, product in rows if _is_on_sale(one, product)}
    if not wanted <= known | on_sale:
        raise ProductUnknown()
    variants = [variant for variant, _ in rows]
    shown = await show_variants(
        session, order.shop_id, [product for _, product in rows], variants, now=now
    )
    today = {card.variant_id: card.price for cards in shown.values() for card in cards}
    past = await histories(session, sorted(known | wanted))
    return {
        variant.key: _ware(
            order, product, variant, today[variant.key], _price_at(past, variant, order.placed_at)
        )
        for variant, product in rows
    }


def _is_on_sale(variant: Variant, product: Product) -> bool:
    return product.state == "live" and variant.retired_at is None


def _price_at(
    past: Mapping[int, Sequence[tuple[datetime, Money]]], variant: Variant, at: datetime
) -> Money:
    """What was not there yet costs what it costs today."""
    before = [price for since, price in past.get(variant.key, []) if since <= at]
    return before[-1] if before else variant.price


def _ware(order: Order, product: Product, variant: Variant, today: Money, then: Money) -> Ware:
    unit = unit_price(today, product.content_unit, variant.content_thousandths)
    return Ware(
        variant_id=variant.key, product_id=product.key, name=full_name(product, variant),
        today_minor=today.minor, then_minor=then.minor,
        tax_bp=0 if order.small_business else product.tax_bp,
        unit_text=unit.text(order.locale) if unit else "", no_withdrawal=product.no_withdrawal,
    )  # fmt: skip
