"""Parcels of orders, with what is in them; and when somebody has had everything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.errors import ShipmentUnknown
from storefront.orders.finding import lines_of
from storefront.orders.models import Order, OrderLine
from storefront.shipping.carriers import CARRIERS, tracking_link
from storefront.shipping.models import Shipment, ShipmentLine


@dataclass(frozen=True, slots=True)
class Parcel:
    """A shipment and how many pieces of which line are in it."""

    shipment: Shipment
    pieces: Mapping[int, int]

    def link(self, locale: str) -> str | None:
        return tracking_link(self.shipment.carrier, self.shipment.tracking, locale)

    @property
    def carrier_name(self) -> str:
        """A msgid, or nothing where nobody said."""
        known = CARRIERS.get(self.shipment.carrier)
        return known.name if known else ""


async def parcels_of(session: AsyncSession, order: Order, *, undone: bool = False) -> list[Parcel]:
    """In the order they were made, without those marked by mistake."""
    query = select(Shipment).where(col(Shipment.order_id) == order.key)
    if not undone:
        query = query.where(col(Shipment.state) != "undone")
    shipments = (await session.exec(query.order_by(col(Shipment.number)))).all()
    return await _filled(session, shipments)


async def _filled(session: AsyncSession, shipments: Sequence[Shipment]) -> list[Parcel]:
    ids = [one.key for one in shipments]
    query = select(ShipmentLine).where(col(ShipmentLine.shipment_id).in_(ids))
    pieces: dict[int, dict[int, int]] = {one: {} for one in ids}
    for line in (await session.exec(query.order_by(col(ShipmentLine.line_id)))).all():
        pieces[line.shipment_id][line.line_id] = line.quantity
    return [Parcel(one, pieces[one.key]) for one in shipments]


async def find_parcel(session: AsyncSession, order: Order, shipment_id: int) -> Parcel:
    """One of this order. Raises ShipmentUnknown."""
    query = select(Shipment).where(
        col(Shipment.order_id) == order.key,
        col(Shipment.id) == shipment_id,
        col(Shipment.state) != "undone",
    )
    shipment = (await session.exec(query)).first()
    if shipment is None:
        raise ShipmentUnknown()
    [parcel] = await _filled(session, [shipment])
    return parcel


async def last_carrier(session: AsyncSession, shop_id: int) -> str:
    """Who the shop's last parcel went with: most likely the next one too."""
    query = (
        select(Shipment.carrier)
        .where(col(Shipment.shop_id) == shop_id, col(Shipment.carrier) != "")
        .order_by(col(Shipment.id).desc())
        .limit(1)
    )
    return (await session.exec(query)).first() or ""


def set_aside(parcels: Sequence[Parcel]) -> dict[int, int]:
    """Pieces by line that lie ready and have not been picked up."""
    ready: dict[int, int] = {}
    for parcel in parcels:
        if parcel.shipment.state == "ready":
            for line_id, pieces in parcel.pieces.items():
                ready[line_id] = ready.get(line_id, 0) + pieces
    return ready


def to_pack(lines: Sequence[OrderLine], parcels: Sequence[Parcel]) -> dict[int, int]:
    """Pieces by line that are in no parcel yet."""
    ready = set_aside(parcels)
    left = {line.key: max(0, line.to_ship - ready.get(line.key, 0)) for line in lines}
    return {line_id: pieces for line_id, pieces in left.items() if pieces}


async def delivered_at(session: AsyncSession, order: Order) -> datetime | None:
    """When the last piece of the order arrived; None while anything is to come or on its way.

    With goods in several parcels the time to withdraw begins with the last (§356 Abs. 2 BGB).
    """
    moments = await delivered_lines(session, order)
    lines = [line for line in await lines_of(session, order) if line.quantity or line.shipped]
    known = [moments.get(line.key) for line in lines]
    return max((one for one in known if one), default=None) if all(known) else None


async def delivered_lines(session: AsyncSession, order: Order) -> dict[int, datetime]:
    """By line: the moment its last piece arrived. Without those that are not all there."""
    arrivals: dict[int, list[datetime | None]] = {}
    for parcel in await parcels_of(session, order):
        if parcel.shipment.has_left:
            for line_id in parcel.pieces:
                arrivals.setdefault(line_id, []).append(parcel.shipment.delivered_at)
    complete = {line.key for line in await lines_of(session, order) if not line.to_ship}
    return {
        line_id: max(one for one in moments if one)
        for line_id, moments in arrivals.items()
        if line_id in complete and all(moments)
    }
