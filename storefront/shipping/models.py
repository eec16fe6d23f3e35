"""What left the shop, or lies ready, and who may be asked for a review afterwards."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import UtcDateTime

ShipmentState = Literal["ready", "under_way", "delivered", "undone"]


class Shipment(SQLModel, table=True):
    """A part of an order, or all of it, that leaves the shop together; `number` counts within it.

    A parcel is under way, then delivered. What is picked up lies ready, then is delivered: the
    counter is where it arrives. `sent_to` is where it went, whatever is mended later. What is
    undone was marked by mistake and counts for nothing.
    """

    __table_args__ = (
        UniqueConstraint("order_id", "number"),
        CheckConstraint(
            "state IN ('ready', 'under_way', 'delivered', 'undone')", name="shipment_state"
        ),
        CheckConstraint("(state IN ('ready', 'undone')) = (sent_at IS NULL)", name="shipment_sent"),
        CheckConstraint(
            "(state = 'delivered') = (delivered_at IS NOT NULL)", name="shipment_delivered"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    order_id: int = Field(foreign_key="shop_order.id", index=True)
    number: int
    state: str = Field(max_length=10)
    carrier: str = Field(default="", max_length=20)
    tracking: str = Field(default="", max_length=40)
    sent_to: str = ""
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str = Field(max_length=120)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    delivered_by: str | None = Field(default=None, max_length=120)
    marked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def key(self) -> int:
        """The id of a stored shipment."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id

    @property
    def has_left(self) -> bool:
        return self.state in ("under_way", "delivered")


class ShipmentLine(SQLModel, table=True):
    """How many pieces of which line are in it."""

    __tablename__ = "shipment_line"
    __table_args__ = (
        UniqueConstraint("shipment_id", "line_id"),
        CheckConstraint("quantity > 0", name="shipment_line_quantity"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    shipment_id: int = Field(foreign_key="shipment.id", index=True)
    line_id: int = Field(foreign_key="order_line.id", index=True)
    quantity: int


class ReviewConsent(SQLModel, table=True):
    """A buyer's wish to be asked for a review, with the words that were agreed to.

    Asking is advertising (BGH VI ZR 225/17), so nobody is asked without it (§7 UWG). Once
    `asked_at` is set nothing follows; `stopped_at` is the consent withdrawn by the link.
    """

    __tablename__ = "review_consent"
    __table_args__ = (Index("ix_review_consent_open", "asked_at", "stopped_at"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    order_id: int = Field(foreign_key="shop_order.id", unique=True)
    token: str = Field(unique=True, max_length=43)
    wording: str = Field(max_length=20)
    given_at: datetime = Field(sa_type=UtcDateTime)
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stopped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
