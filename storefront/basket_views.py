"""A basket as it stands today: today's prices and stock, what has changed, what it costs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import ShopError
from core.money import Money, zero
from core.shops import Shop
from promotions.codes import AtHand, Offer, find_at_hand, offer_of
from promotions.pricing import PriceLine, Quote, price
from promotions.rules import Rule
from storefront.baskets import Row, customer_text
from storefront.bundles import Parts, Shelf, shelf_of
from storefront.cards import UnitPrice, first_picture, unit_price
from storefront.errors import NotEnough, NotEnoughTogether, SoldOut
from storefront.models import (
    Basket,
    BasketLine,
    Product,
    Storefront,
    Variant,
)
from storefront.naming import full_name
from storefront.notes import Note, code_note, note_of
from storefront.orders.finding import sum_of
from storefront.orders.holding import has_unpaid, held_by_her
from storefront.orders.models import Delivery
from storefront.shortages import shortage, taken_by
from storefront.stock_moves import Wanted
from storefront.storefronts import find_storefront

# Made once: to put a statement together costs as much as to run it.
_ITEMS: Any = (
    select(BasketLine, Variant, Product, first_picture(col(Product.id)))
    .add_columns(has_unpaid())
    .join(Variant, col(Variant.id) == col(BasketLine.variant_id))
    .join(Product, col(Product.id) == col(Variant.product_id))
    .where(col(BasketLine.basket_id) == bindparam("basket_id"))
    .order_by(col(BasketLine.id))
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class BasketItem:
    """`problem` says why this line cannot be ordered as it is; `left` is how many there are;
    `parts` is what one of a bundle is made of."""

    variant: Variant
    product: Product
    name: str
    quantity: int
    picture: str | None
    unit: UnitPrice | None
    left: int
    gross: Money
    parts: Parts = field(default_factory=dict)
    problem: Note | None = None
    seen: Money | None = None


@dataclass(frozen=True, slots=True)
class BasketView:
    """What pages, bot and order all look at. `notes`: what changed since it was put together;
    `has_unpaid`: the buyer has placed orders that still wait for their money.

    Lines with a problem are not in the quote, and nothing is ordered while there is one.
    """

    basket: Basket
    storefront: Storefront
    items: tuple[BasketItem, ...]
    quote: Quote
    delivery: Delivery
    notes: tuple[Note, ...]
    code: str | None
    code_says: Note | None
    offer: Offer | None
    free_from: Money | None
    has_unpaid: bool

    @property
    def is_empty(self) -> bool:
        return not self.items

    @property
    def problems(self) -> tuple[Note, ...]:
        return tuple(item.problem for item in self.items if item.problem is not None)

    @property
    def can_be_ordered(self) -> bool:
        return bool(self.items) and not self.problems

    @property
    def pieces(self) -> int:
        return sum(item.quantity for item in self.items)


async def look_at(
    session: AsyncSession,
    shop: Shop,
    basket: Basket,
    *,
    now: datetime,
    delivery: Delivery = "delivery",
    email: str = "",
    window: Storefront | None = None,
) -> BasketView:
    """`email` is whose limits on codes count when the basket's customer is not known; `window` is
    the shop's, if the caller knows it already."""
    window = window or await find_storefront(session, shop.key)
    items, unpaid = await _items(session, basket)
    at_hand = await find_at_hand(session, shop.key, basket.code, now=now)
    offer, refusal = await _offer(session, basket, at_hand, email, now)
    quote = _quote(
        shop, window, items, [*at_hand.rules, *([offer.rule] if offer else [])], delivery
    )
    said = next((code_note(offer.code, one) for one in quote.decisions
                 if offer and one.rule is offer.rule), refusal)  # fmt: skip
    return BasketView(
        basket=basket,
        storefront=window,
        items=tuple(items),
        quote=quote,
        delivery=delivery,
        notes=tuple(_changes(items)),
        code=basket.code,
        code_says=said,
        offer=offer,
        free_from=_free_from(window, shop, delivery),
        has_unpaid=unpaid,
    )


async def quote(
    session: AsyncSession,
    shop: Shop,
    basket: Basket,
    *,
    now: datetime,
    delivery: Delivery = "delivery",
) -> Quote:
    return (await look_at(session, shop, basket, now=now, delivery=delivery)).quote


