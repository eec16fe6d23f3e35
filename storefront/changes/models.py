"""A change of an order: what is asked for, what it comes to, and where it stands."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from core.columns import Json, UtcDateTime
from core.money import Money

ChangeKind = Literal[
    "correction", "edit", "exchange", "return", "claim", "goodwill", "withdrawal", "cancellation"
]
ChangeState = Literal["draft", "waiting", "settled", "dropped"]


class OrderChange(SQLModel, table=True):
    """`draft` has no effect. `waiting` is agreed and waits for the customer's payment: extra
    pieces are put aside, the order itself is as it was. `settled` is done; its `rows` say by
    what the order's lines differ from before, as an invoice would list them (see `rows.py`).

    `terms` are the prices a waiting change was agreed at. `difference` is the new worth of the
    order less the former; of it `to_pay` is still asked of the customer, `to_refund` goes back
    (by the refunds of payments with `refund_ids`), and `waived` the shop bears itself.
    """

    __tablename__ = "order_change"
    __table_args__ = (Index("ix_order_change_waiting", "state", "waits_until"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    order_id: int = Field(foreign_key="shop_order.id", index=True)
    kind: str = Field(max_length=12)
    state: str = Field(default="draft", max_length=10)
    actions: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    rows: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    terms: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    reason: str = Field(default="", max_length=300)
    currency: str = Field(max_length=3)
    difference_minor: int = 0
    to_pay_minor: int = 0
    to_refund_minor: int = 0
    refund_ids: list[int] = Field(default_factory=list, sa_type=Json)
    waived_minor: int = 0
    seen: str = Field(default="", max_length=16)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str = Field(max_length=120)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    confirmed_by: str | None = Field(default=None, max_length=120)
    waits_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    dropped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    dropped_by: str | None = Field(default=None, max_length=120)

    @property
    def key(self) -> int:
        """The id of a stored change."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id

    def money(self, minor: int) -> Money:
        """An amount of this change."""
        return Money(minor, self.currency)
