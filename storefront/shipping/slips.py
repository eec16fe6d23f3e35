"""What packing slips say: what is in the parcel, for whom, and a word from the shop. No prices."""

import asyncio
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from core.pages import Pages
from core.shops import Shop
from storefront.countries import country_name
from storefront.invoices.models import InvoiceSeller
from storefront.invoices.sellers import find_seller
from storefront.models import Storefront
from storefront.orders.finding import lines_of
from storefront.orders.models import Order
from storefront.shipping.finding import Parcel, parcels_of, to_pack
from storefront.shipping.slip import Slip
from storefront.shipping.slip_drawing import draw
from storefront.storefronts import find_storefront


async def slip_of(
    session: AsyncSession, pages: Pages, shop: Shop, order: Order, parcel: Parcel | None
) -> Slip:
    """Of a parcel, or of everything that is still to be packed (of the whole order, if nothing
    is)."""
    lines, parcels = await lines_of(session, order), await parcels_of(session, order)
    window, seller = await find_storefront(session, shop.key), await find_seller(session, shop.key)
    left = to_pack(lines, parcels)
    whole = {line.key: line.quantity for line in lines if line.quantity}
    inside = dict(parcel.pieces) if parcel else left or whole
    rest = left if parcel else {}
    return Slip(
        translate=pages.translator(order.locale),
        locale=order.locale,
        shop_name=shop.name,
        sender=_sender(shop, seller, order.locale),
        contact=[one for one in (window.contact_email, window.contact_phone) if one],
        recipient=_recipient(order),
        order_number=order.number,
        ordered_on=order.placed_at.astimezone(ZoneInfo(shop.timezone)).date(),
        parcel=parcel.shipment.number if parcel else 0,
        wish_date=order.wish_date,
        is_pickup=order.delivery == "pickup",
        goods=[(inside[one.key], one.name, one.unit_text) for one in lines if one.key in inside],
        rest=[(rest[one.key], one.name, one.unit_text) for one in lines if one.key in rest],
        card_text=order.card_text,
        card_from=order.name if order.recipient and order.recipient != order.name else "",
        personal_line=personal_line(window, order),
        remark=order.remark,
    )


def personal_line(window: Storefront, order: Order) -> str:
    """The order's own, else the shop's in the buyer's language."""
    shops = window.slip_line_de if order.locale.startswith("de") else window.slip_line_en
    line = order.personal_line or shops or window.slip_line_de or window.slip_line_en
    return line.replace("{name}", order.recipient or order.name)


def _sender(shop: Shop, seller: InvoiceSeller, locale: str) -> list[str]:
    town = f"{seller.postcode} {seller.town}".strip()
    country = country_name(seller.country, locale) if town and seller.country != "DE" else ""
    return [one for one in (seller.name or shop.name, seller.street, town, country) if one]


def _recipient(order: Order) -> list[str]:
    """Whoever picks up has given no address, but may have left a number."""
    town = f"{order.postcode} {order.town}".strip()
    country = "" if order.country in ("", "DE") else country_name(order.country, order.locale)
    told = [order.recipient or order.name, order.street, town, country]
    return [one for one in told if one] + (
        [order.phone] if not order.street and order.phone else []
    )


async def print_slips(slips: Sequence[Slip]) -> bytes:
    """In a thread: drawing blocks."""
    return await asyncio.to_thread(draw, slips)
