"""Products as they are shown: with today's prices, the base price, and the coarse stock."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect
from sqlalchemy.orm import Mapped
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.money import Money, share
from storefront.bundles import Shelf, shelf_of
from storefront.models import Product, ProductPicture, StockState, Variant, stock_state
from storefront.prices import ShownPrice, histories, reductions, shown_price

_UNIT_NAMES = {"kg": "kg", "l": "l", "m": "m", "m2": "m²"}
_SUMMARY = 140


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """The base price (PAngV §4): per kilogram, litre, metre or square metre."""

    amount: Money
    unit: str

    def text(self, locale: str) -> str:
        return f"{self.amount.text(locale)}/{_UNIT_NAMES.get(self.unit, self.unit)}"


@dataclass(frozen=True, slots=True)
class VariantCard:
    """`left` is for our own eyes; in public only `stock` is shown. `contents` are pieces and names
    of what is in a bundle."""

    variant_id: int
    name: str
    price: Money
    was: Money | None
    unit: UnitPrice | None
    stock: StockState
    left: int
    contents: tuple[tuple[int, str], ...] = ()

    @property
    def lowest(self) -> Money | None:
        """The lowest price of the last 30 days: what stands struck through is that price."""
        return self.was


@dataclass(frozen=True, slots=True)
class ProductCard:
    """`price` is the lowest of the variants that can be had; `starting` if others cost more.
    `stock` is that of the variant there is most of."""

    product_id: int
    slug: str
    name: str
    summary: str
    picture: str | None
    alt: str
    price: Money
    was: Money | None
    starting: bool
    unit: UnitPrice | None
    stock: StockState
    variants: tuple[VariantCard, ...]

    @property
    def lowest(self) -> Money | None:
        return self.was


async def cards_of(
    session: AsyncSession, shop_id: int, products: Sequence[Product], *, now: datetime
) -> list[ProductCard]:
    """In the order given; products without anything to buy are left out."""
    ids = [product.key for product in products]
    variants = await offered_variants(session, ids)
    pictures = await first_pictures(session, ids)
    shown = await show_variants(session, shop_id, products, variants, now=now)
    return [
        _card(product, shown[product.key], pictures.get(product.key))
        for product in products
        if shown[product.key]
    ]


async def offered_variants(session: AsyncSession, product_ids: Sequence[int]) -> list[Variant]:
    query = (
        select(Variant)
        .where(col(Variant.product_id).in_(product_ids), col(Variant.retired_at).is_(None))
        .order_by(col(Variant.position), col(Variant.id))
    )
    return list((await session.exec(query)).all())


async def first_pictures(
    session: AsyncSession, product_ids: Sequence[int]
) -> dict[int, ProductPicture]:
    query = (
        select(ProductPicture)
        .where(col(ProductPicture.product_id).in_(product_ids))
        .order_by(col(ProductPicture.position).desc(), col(ProductPicture.id).desc())
    )
    return {picture.product_id: picture for picture in (await session.exec(query)).all()}


def first_picture(product_id: Mapped[int | None]) -> ScalarSelect[str]:
    """The digest of a product's first picture, as a column of a query about products."""
    return (
        select(ProductPicture.digest)
        .where(col(ProductPicture.product_id) == product_id)
        .order_by(col(ProductPicture.position), col(ProductPicture.id))
        .limit(1)
        .scalar_subquery()
    )


async def show_variants(
    session: AsyncSession,
    shop_id: int,
    products: Sequence[Product],
    variants: Sequence[Variant],
    *,
    now: datetime,
) -> defaultdict[int, list[VariantCard]]:
    """By product id."""
    cuts = await reductions(session, shop_id)
    # Without a reduction nothing is struck through, and the history need not be read.
    past = await histories(session, [one.key for one in variants]) if cuts else {}
    shelf = await shelf_of(session, variants)
    units = {product.key: product.content_unit for product in products}
    shown: defaultdict[int, list[VariantCard]] = defaultdict(list)
    for variant in variants:
        history = past.get(variant.key, [])
        price = shown_price(variant.price, variant.product_id, history, cuts, now=now)
        card = _show(variant, price, units[variant.product_id], shelf)
        shown[variant.product_id].append(card)
    return shown


def _show(variant: Variant, price: ShownPrice, content_unit: str, shelf: Shelf) -> VariantCard:
    return VariantCard(
        variant_id=variant.key,
        name=variant.name,
        price=price.now,
        was=price.was,
        unit=unit_price(price.now, content_unit, variant.content_thousandths),
        stock=stock_state(shelf.left(variant.key)),
        left=shelf.left(variant.key),
        contents=shelf.contents(variant.key),
    )


def unit_price(price: Money, content_unit: str, thousandths: int | None) -> UnitPrice | None:
    if not content_unit or not thousandths:
        return None
    return UnitPrice(share(price, 1000, thousandths), content_unit)


def _card(
    product: Product, variants: list[VariantCard], picture: ProductPicture | None
) -> ProductCard:
    had = [one for one in variants if one.stock != "sold_out"] or variants
    cheapest = min(had, key=lambda one: one.price.minor)
    return ProductCard(
        product_id=product.key,
        slug=product.slug,
        name=product.name,
        summary=summary_of(product.description),
        picture=picture.digest if picture else None,
        alt=picture.alt if picture else "",
        price=cheapest.price,
        was=cheapest.was,
        starting=any(cheapest.price < one.price for one in had),
        unit=cheapest.unit,
        stock=stock_state(max(one.left for one in variants)),
        variants=tuple(variants),
    )


def summary_of(description: str) -> str:
    """The first sentence or so, for lists and for chat."""
    text = " ".join(description.split())
    if len(text) <= _SUMMARY:
        return text
    return text[: _SUMMARY - 1].rsplit(" ", 1)[0].rstrip(" ,;:.-–") + "…"
