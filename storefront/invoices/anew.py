"""An invoice written anew, when name or address on it have been mended since: only when asked."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import ShopError
from storefront.invoices.balancing import Wanting, find_wanting, said_in
from storefront.invoices.composing import buyer_of, cancel_rows, cancel_whole
from storefront.invoices.content import Buyer, Content
from storefront.invoices.correcting import balance_documents
from storefront.invoices.filing import desk_for, named, put_on_file
from storefront.invoices.finding import content_of, invoices_of
from storefront.invoices.models import Invoice
from storefront.invoices.sellers import find_seller, missing
from storefront.invoices.standing import Standing, look_through
from storefront.invoices.writing import write_as_it_is
from storefront.letters.deciding import write_later
from storefront.orders.models import Order
from storefront.orders.states import lock_order, note
from storefront.voices import translator_in


class InvoiceFits(ShopError):
    status = 409
    sentence = "The invoice carries this name and address already."


class DetailsMissing(ShopError):
    status = 409
    sentence = "Please complete your shop's details for invoices first."


def has_another_buyer(order: Order, documents: list[Invoice]) -> bool:
    """Whether name, company or address on an invoice that stands are not the order's any more."""
    if not documents:
        return False
    wanted = _on_paper(buyer_of(order))
    return any(
        _on_paper(content.buyer) != wanted for _, content in look_through(documents).invoices
    )


def _on_paper(buyer: Buyer) -> Buyer:
    """The address of letters stands on it only where there is no other one."""
    return buyer.model_copy(update={"email": "" if buyer.street else buyer.email})


async def write_anew(
    session: AsyncSession, shop_id: int, order_id: int, *, by: str, now: datetime
) -> Invoice:
    """What stands is taken back to the last cent, and the order as it is gets a new invoice.

    Raises OrderUnknown, InvoiceFits, DetailsMissing.
    """
    order = await lock_order(session, shop_id, order_id)
    documents = await invoices_of(session, order)
    if not has_another_buyer(order, documents):
        raise InvoiceFits()
    if missing(await find_seller(session, shop_id)):
        raise DetailsMissing()
    count, standing = len(documents), look_through(documents)
    desk = await desk_for(session, order, now=now)
    await put_on_file(
        session, desk, "cancellation", _all_back(session, order, standing),
        subject=f":withdrawn:{count}", cancels=standing.base[0],
    )  # fmt: skip
    invoice = await write_as_it_is(session, order, subject=f":anew:{count}", now=now)
    assert invoice is not None  # noqa: S101 - what is missing was looked at above
    await balance_documents(session, order, change=None, now=now)
    note(session, order, "invoice_anew", by=by, detail=invoice.number, now=now)
    await write_later(session, shop_id, order.key, "invoice", mark=f":{invoice.number}")
    return invoice


def _all_back(session: AsyncSession, order: Order, standing: Standing) -> Content:
    first, content = standing.base
    if standing.is_untouched:
        return cancel_whole(content, number=first.number, issued_on=first.issued_on)
    said = said_in(translator_in(session, order.locale), first.number)
    rows = find_wanting(standing.left, Wanting(), order.money(0), [], said).back
    return cancel_rows(content_of(first), rows, [named(one) for one, _ in standing.invoices])
