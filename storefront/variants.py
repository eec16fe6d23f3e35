"""Variants: what of a product can be bought, for how much."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.money import Money
from core.shops import Shop
from storefront.cards import offered_variants
from storefront.errors import ProductUnknown
from storefront.models import Product, Variant
from storefront.prices import note_price
from storefront.products import get_product, product_changed
from storefront.stocktaking import adjust


async def add_variant(
    session: AsyncSession,
    shop: Shop,
    product: Product,
    *,
    price: Money,
    name: str = "",
    sku: str = "",
    pieces: int = 0,
    content_thousandths: int | None = None,
    by: str = "system",
    now: datetime,
) -> Variant:
    """`pieces` is what is in stock now."""
    query = select(func.max(Variant.position)).where(col(Variant.product_id) == product.key)
    last = (await session.exec(query)).one() or 0
    variant = Variant(
        shop_id=shop.key, product_id=product.key, name=name, sku=sku, price_minor=price.minor,
        currency=shop.currency, position=last + 1, content_thousandths=content_thousandths,
    )  # fmt: skip
    session.add(variant)
    await session.flush()
    note_price(session, variant, now=now)
    if pieces > 0:
        await adjust(session, shop.key, variant.key, pieces, reason="", by=by, now=now)
    await product_changed(session, product, now=now)
    return variant


async def find_variant(session: AsyncSession, shop_id: int, variant_id: int) -> Variant:
    """Also one that is no longer offered. Raises ProductUnknown."""
    variant = await session.get(Variant, variant_id, populate_existing=True)
    if variant is None or variant.shop_id != shop_id:
        raise ProductUnknown()
    return variant


async def edit_variant(
    session: AsyncSession,
    shop: Shop,
    variant_id: int,
    *,
    price: Money,
    name: str,
    sku: str,
    content_thousandths: int | None,
    now: datetime,
) -> Variant:
    """A new price goes into the history; orders keep theirs."""
    variant = await find_variant(session, shop.key, variant_id)
    is_new_price = variant.price_minor != price.minor
    variant.name, variant.sku, variant.price_minor = name, sku, price.minor
    variant.content_thousandths = content_thousandths
    session.add(variant)
    if is_new_price:
        note_price(session, variant, now=now)
    await _tell(session, variant, now=now)
    return variant


async def retire_variant(
    session: AsyncSession, shop_id: int, variant_id: int, *, now: datetime
) -> Variant:
    """Not offered any more; orders that hold it are still served."""
    variant = await find_variant(session, shop_id, variant_id)
    variant.retired_at = variant.retired_at or now
    session.add(variant)
    await _tell(session, variant, now=now)
    return variant


async def offer_again(
    session: AsyncSession, shop_id: int, variant_id: int, *, now: datetime
) -> Variant:
    variant = await find_variant(session, shop_id, variant_id)
    variant.retired_at = None
    session.add(variant)
    await _tell(session, variant, now=now)
    return variant


async def _tell(session: AsyncSession, variant: Variant, *, now: datetime) -> None:
    product = await get_product(session, variant.shop_id, variant.product_id)
    await product_changed(session, product, now=now)


async def variants_by_product(
    session: AsyncSession, product_ids: Sequence[int]
) -> dict[int, list[Variant]]:
    """Those that are offered."""
    found: dict[int, list[Variant]] = {one: [] for one in product_ids}
    for variant in await offered_variants(session, product_ids):
        found[variant.product_id].append(variant)
    return found