async def _items(session: AsyncSession, basket: Basket) -> tuple[list[BasketItem], bool]:
    """And whether she has unpaid orders, which may hold what is missing here."""
    which = {
        "basket_id": basket.key, "shop_id": basket.shop_id, "customer_id": basket.customer_id,
    }  # fmt: skip
    found = (await session.exec(_ITEMS, params=which)).all()
    rows = [(line, variant, product) for line, variant, product, *_ in found]
    unpaid = any(row[-1] for row in found)
    shelf = await shelf_of(session, [variant for _, variant, _ in rows])
    problems = _problems(rows, shelf)
    if problems and unpaid and (hers := await held_by_her(session, basket)):
        shelf = shelf.with_more(hers)
        problems = _problems(rows, shelf)
    items = [
        _item((line, variant, product), picture, shelf, problems.get(variant.key))
        for line, variant, product, picture, _ in found
    ]
    return items, unpaid


def _item(row: Row, picture: str | None, shelf: Shelf, problem: Note | None) -> BasketItem:
    line, variant, product = row
    changed = line.seen_minor != variant.price_minor
    return BasketItem(
        variant=variant,
        product=product,
        name=full_name(product, variant),
        quantity=line.quantity,
        picture=picture,
        unit=unit_price(variant.price, product.content_unit, variant.content_thousandths),
        left=shelf.left(variant.key),
        gross=variant.price * line.quantity,
        parts=shelf.parts.get(variant.key, {}),
        problem=problem,
        seen=Money(line.seen_minor, variant.currency) if changed else None,
    )


def _problems(rows: Sequence[Row], shelf: Shelf) -> dict[int, Note]:
    """By variant. Lines are served in the order in which they came into the basket: what is left
    for a line is what those before it leave."""
    names = {variant.key: full_name(product, variant) for _, variant, product in rows}
    found: dict[int, Note] = {}
    beside: Wanted = {}
    for line, variant, product in rows:
        if product.state != "live" or variant.retired_at is not None:
            found[variant.key] = Note(_GONE, "error", {"name": names[variant.key]})
            continue
        refusal = shortage(shelf, variant.key, line.quantity, beside=beside, names=names)
        if refusal is None:
            beside = sum_of([beside, taken_by(shelf, variant.key, line.quantity)])
        else:
            found[variant.key] = Note(_SAID[type(refusal)], "error", dict(refusal.details))
    return found


_GONE = "%(name)s is not on sale any more. Please take it out."
_SAID: dict[type[ShopError], str] = {
    SoldOut: "%(name)s has been sold out in the meantime. Please take it out.",
    NotEnough: "Only %(left)s of %(name)s are left. Please choose fewer.",
    NotEnoughTogether: (
        "Only %(left)s of %(name)s are left, and your basket needs %(needed)s altogether. "
        "Please choose fewer."
    ),
}


def _changes(items: Sequence[BasketItem]) -> list[Note]:
    return [
        Note("The price of %(name)s has changed from %(former)s to %(price)s.", "warning",
             {"name": item.name, "former": item.seen, "price": item.variant.price})
        for item in items
        if item.seen is not None and item.problem is None
    ]  # fmt: skip


async def _offer(
    session: AsyncSession, basket: Basket, at_hand: AtHand, email: str, now: datetime
) -> tuple[Offer | None, Note | None]:
    if basket.code is None:
        return None, None
    customer = await customer_text(session, basket, email)
    try:
        found = await offer_of(session, at_hand, basket.code, customer=customer, now=now)
    except ShopError as error:
        return None, note_of(error)
    return found, None


def _quote(
    shop: Shop,
    window: Storefront,
    items: Sequence[BasketItem],
    rules: Sequence[Rule],
    delivery: Delivery,
) -> Quote:
    lines = [
        PriceLine(
            variant_id=item.variant.key, product_id=item.product.key, quantity=item.quantity,
            unit=item.variant.price,
            tax_bp=0 if window.small_business else item.product.tax_bp,
        )
        for item in items
        if item.problem is None
    ]  # fmt: skip
    goods = sum(line.gross.minor for line in lines)
    tax_bp = 0 if window.small_business else window.shipping_tax_bp
    shipping = _shipping(shop, window, goods, delivery)
    return price(lines, shipping=shipping, shipping_tax_bp=tax_bp, rules=rules)


def _shipping(shop: Shop, window: Storefront, goods_minor: int, delivery: Delivery) -> Money:
    """The goods count at their full price, as they do for a deal's minimum."""
    threshold = window.free_shipping_from_minor
    is_free = threshold is not None and goods_minor >= threshold
    if delivery == "pickup" or goods_minor == 0 or is_free:
        return zero(shop.currency)
    return Money(window.shipping_fee_minor, shop.currency)


def _free_from(window: Storefront, shop: Shop, delivery: Delivery) -> Money | None:
    if delivery == "pickup" or window.free_shipping_from_minor is None:
        return None
    return Money(window.free_shipping_from_minor, shop.currency)
