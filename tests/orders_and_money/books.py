"""All that is written down, read at once."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import inspect
from sqlmodel import Session, select

from core.dead_jobs import Dead
from core.incoming import Incoming
from core.mail import Mail
from payments.models import (
    Dispute,
    LedgerEntry,
    MissingMoney,
    Payable,
    PaymentAttempt,
    Refund,
)
from promotions.models import CouponCode, Redemption
from storefront.changes.models import OrderChange
from storefront.invoices.models import Invoice
from storefront.models import StockCheck, StockMovement, Variant
from storefront.orders.models import Order, OrderEvent, OrderLine
from storefront.references import any_order_id_of
from storefront.shipping.finding import Parcel
from storefront.shipping.models import Shipment, ShipmentLine
from storefront.withdrawals.models import Withdrawal, WithdrawalLine

TABLES: dict[str, type[Any]] = {
    "orders": Order, "lines": OrderLine, "changes": OrderChange, "events": OrderEvent,
    "shipments": Shipment, "packed": ShipmentLine, "cases": Withdrawal, "claimed": WithdrawalLine,
    "payables": Payable,
    "attempts": PaymentAttempt, "entries": LedgerEntry, "refunds": Refund, "disputes": Dispute,
    "variants": Variant, "movements": StockMovement, "codes": CouponCode, "uses": Redemption,
    "invoices": Invoice, "mails": Mail, "incoming": Incoming, "dead_jobs": Dead,
    "missing": MissingMoney, "stock_checks": StockCheck,
}  # fmt: skip
ALIVE = ("requested", "pending", "requires_action", "succeeded")


@dataclass(frozen=True, slots=True)
class Books:
    orders: list[Order]
    lines: list[OrderLine]
    changes: list[OrderChange]
    events: list[OrderEvent]
    shipments: list[Shipment]
    packed: list[ShipmentLine]
    cases: list[Withdrawal]
    claimed: list[WithdrawalLine]
    payables: list[Payable]
    attempts: list[PaymentAttempt]
    entries: list[LedgerEntry]
    refunds: list[Refund]
    disputes: list[Dispute]
    variants: list[Variant]
    movements: list[StockMovement]
    codes: list[CouponCode]
    uses: list[Redemption]
    invoices: list[Invoice]
    mails: list[Mail]
    incoming: list[Incoming]
    dead_jobs: list[Dead]
    missing: list[MissingMoney]
    stock_checks: list[StockCheck]

    def lines_of(self, order: Order) -> list[OrderLine]:
        return [line for line in self.lines if line.order_id == order.key]

    def parcels_of(self, order: Order) -> list[Parcel]:
        """Without those that were marked by mistake."""
        return [
            Parcel(one, {row.line_id: row.quantity for row in self.packed_in(one)})
            for one in self.shipments
            if one.order_id == order.key and one.state != "undone"
        ]

    def packed_in(self, shipment: Shipment) -> list[ShipmentLine]:
        return [row for row in self.packed if row.shipment_id == shipment.key]

    def claimed_in(self, case: Withdrawal) -> list[WithdrawalLine]:
        return [row for row in self.claimed if row.withdrawal_id == case.key]

    def cases_of(self, order: Order) -> list[Withdrawal]:
        return [one for one in self.cases if one.order_id == order.key]

    def payables_of(self, order: Order) -> list[Payable]:
        """What is paid for the order, and for each of its changes."""
        return [
            one
            for one in self.payables
            if one.shop_id == order.shop_id and any_order_id_of(one.reference) == order.key
        ]

    def told(self, order: Order, what: str) -> list[OrderEvent]:
        return [one for one in self.events if one.order_id == order.key and one.what == what]

    def changes_of(self, order: Order, state: str) -> list[OrderChange]:
        return [one for one in self.changes if one.order_id == order.key and one.state == state]

    def letters(self, order: Order, kind: str) -> list[Mail]:
        about = f"order:{order.key}:{kind}"
        return [one for one in self.mails if f"{one.about}:".startswith(f"{about}:")]

    def contents(self) -> dict[str, list[dict[str, Any]]]:
        """To be compared. That something was heard of, or looked at, is no change."""
        kinds: dict[str, Sequence[Any]] = {
            one.name: getattr(self, one.name) for one in fields(self) if one.name != "incoming"
        }
        looked_at = {"checks", "check_at"}
        return {
            name: [row.model_dump(exclude=looked_at) for row in rows]
            for name, rows in kinds.items()
        }


def read_books(session: Session) -> Books:
    found = {
        name: list(session.exec(select(table).order_by(*_key_of(table))).all())
        for name, table in TABLES.items()
    }
    return Books(**found)


def _key_of(table: Any) -> list[Any]:
    return list(inspect(table).primary_key)
