"""What things cost and have cost: the price history, and the lowest price of 30 days.

Preisangabenverordnung §11: with a price reduction stands the lowest total price of the 30 days
before it; and the reduction is counted from that price (CJEU C-330/23).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.money import Money, share
from promotions.deals import list_deals
from promotions.models import Deal
from storefront.models import PriceChange, Variant

LOOKS_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Reduction:
    """An automatic percentage on a product itself: no code, no minimum. `until` is exclusive."""

    percent: int
    product_ids: frozenset[int]
    since: datetime
    until: datetime | None

    def is_on(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)

    def is_about(self, product_id: int) -> bool:
        return not self.product_ids or product_id in self.product_ids


@dataclass(frozen=True, slots=True)
class ShownPrice:
    """`was` is what may be struck through: the lowest price of the 30 days before, if it was
    higher than today's."""

    now: Money
    was: Money | None = None


def note_price(session: AsyncSession, variant: Variant, *, now: datetime) -> None:
    """Write the variant's present price into its history."""
    session.add(
        PriceChange(
            shop_id=variant.shop_id, variant_id=variant.key, price_minor=variant.price_minor,
            currency=variant.currency, at=now,
        )
    )  # fmt: skip


async def reductions(session: AsyncSession, shop_id: int) -> list[Reduction]:
    """All there are and were; those to come begin later."""
    deals = await list_deals(session, shop_id)
    return [reduction for deal in deals if (reduction := _reduction_of(deal)) is not None]


def _reduction_of(deal: Deal) -> Reduction | None:
    if deal.kind != "percent" or deal.needs_code or deal.minimum_minor or deal.percent is None:
        return None
    ends = [at for at in (deal.ends_at, deal.ended_at) if at is not None]
    return Reduction(
        percent=deal.percent,
        product_ids=frozenset(deal.product_ids),
        since=max(deal.created_at, deal.starts_at or deal.created_at),
        until=min(ends, default=None),
    )


async def histories(
    session: AsyncSession, variant_ids: Sequence[int]
) -> dict[int, list[tuple[datetime, Money]]]:
    """For each variant from when on it cost what, the oldest first."""
    query = select(PriceChange).where(col(PriceChange.variant_id).in_(variant_ids))
    found: defaultdict[int, list[tuple[datetime, Money]]] = defaultdict(list)
    for row in await session.exec(query.order_by(col(PriceChange.at), col(PriceChange.id))):
        found[row.variant_id].append((row.at, Money(row.price_minor, row.currency)))
    return found


def shown_price(
    price: Money,
    product_id: int,
    history: Sequence[tuple[datetime, Money]],
    cuts: Sequence[Reduction],
    *,
    now: datetime,
) -> ShownPrice:
    """Today's price of one piece, and what may stand struck through beside it."""
    about = [cut for cut in cuts if cut.is_about(product_id)]
    running = [cut for cut in about if cut.is_on(now)]
    if not running:
        return ShownPrice(price)
    reduced = _reduce(price, running)
    lowest = lowest_before(history, about, before=min(cut.since for cut in running))
    return ShownPrice(reduced, lowest if lowest is not None and reduced < lowest else None)


def lowest_before(
    history: Sequence[tuple[datetime, Money]], cuts: Sequence[Reduction], *, before: datetime
) -> Money | None:
    """The lowest price, reductions counted in, that was asked in the 30 days before `before`."""
    begin = before - LOOKS_BACK
    turns = {begin} | {at for at, _ in history}
    turns |= {at for cut in cuts for at in (cut.since, cut.until) if at is not None}
    asked: list[Money] = []
    for at in turns:
        base = next((price for since, price in reversed(history) if since <= at), None)
        if base is not None and begin <= at < before:
            asked.append(_reduce(base, [cut for cut in cuts if cut.is_on(at)]))
    return min(asked, key=lambda price: price.minor, default=None)


def _reduce(price: Money, running: Sequence[Reduction]) -> Money:
    best = max((cut.percent for cut in running), default=0)
    return price - share(price, best, 100)
