"""Products: written, edited, put on sale, taken off it again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.errors import InvalidForm
from core.events import record
from storefront.catalogue import pictures_of
from storefront.errors import ProductIsPart, ProductUnknown, ProductWasSold
from storefront.events import ProductChanged
from storefront.models import (
    BasketLine,
    OrderLine,
    PriceChange,
    Product,
    ProductPicture,
    ProductState,
    ProductWord,
    StockMovement,
    Variant,
    VariantPart,
)
from storefront.searching import index_product
from storefront.storefronts import catalogue_changed, tell_once
from storefront.words import words


async def create_product(
    session: AsyncSession, shop_id: int, name: str, *, now: datetime, **values: Any
) -> Product:
    """A draft; `values` are columns of `Product`, checked by the form they come from."""
    query = select(func.max(Product.position)).where(col(Product.shop_id) == shop_id)
    last = (await session.exec(query)).one() or 0
    product = Product(
        shop_id=shop_id, name=name, slug=await _free_slug(session, shop_id, name),
        position=last + 1, created_at=now, changed_at=now, **values,
    )  # fmt: skip
    session.add(product)
    await session.flush()
    await product_changed(session, product, now=now)
    return product


async def _free_slug(session: AsyncSession, shop_id: int, name: str) -> str:
    """Addresses that were given stay; a second product of the same name gets a number."""
    slug = "-".join(words(name))[:70].strip("-") or "p"
    query = select(Product.slug).where(
        col(Product.shop_id) == shop_id, col(Product.slug).startswith(slug, autoescape=True)
    )
    taken = set((await session.exec(query)).all())
    tries = [slug, *(f"{slug}-{number}" for number in range(2, len(taken) + 3))]
    return next(one for one in tries if one not in taken)


async def get_product(session: AsyncSession, shop_id: int, product_id: int) -> Product:
    """In whatever state: for the counter. Raises ProductUnknown."""
    product = await session.get(Product, product_id)
    if product is None or product.shop_id != shop_id:
        raise ProductUnknown()
    return product


async def edit_product(
    session: AsyncSession,
    shop_id: int,
    product_id: int,
    values: Mapping[str, Any],
    *,
    now: datetime,
) -> Product:
    product = await get_product(session, shop_id, product_id)
    product.sqlmodel_update(dict(values))
    session.add(product)
    await product_changed(session, product, now=now)
    return product


async def set_state(
    session: AsyncSession, shop_id: int, product_id: int, state: ProductState, *, now: datetime
) -> Product:
    """Raises InvalidForm with what is missing before this can go on sale."""
    product = await get_product(session, shop_id, product_id)
    missing = await missing_for_sale(session, product) if state == "live" else {}
    if missing:
        raise InvalidForm(missing)
    product.state = state
    session.add(product)
    await product_changed(session, product, now=now)
    return product


async def missing_for_sale(session: AsyncSession, product: Product) -> dict[str, str]:
    """What must be there: something to buy, and words for every picture (WCAG 1.1.1)."""
    missing: dict[str, str] = {}
    variants = [one for one in await variants_of(session, product) if one.retired_at is None]
    if not variants:
        missing["variants"] = "Add at least one variant with a price."
    if any(not picture.alt.strip() for picture in await pictures_of(session, product)):
        missing["pictures"] = "Describe every picture in a few words, for those who cannot see it."
    without = [one for one in variants if product.content_unit and not one.content_thousandths]
    if without:
        missing["content"] = "Say how much each variant contains: the base price needs it."
    return missing


def advice_for(product: Product) -> list[str]:
    """What the law may want beside the offer, and is not there (GPSR)."""
    if product.safety_exempt or product.producer.strip():
        return []
    return [
        "The maker's name, postal and e-mail address are missing. For most goods they must stand "
        "in the offer itself (Product Safety Regulation); living plants, food and antiques are "
        "exempt."
    ]


async def variants_of(session: AsyncSession, product: Product) -> list[Variant]:
    query = (
        select(Variant)
        .where(col(Variant.product_id) == product.key)
        .order_by(col(Variant.retired_at).is_not(None), col(Variant.position), col(Variant.id))
        .execution_options(populate_existing=True)
    )
    return list((await session.exec(query)).all())


async def product_changed(session: AsyncSession, product: Product, *, now: datetime) -> None:
    """Call after every change: search index, public pages and listeners follow."""
    product.changed_at = now
    session.add(product)
    await session.flush()
    await index_product(session, product, await variants_of(session, product))
    catalogue_changed(session, product.shop_id)
    tell_once(session, ProductChanged(product.shop_id, product.key))


async def delete_product(session: AsyncSession, shop_id: int, product_id: int) -> None:
    """Raises ProductWasSold: what stands in an order stays, also as part of a bundle. Raises
    ProductIsPart for what is in a bundle of today."""
    product = await get_product(session, shop_id, product_id)
    sold = select(OrderLine.id).where(col(OrderLine.product_id) == product_id).limit(1)
    if (await session.exec(sold)).first() is not None:
        raise ProductWasSold()
    variants = select(Variant.id).where(col(Variant.product_id) == product_id)
    await _check_parts(session, variants)
    await session.exec(delete(VariantPart).where(col(VariantPart.bundle_id).in_(variants)))
    for of_variant in (BasketLine, PriceChange, StockMovement):
        await session.exec(delete(of_variant).where(col(of_variant.variant_id).in_(variants)))
    for of_product in (ProductWord, ProductPicture, Variant):
        await session.exec(delete(of_product).where(col(of_product.product_id) == product_id))
    await session.delete(product)
    catalogue_changed(session, shop_id)
    record(session, ProductChanged(shop_id, product_id))


async def _check_parts(session: AsyncSession, variants: SelectOfScalar[Any]) -> None:
    part = col(VariantPart.part_id).in_(variants)
    outside = col(VariantPart.bundle_id).not_in(variants)
    if (await session.exec(select(VariantPart.id).where(part, outside).limit(1))).first():
        raise ProductIsPart()
    # What went as part of a bundle stands in no order line's columns; the ledger knows it.
    moved = select(StockMovement.id).where(
        col(StockMovement.variant_id).in_(variants), col(StockMovement.reference).is_not(None)
    )
    if (await session.exec(moved.limit(1))).first():
        raise ProductWasSold()


async def list_for_counter(
    session: AsyncSession, shop_id: int, *, state: str = "", text: str = ""
) -> list[Product]:
    """All states, in the shop's order; `text` is looked for in name and article numbers."""
    query = select(Product).where(col(Product.shop_id) == shop_id)
    if state:
        query = query.where(col(Product.state) == state)
    for word in words(text)[:5]:
        named = select(ProductWord.product_id).where(
            col(ProductWord.shop_id) == shop_id, col(ProductWord.word).contains(word)
        )
        query = query.where(col(Product.id).in_(named))
    query = query.order_by(col(Product.position), col(Product.id)).limit(500)
    return list((await session.exec(query)).all())
