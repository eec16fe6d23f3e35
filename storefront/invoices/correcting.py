"""An order's documents kept at what is owed: cancellations in part, and invoices on top."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.changes.models import OrderChange
from storefront.changes.rows import ChangeRow
from storefront.invoices.balancing import Said, Wanting, find_wanting, printed, said_in
from storefront.invoices.composing import (
    add_rows,
    buyer_of,
    cancel_rows,
    cancel_whole,
    own_rates,
)
from storefront.invoices.content import Content
from storefront.invoices.filing import Desk, desk_for, named, put_on_file
from storefront.invoices.finding import invoices_of
from storefront.invoices.models import Invoice
from storefront.invoices.sellers import find_seller, frozen, missing
from storefront.invoices.standing import Standing, look_through
from storefront.orders.finding import lines_of
from storefront.orders.models import Order
from storefront.storefronts import find_storefront
from storefront.voices import translator_in


async def balance_documents(
    session: AsyncSession, order: Order, *, change: OrderChange | None, now: datetime
) -> list[Invoice]:
    """Writes what is missing for the documents to come to what is owed; the order must be locked.

    A change says by which rows. Without one, or for what its rows leave open, the difference is
    shared out over the rates. Nothing is written twice: what was written is in the sum.
    """
    documents = await invoices_of(session, order)
    if not documents:
        return []
    standing = look_through(documents)
    said = said_in(translator_in(session, order.locale), standing.base[0].number)
    asked = _asked(order, documents, change, said)
    lines = await lines_of(session, order)
    owed = order.money(order.owed_minor)
    wanting = find_wanting(standing.left, asked, owed, own_rates(order, lines), said)
    case = _Case(await desk_for(session, order, now=now), standing, wanting, change)
    return [*await _charge(session, case), *await _take_back(session, case)]


@dataclass(frozen=True, slots=True)
class _Case:
    desk: Desk
    standing: Standing
    wanting: Wanting
    change: OrderChange | None

    def subject(self, what: str) -> str:
        if self.change is not None:
            return f":change:{self.change.key}:{what}"
        return f":{what}:{len(self.standing.documents)}"


def _asked(
    order: Order, documents: Sequence[Invoice], change: OrderChange | None, said: Said
) -> Wanting:
    """Nothing of a change that has its documents already."""
    if change is None or any(
        one.subject.startswith(f"order:{order.key}:change:{change.key}:") for one in documents
    ):
        return Wanting()
    rows = [ChangeRow.model_validate(row) for row in change.rows]
    return printed(rows, said, small_business=order.small_business)


async def _charge(session: AsyncSession, case: _Case) -> list[Invoice]:
    wanting, desk = case.wanting, case.desk
    if not wanting.more:
        return []
    first, content = case.standing.base
    content = add_rows(
        await _as_of_today(session, desk.order, content), wanting.more, named(first),
        issued_on=desk.today, set_off=bool(wanting.back),
    )  # fmt: skip
    return [await put_on_file(session, desk, "invoice", content, subject=case.subject("more"))]


async def _as_of_today(session: AsyncSession, order: Order, content: Content) -> Content:
    """A new invoice carries who sells and who buys as they are now."""
    seller = await find_seller(session, order.shop_id)
    if missing(seller):
        return content
    window = await find_storefront(session, order.shop_id)
    return content.model_copy(
        update={"seller": frozen(seller, window), "buyer": buyer_of(order)}
    )  # fmt: skip


async def _take_back(session: AsyncSession, case: _Case) -> list[Invoice]:
    wanting, standing = case.wanting, case.standing
    if not wanting.back:
        return []
    first, content = standing.base
    back = -sum(row.total_minor for row in wanting.back)
    if not wanting.more and standing.is_untouched and back == first.total_minor:
        content = cancel_whole(content, number=first.number, issued_on=first.issued_on)
    else:
        touched = [named(one) for one, _ in standing.invoices] or [named(first)]
        content = cancel_rows(content, wanting.back, touched, set_off=bool(wanting.more))
    return [
        await put_on_file(
            session, case.desk, "cancellation", content, subject=case.subject("back"),
            cancels=first,
        )
    ]  # fmt: skip
