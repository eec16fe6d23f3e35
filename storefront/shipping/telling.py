"""What is told of a parcel: what is in it, what is still to come, and how to follow it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.mail import Mail
from core.translations import Translate
from storefront.orders.finding import lines_of
from storefront.orders.models import Order, OrderLine
from storefront.shipping.finding import Parcel, parcels_of, to_pack
from storefront.shipping.models import Shipment

# A parcel marked by mistake is told of only to those who have heard of the parcel.
_NO_MORE = {
    "sent": {"undone"},
    "ready": {"undone"},
    "tracking": {"undone", "delivered"},
    "delivered": {"undone", "under_way"},
}
_PARTS = {
    "sent": "A part of your order %(number)s is on its way",
    "ready": "A part of your order %(number)s is ready for pick-up",
    "delivered": "A part of your order %(number)s has arrived",
}

Goods = Sequence[tuple[OrderLine, int]]


@dataclass(frozen=True, slots=True)
class News:
    """`inside` is what is in the parcel, `rest` what is in none that has left or lies ready."""

    parcel: Parcel
    inside: Goods
    rest: Goods
    locale: str

    @property
    def link(self) -> str | None:
        return self.parcel.link(self.locale)

    @property
    def is_part(self) -> bool:
        return bool(self.rest) or self.parcel.shipment.number > 1

    def subject(self, kind: str, order: Order) -> str | None:
        """A msgid, where it is another than for a whole order."""
        if kind == "sent" and order.delivery == "pickup":
            return "You have picked up your order %(number)s"
        return _PARTS.get(kind) if self.is_part else None


async def news_of(session: AsyncSession, order: Order, shipment_id: int) -> News | None:
    parcels = await parcels_of(session, order, undone=True)
    parcel = next((one for one in parcels if one.shipment.key == shipment_id), None)
    if parcel is None:
        return None
    lines = await lines_of(session, order)
    inside = [(line, parcel.pieces[line.key]) for line in lines if line.key in parcel.pieces]
    return News(parcel, inside, still_to_come(lines, parcels), order.locale)


def still_to_come(lines: Sequence[OrderLine], parcels: Sequence[Parcel]) -> Goods:
    left = to_pack(lines, parcels)
    return [(line, left[line.key]) for line in lines if line.key in left]


async def is_worth_telling(session: AsyncSession, kind: str, news: News) -> bool:
    """Between the press and the letter it may have been undone."""
    shipment = news.parcel.shipment
    if kind == "undone":
        return bool(await _said_of(session, shipment))
    if shipment.state in _NO_MORE.get(kind, set()):
        return False
    if kind == "tracking":
        link = news.link
        return link is not None and link not in "".join(await _said_of(session, shipment))
    return True


async def _said_of(session: AsyncSession, shipment: Shipment) -> Sequence[str]:
    """What letters have said of it when it left, or lay ready."""
    abouts = [f"order:{shipment.order_id}:{told}:{shipment.key}" for told in ("sent", "ready")]
    query = select(Mail.text).where(
        col(Mail.shop_id) == shipment.shop_id, col(Mail.about).in_(abouts)
    )
    return (await session.exec(query)).all()


def in_words(goods: Goods, translate: Translate, *, most: int = 4) -> str:
    """`2 × Rote Rosen, 1 × Vase`; of many the first few."""
    told = [f"{pieces} × {line.name}" for line, pieces in goods[:most]]
    if len(goods) > most:
        told.append(translate("and %(count)s more") % {"count": len(goods) - most})
    return ", ".join(told)
