"""Deals, the codes that open them, and who has redeemed what."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Json, UtcDateTime
from core.money import Money

DealKind = Literal["percent", "amount", "shipping"]
DealState = Literal["active", "ended"]
RedemptionState = Literal["reserved", "kept", "released"]


class Deal(SQLModel, table=True):
    """A price rule with a face.

    `product_ids` empty means all products. `minimum_minor` is compared with the goods in the
    basket before any discount and without shipping. `ends_at` is the first moment it is over.
    """

    __table_args__ = (
        CheckConstraint("kind <> 'percent' OR percent BETWEEN 1 AND 100", name="deal_percent"),
        CheckConstraint("kind <> 'amount' OR amount_minor > 0", name="deal_amount"),
        CheckConstraint("minimum_minor >= 0", name="deal_minimum"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    title: str = Field(max_length=120)
    text: str = ""
    kind: str = Field(max_length=10)
    percent: int | None = None
    amount_minor: int | None = None
    minimum_minor: int = 0
    currency: str = Field(max_length=3)
    product_ids: list[int] = Field(default_factory=list, sa_type=Json)
    needs_code: bool = False
    starts_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    picture_digest: str | None = Field(default=None, max_length=64)
    state: str = Field(default="active", max_length=10)
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str | None = Field(default=None, max_length=120)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: str | None = Field(default=None, max_length=120)

    @property
    def key(self) -> int:
        """The id of a stored deal."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id

    @property
    def amount(self) -> Money | None:
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)

    @property
    def minimum(self) -> Money:
        return Money(self.minimum_minor, self.currency)


class CouponCode(SQLModel, table=True):
    """A code as people read it, and `folded` as it is looked up (see `promotions.spelling`).

    A limit of None means unlimited and 0 means none. `taken` counts reserved and kept
    redemptions and is only ever changed together with them.
    """

    __tablename__ = "coupon_code"
    __table_args__ = (UniqueConstraint("shop_id", "folded"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    deal_id: int = Field(foreign_key="deal.id", index=True)
    code: str = Field(max_length=40)
    folded: str = Field(max_length=80)
    total_limit: int | None = None
    per_customer_limit: int | None = None
    taken: int = 0
    valid_from: datetime | None = Field(default=None, sa_type=UtcDateTime)
    valid_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)

    @property
    def key(self) -> int:
        """The id of a stored code."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id


class Redemption(SQLModel, table=True):
    """One use of a code by one order.

    Where a customer may use the code only so often, each use holds one of the numbered slots;
    the unique constraint decides when two orders reach for the same one. A released use has no
    slot.
    """

    __table_args__ = (
        UniqueConstraint("code_id", "reference"),
        UniqueConstraint("code_id", "customer", "slot"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    code_id: int = Field(foreign_key="coupon_code.id")
    reference: str = Field(max_length=80, index=True)
    customer: str = Field(max_length=200)
    slot: int | None = None
    state: str = Field(default="reserved", max_length=10)
    reserved_at: datetime = Field(sa_type=UtcDateTime)
    kept_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
