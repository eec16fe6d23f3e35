"""Cases: a contract withdrawn from as it was declared, or another return; its goods, its label."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import UtcDateTime

CaseKind = Literal["withdrawal", "return", "exchange", "claim"]
ReturnWay = Literal["address", "label", "none"]


class Withdrawal(SQLModel, table=True):
    """A declaration of withdrawal as it came in (§356a BGB), or another return (`kind`) that
    staff has opened; matched to an order where it can.

    What was declared is never changed. `open_mark` is the declaration's content in short while
    the case is open: sent twice, it is one. What became of it is told by moments: accepted or
    rejected, proof of sending, goods here, paid back; `handled_at` closes the case.
    """

    __table_args__ = (
        Index("ix_withdrawal_list", "shop_id", "received_at"),
        UniqueConstraint("shop_id", "open_mark", name="withdrawal_once"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    order_id: int | None = Field(default=None, foreign_key="shop_order.id", index=True)
    kind: str = Field(default="withdrawal", max_length=12)
    name: str = Field(max_length=120)
    email: str = Field(max_length=254)
    contract: str = Field(max_length=200)
    scope: str = ""
    locale: str = Field(default="de", max_length=5)
    open_mark: str | None = Field(default=None, max_length=64)
    received_at: datetime = Field(sa_type=UtcDateTime)
    opened_by: str = Field(default="customer", max_length=120)

    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    rejected_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: str | None = Field(default=None, max_length=120)
    reason: str = Field(default="", max_length=1000)
    return_way: str = Field(default="", max_length=10)
    label_link: str = Field(default="", max_length=500)
    proof_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    proof: str = Field(default="", max_length=300)
    goods_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    goods_by: str | None = Field(default=None, max_length=120)
    paid_back_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paid_back_minor: int = 0
    change_id: int | None = Field(default=None, foreign_key="order_change.id")
    handled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    handled_by: str | None = Field(default=None, max_length=120)

    @property
    def key(self) -> int:
        """The id of a stored case."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id

    @property
    def is_undecided(self) -> bool:
        return self.accepted_at is None and self.rejected_at is None and self.handled_at is None

    @property
    def is_lawful(self) -> bool:
        """A withdrawal has its deadlines from the law; other returns are agreed upon."""
        return self.kind == "withdrawal"


def kind_of(case: Withdrawal) -> CaseKind:
    """As the database keeps it, which only forms and verbs write."""
    kind: CaseKind = case.kind  # type: ignore[assignment]
    return kind


class WithdrawalLine(SQLModel, table=True):
    """How many pieces of which line of the order a case is about, and how they came back.

    Of `received` pieces `restocked` can be sold again; `lost_minor` is what they have lost in
    value beyond what looking at them needed (§357a BGB), with the reason told to the buyer.
    """

    __tablename__ = "withdrawal_line"
    __table_args__ = (
        UniqueConstraint("withdrawal_id", "order_line_id"),
        CheckConstraint(
            "quantity > 0 AND received >= 0 AND received <= quantity "
            "AND restocked >= 0 AND restocked <= received AND lost_minor >= 0",
            name="withdrawal_line_pieces",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    withdrawal_id: int = Field(foreign_key="withdrawal.id", index=True)
    order_line_id: int = Field(foreign_key="order_line.id", index=True)
    quantity: int
    received: int = 0
    restocked: int = 0
    lost_minor: int = 0
    lost_reason: str = Field(default="", max_length=300)


class ReturnLabel(SQLModel, table=True):
    """The parcel label of a case, as a PDF."""

    __tablename__ = "return_label"

    withdrawal_id: int = Field(foreign_key="withdrawal.id", primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    pdf: bytes
