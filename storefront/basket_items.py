"""The lines of a basket as they stand today: goods and stock, and what stands in the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import ShopError
from core.money import Money
from storefront.baskets import Row
from storefront.bundles import Parts, Shelf, shelf_of
from storefront.cards import UnitPrice, first_picture, unit_price
from storefront.errors import NotEnough, NotEnoughTogether, SoldOut
from storefront.models import Basket, BasketLine, Product, Variant
from storefront.naming import full_name
from storefront.notes import Note
from storefront.orders.finding import sum_of
from storefront.orders.holding import has_unpaid, held_by_her
from storefront.shortages import shortage, taken_by
from storefront.stock_moves import Wanted

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


async def items_in(session: AsyncSession, basket: Basket) -> tuple[list[BasketItem], bool]:
    """Its lines, and whether she has unpaid orders, which may hold what is missing here."""
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
