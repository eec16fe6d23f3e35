"""The shop's own details for invoices, and which of them are still missing."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.jobs import enqueue
from storefront.invoices.content import Seller
from storefront.invoices.forms import SellerForm
from storefront.invoices.models import InvoiceSeller
from storefront.models import Storefront
from storefront.storefronts import insert_or_leave

# Named, because the job's own module stands above this one.
WRITE_WAITING = "storefront.invoices.writing.write_waiting"

_NEEDED = {
    "name": "Name or company",
    "street": "Street and number",
    "postcode": "Postcode",
    "town": "Town",
    "country": "Country",
}


async def find_seller(session: AsyncSession, shop_id: int) -> InvoiceSeller:
    """The row, or (before anything was saved) an empty one that is not stored."""
    return await session.get(InvoiceSeller, shop_id) or InvoiceSeller(shop_id=shop_id)


def missing(seller: InvoiceSeller) -> list[str]:
    """Msgids of what §14 Abs. 4 UStG wants on every invoice and nobody has entered."""
    gaps = [word for name, word in _NEEDED.items() if not getattr(seller, name)]
    if not seller.tax_number and not seller.vat_id:
        gaps.append("Tax number or VAT ID")
    return gaps


async def save_seller(session: AsyncSession, shop_id: int, form: SellerForm) -> InvoiceSeller:
    """Paid orders that waited for these details get their invoices then."""
    await insert_or_leave(session, InvoiceSeller, shop_id=shop_id)
    seller = await session.get_one(InvoiceSeller, shop_id, with_for_update={"key_share": True})
    seller.sqlmodel_update(form.model_dump())
    session.add(seller)
    if not missing(seller):
        await enqueue(
            session, WRITE_WAITING, {"shop_id": shop_id}, key=f"invoices:{shop_id}",
            lock=f"invoices:{shop_id}",
        )  # fmt: skip
    return seller


def frozen(seller: InvoiceSeller, window: Storefront) -> Seller:
    return Seller(
        **seller.model_dump(exclude={"shop_id", "prefix"}),
        email=window.contact_email,
        phone=window.contact_phone,
    )
