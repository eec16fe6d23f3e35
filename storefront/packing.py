"""What a bundle is made of: put in, counted anew, taken out again."""

from datetime import datetime

from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.errors import (
    BundleHasStock,
    BundleIsPart,
    PartIsBundle,
    PartRetired,
    ProductUnknown,
    TooManyParts,
)
from storefront.models import Variant, VariantPart
from storefront.products import get_product, product_changed

MOST_PARTS = 20
MOST_PIECES = 99


async def put_part(
    session: AsyncSession,
    shop_id: int,
    bundle_id: int,
    part_id: int,
    pieces: int,
    *,
    now: datetime,
) -> VariantPart:
    """So many pieces of it are in one bundle from now on; orders already placed keep what they
    were. Nothing is nested: parts are goods that lie on the shelf.

    Raises ProductUnknown, PartRetired, PartIsBundle, BundleIsPart, BundleHasStock, TooManyParts.
    """
    bundle, part = await _lock(session, shop_id, bundle_id, part_id)
    await _check(session, bundle, part)
    row = await _find(session, bundle_id, part_id)
    if row is None:
        count = select(func.count()).where(col(VariantPart.bundle_id) == bundle_id)
        if (await session.exec(count)).one() >= MOST_PARTS:
            raise TooManyParts(most=MOST_PARTS)
        row = VariantPart(shop_id=shop_id, bundle_id=bundle_id, part_id=part_id, pieces=pieces)
    row.pieces = pieces
    bundle.is_bundle = True
    session.add_all([row, bundle])
    await _tell(session, bundle, now=now)
    return row


async def take_part(
    session: AsyncSession, shop_id: int, bundle_id: int, part_id: int, *, now: datetime
) -> None:
    """Without its last part it is an ordinary variant again. Harmless if it was not in there."""
    bundle, _ = await _lock(session, shop_id, bundle_id, part_id)
    await session.exec(
        delete(VariantPart).where(
            col(VariantPart.bundle_id) == bundle_id, col(VariantPart.part_id) == part_id
        )
    )
    left = select(func.count()).where(col(VariantPart.bundle_id) == bundle_id)
    bundle.is_bundle = (await session.exec(left)).one() > 0
    session.add(bundle)
    await _tell(session, bundle, now=now)


async def _lock(
    session: AsyncSession, shop_id: int, bundle_id: int, part_id: int
) -> tuple[Variant, Variant]:
    """By their ids, so that nobody makes a bundle of the part meanwhile."""
    query = (
        select(Variant)
        .where(col(Variant.shop_id) == shop_id, col(Variant.id).in_([bundle_id, part_id]))
        .order_by(col(Variant.id))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    found = {one.key: one for one in (await session.exec(query)).all()}
    if bundle_id not in found or part_id not in found:
        raise ProductUnknown()
    return found[bundle_id], found[part_id]


async def _check(session: AsyncSession, bundle: Variant, part: Variant) -> None:
    if part.retired_at is not None:
        raise PartRetired()
    if part.is_bundle or part.key == bundle.key:
        raise PartIsBundle()
    is_part = select(VariantPart.id).where(col(VariantPart.part_id) == bundle.key).limit(1)
    if (await session.exec(is_part)).first() is not None:
        raise BundleIsPart()
    if bundle.on_hand:
        raise BundleHasStock(count=bundle.on_hand)


async def _find(session: AsyncSession, bundle_id: int, part_id: int) -> VariantPart | None:
    query = select(VariantPart).where(
        col(VariantPart.bundle_id) == bundle_id, col(VariantPart.part_id) == part_id
    )
    return (await session.exec(query)).first()


async def _tell(session: AsyncSession, bundle: Variant, *, now: datetime) -> None:
    product = await get_product(session, bundle.shop_id, bundle.product_id)
    await product_changed(session, product, now=now)
