"""What is on sale: listed, searched, looked at. The same for pages and for the bot."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import col, exists, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.cards import ProductCard, cards_of
from storefront.errors import ProductUnknown
from storefront.models import Product, ProductPicture, Variant
from storefront.searching import rank

# Made once: to put a statement together costs as much as to run it.
_TO_BE_HAD = (
    select(Variant, Product)
    .join(Product)
    .where(
        col(Variant.id) == bindparam("variant_id"),
        col(Variant.shop_id) == bindparam("shop_id"),
        col(Variant.retired_at).is_(None),
        col(Product.state) == "live",
    )
)


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product with everything its page shows."""

    card: ProductCard
    product: Product
    pictures: tuple[ProductPicture, ...]


async def list_products(
    session: AsyncSession, shop_id: int, *, now: datetime, limit: int = 24, offset: int = 0
) -> list[ProductCard]:
    query = (
        select(Product)
        .where(*_on_sale(shop_id))
        .order_by(col(Product.position), col(Product.id))
        .limit(limit)
        .offset(offset)
    )
    return await cards_of(session, shop_id, (await session.exec(query)).all(), now=now)


async def count_products(session: AsyncSession, shop_id: int) -> int:
    query = select(func.count()).select_from(Product).where(*_on_sale(shop_id))
    return (await session.exec(query)).one()


def _on_sale(shop_id: int) -> tuple[ColumnElement[bool], ...]:
    something = exists().where(
        col(Variant.product_id) == col(Product.id), col(Variant.retired_at).is_(None)
    )
    return (col(Product.shop_id) == shop_id, col(Product.state) == "live", something)


async def search(
    session: AsyncSession, shop_id: int, text: str, *, limit: int = 12, now: datetime
) -> list[ProductCard]:
    """Best first; what is sold out comes last. Nothing found is an empty list."""
    ids = await rank(session, shop_id, text)
    cards = await cards_by_id(session, shop_id, ids[: 2 * limit], now=now)
    return sorted(cards, key=lambda card: card.stock == "sold_out")[:limit]


async def cards_by_id(
    session: AsyncSession, shop_id: int, product_ids: list[int], *, now: datetime
) -> list[ProductCard]:
    """In the order of the ids; what is not on sale is left out."""
    query = select(Product).where(*_on_sale(shop_id), col(Product.id).in_(product_ids))
    found = {product.key: product for product in (await session.exec(query)).all()}
    products = [found[one] for one in product_ids if one in found]
    return await cards_of(session, shop_id, products, now=now)


async def get_card(
    session: AsyncSession, shop_id: int, product_id: int, *, now: datetime
) -> ProductCard:
    """Raises ProductUnknown, also for what is not on sale."""
    cards = await cards_by_id(session, shop_id, [product_id], now=now)
    if not cards:
        raise ProductUnknown()
    return cards[0]


async def find_product(
    session: AsyncSession, shop_id: int, slug: str, *, now: datetime
) -> ProductView:
    """Raises ProductUnknown, also for what is not on sale."""
    query = select(Product).where(*_on_sale(shop_id), col(Product.slug) == slug)
    product = (await session.exec(query)).first()
    if product is None:
        raise ProductUnknown()
    [card] = await cards_of(session, shop_id, [product], now=now)
    return ProductView(card, product, tuple(await pictures_of(session, product)))


async def pictures_of(session: AsyncSession, product: Product) -> list[ProductPicture]:
    query = (
        select(ProductPicture)
        .where(col(ProductPicture.product_id) == product.key)
        .order_by(col(ProductPicture.position), col(ProductPicture.id))
    )
    return list((await session.exec(query)).all())


async def get_variant(
    session: AsyncSession, shop_id: int, variant_id: int
) -> tuple[Variant, Product]:
    """Raises ProductUnknown, also for what is not on sale."""
    which = {"variant_id": variant_id, "shop_id": shop_id}
    found = (await session.exec(_TO_BE_HAD, params=which)).first()
    if found is None:
        raise ProductUnknown()
    return found
