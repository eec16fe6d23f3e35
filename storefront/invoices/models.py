"""Who sends invoices, how far the numbers have come, and the invoices themselves."""

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Json, UtcDateTime
from core.money import Money

InvoiceKind = Literal["invoice", "cancellation"]


class InvoiceSeller(SQLModel, table=True):
    """The shop's details as invoices must carry them (§14 Abs. 4 UStG), and the form of numbers."""

    __tablename__ = "invoice_seller"

    shop_id: int = Field(foreign_key="shop.id", primary_key=True)
    name: str = Field(default="", max_length=150)
    street: str = Field(default="", max_length=150)
    postcode: str = Field(default="", max_length=12)
    town: str = Field(default="", max_length=100)
    country: str = Field(default="DE", max_length=2)
    tax_number: str = Field(default="", max_length=30)
    vat_id: str = Field(default="", max_length=20)
    bank: str = Field(default="", max_length=200)
    prefix: str = Field(default="", max_length=10)


class InvoiceCounter(SQLModel, table=True):
    """The last number of a shop's year, in a row of its own: only numbering locks it."""

    __tablename__ = "invoice_counter"

    shop_id: int = Field(foreign_key="shop.id", primary_key=True)
    year: int = Field(primary_key=True)
    last: int


class Invoice(SQLModel, table=True):
    """Append-only; the database itself refuses changes and deletions (migration 0002).

    `subject` says what it was written for, once. A cancellation's amounts are negative and
    `cancels_id` is the invoice it takes back, in whole or in part. `content` is all that is
    printed, frozen (see `content.py`).
    """

    __table_args__ = (
        UniqueConstraint("shop_id", "year", "running"),
        UniqueConstraint("shop_id", "number"),
        UniqueConstraint("shop_id", "subject"),
        Index("ix_invoice_month", "shop_id", "issued_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    order_id: int = Field(foreign_key="shop_order.id", index=True)
    kind: str = Field(max_length=12)
    cancels_id: int | None = Field(default=None, foreign_key="invoice.id")
    subject: str = Field(max_length=80)
    year: int
    running: int
    number: str = Field(max_length=30)
    issued_on: date
    issued_at: datetime = Field(sa_type=UtcDateTime)
    locale: str = Field(max_length=5)
    currency: str = Field(max_length=3)
    total_minor: int
    tax_minor: int
    content: dict[str, Any] = Field(sa_type=Json)

    @property
    def key(self) -> int:
        """The id of a stored invoice."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)
