"""Stocktaking: goods that came in or were counted anew, and whether counters and ledger agree."""

from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.errors import ProductUnknown, StockBelowZero, StockIsOfParts
from storefront.models import StockMovement, Variant
from storefront.stock_shown import Turn, notice_turns


async def adjust(
    session: AsyncSession,
    shop_id: int,
    variant_id: int,
    change: int,
    *,
    reason: str,
    by: str,
    now: datetime,
) -> int:
    """Goods came in, or were counted, broken, eaten by the cat. The new number on hand.

    Raises StockBelowZero where pieces promised to customers would be missing, StockIsOfParts for
    what would be put into a bundle itself.
    """
    query = select(Variant).where(col(Variant.id) == variant_id, col(Variant.shop_id) == shop_id)
    variant = (
        await session.exec(
            query.with_for_update(key_share=True).execution_options(populate_existing=True)
        )
    ).first()
    if variant is None:
        raise ProductUnknown()
    if variant.is_bundle and change > 0:
        raise StockIsOfParts()
    if change < 0 and variant.available + change < 0:
        raise StockBelowZero(least=variant.held + variant.allocated)
    variant.on_hand += change
    session.add(variant)
    session.add(
        StockMovement(
            shop_id=shop_id, variant_id=variant_id, on_hand=change, reason=reason, by=by, at=now,
            what="received" if change > 0 else "corrected",
        )
    )  # fmt: skip
    await session.flush()
    # Whether a bundle has it is not known here, so it is looked up.
    turn = Turn(variant.available, variant.product_id, True, change)
    await notice_turns(session, shop_id, {variant_id: turn})
    return variant.on_hand


async def recount(session: AsyncSession, shop_id: int) -> list[int]:
    """Ids of variants whose counters are not what the ledger says: always none."""
    ledger = (
        select(
            col(StockMovement.variant_id).label("variant_id"),
            func.sum(StockMovement.on_hand).label("on_hand"),
            func.sum(StockMovement.held).label("held"),
            func.sum(StockMovement.allocated).label("allocated"),
        )
        .group_by(col(StockMovement.variant_id))
        .subquery()
    )
    query = (
        select(Variant.id)
        .outerjoin(ledger, ledger.c.variant_id == col(Variant.id))
        .where(
            col(Variant.shop_id) == shop_id,
            (func.coalesce(ledger.c.on_hand, 0) != col(Variant.on_hand))
            | (func.coalesce(ledger.c.held, 0) != col(Variant.held))
            | (func.coalesce(ledger.c.allocated, 0) != col(Variant.allocated)),
        )
    )
    return [one for one in (await session.exec(query)).all() if one is not None]
