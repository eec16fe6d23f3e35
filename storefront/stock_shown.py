"""The stock as everybody sees it, which is coarsely: who is told when that has turned."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from storefront.bundles import bundles_with
from storefront.events import ProductChanged, StockRanOut
from storefront.models import stock_state
from storefront.storefronts import catalogue_changed, tell_once


@dataclass(frozen=True, slots=True)
class Turn:
    """What is available of a variant after a step, and by how much that was changed; whether it is
    part of a bundle."""

    available: int
    product_id: int
    is_part: bool
    change: int


async def notice_turns(session: AsyncSession, shop_id: int, turned: Mapping[int, Turn]) -> None:
    """Public pages show the stock only coarsely: they are stale when that state has turned, of a
    variant itself or of what it gives to a bundle. The other parts of that bundle are not asked:
    two parts that come in at the same moment would not see each other."""
    moved = {one: turn for one, turn in turned.items() if turn.change}
    for variant_id, turn in moved.items():
        _tell(session, shop_id, variant_id, turn)
    parts = [one for one, turn in moved.items() if turn.is_part]
    for bundle, part_id, each in await bundles_with(session, parts):
        part = moved[part_id]
        left, former = part.available // each, (part.available - part.change) // each
        _tell(session, shop_id, bundle.key, Turn(left, bundle.product_id, False, left - former))


def _tell(session: AsyncSession, shop_id: int, variant_id: int, turn: Turn) -> None:
    if stock_state(turn.available - turn.change) == stock_state(turn.available):
        return
    catalogue_changed(session, shop_id)
    tell_once(session, ProductChanged(shop_id, turn.product_id))
    if turn.available <= 0:
        record(session, StockRanOut(shop_id, turn.product_id, variant_id))
