"""A month's invoices and the money that moved in it, as postings in the books."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import ShopError
from core.money import Money
from core.shops import Shop
from payments.models import LedgerEntry, Payable
from storefront.invoices.books import InvoiceBooks, clearing_account, revenue_account
from storefront.invoices.datev import Posting
from storefront.invoices.finding import content_of
from storefront.invoices.models import Invoice
from storefront.invoices.months import Month
from storefront.references import any_order_id_of

# Said in the books' own language, whoever downloads them.
_MOVES = {
    "capture": "Zahlung",
    "refund": "Erstattung",
    "refund_failed": "Erstattung zurück",
    "dispute": "Rückbuchung",
    "dispute_returned": "Rückbuchung gewonnen",
}


class NoAccountForRate(ShopError):
    status = 409
    sentence = "No revenue account is set for %(rate)s. Please add it to your accounts first."


class OnlyEuros(ShopError):
    status = 409
    sentence = "Files for DATEV are in euros; this month holds amounts in %(currency)s."


@dataclass(frozen=True, slots=True)
class Moved:
    """Money of a reference, on a day of the shop's calendar; `number` is the order's invoice."""

    amount: Money
    kind: str
    day: date
    number: str


def postings_of(books: InvoiceBooks, invoices: Iterable[Invoice]) -> list[Posting]:
    """One for each rate: debtors against revenue, gross. Raises NoAccountForRate, OnlyEuros."""
    return [one for invoice in invoices for one in _of_invoice(books, invoice)]


def _of_invoice(books: InvoiceBooks, invoice: Invoice) -> Iterable[Posting]:
    content = content_of(invoice)
    who = content.buyer.company or content.buyer.name
    for rate in content.rates:
        if not rate.gross_minor:
            continue
        account = revenue_account(books, rate.tax_bp, small=content.small_business)
        if account is None:
            raise NoAccountForRate(rate=f"{rate.tax_bp / 100:g} %")
        yield Posting(
            amount=_euros(abs(rate.gross_minor), invoice.currency),
            side="S" if rate.gross_minor > 0 else "H",
            account=books.debtors,
            counter_account=account.number,
            tax_key=account.tax_key,
            day=invoice.issued_on,
            reference=invoice.number,
            text=f"{who}, Bestellung {content.order_number}",
        )


def _euros(minor: int, currency: str) -> Money:
    if currency != "EUR":
        raise OnlyEuros(currency=currency)
    return Money(minor, currency)


def moves_as_postings(books: InvoiceBooks, moves: Iterable[Moved]) -> list[Posting]:
    """What came in goes from the debtors into the clearing account of the payment service."""
    return [
        Posting(
            amount=_euros(abs(one.amount.minor), one.amount.currency),
            side="S" if one.amount.minor > 0 else "H",
            account=clearing_account(books),
            counter_account=books.debtors,
            tax_key="",
            day=one.day,
            reference=one.number,
            text=_MOVES.get(one.kind, one.kind),
        )
        for one in moves
    ]


async def moves_of(session: AsyncSession, shop: Shop, month: Month) -> list[Moved]:
    """By the shop's own calendar."""
    zone = ZoneInfo(shop.timezone)
    query = (
        select(LedgerEntry, Payable.reference)
        .join(Payable, col(Payable.id) == col(LedgerEntry.payable_id))
        .where(
            col(LedgerEntry.shop_id) == shop.key,
            col(LedgerEntry.recorded_at) >= _midnight(month.first, zone),
            col(LedgerEntry.recorded_at) < _midnight(month.next.first, zone),
        )
        .order_by(col(LedgerEntry.id))
    )
    found = (await session.exec(query)).all()
    numbers = await _numbers(session, shop, [reference for _, reference in found])
    return [
        Moved(
            Money(entry.amount_minor, entry.currency), entry.kind,
            entry.recorded_at.astimezone(zone).date(), numbers.get(reference, ""),
        )
        for entry, reference in found
        if entry.amount_minor
    ]  # fmt: skip


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


async def _numbers(session: AsyncSession, shop: Shop, references: Sequence[str]) -> dict[str, str]:
    """Each order's first invoice, by the reference its money came under."""
    orders = {reference: any_order_id_of(reference) for reference in references}
    ids = {one for one in orders.values() if one is not None}
    query = (
        select(Invoice)
        .where(col(Invoice.shop_id) == shop.key, col(Invoice.order_id).in_(ids))
        .order_by(col(Invoice.id).desc())
    )
    firsts = {one.order_id: one.number for one in (await session.exec(query)).all()}
    return {ref: firsts[one] for ref, one in orders.items() if one in firsts}
