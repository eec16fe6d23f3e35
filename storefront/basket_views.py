"""A basket as it stands today: today's prices and stock, what has changed, what it costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import ShopError
from core.money import Money
from core.shops import Shop
from promotions.codes import AtHand, Offer, find_at_hand, offer_of
from promotions.pricing import Quote
from storefront.basket_items import BasketItem, items_in
from storefront.basket_quotes import free_from, quote_of
from storefront.baskets import customer_text
from storefront.models import Basket, Storefront
from storefront.notes import Note, code_note, note_of
from storefront.orders.models import Delivery
from storefront.storefronts import find_storefront


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
    items, unpaid = await items_in(session, basket)
    at_hand = await find_at_hand(session, shop.key, basket.code, now=now)
    offer, refusal = await _offer(session, basket, at_hand, email, now)
    quote = quote_of(
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
        free_from=free_from(window, shop, delivery),
        has_unpaid=unpaid,
    )


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
