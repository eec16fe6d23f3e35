"""Stripe accounts, what shops expect to be paid, how it was tried, and the money that moved."""

from datetime import datetime
from hashlib import sha256
from typing import Any, Literal, NoReturn

from sqlalchemy import UniqueConstraint, event
from sqlmodel import Field, SQLModel

from core.columns import Json, UtcDateTime
from core.money import Money

AttemptState = Literal["creating", "open", "processing", "paid", "failed", "expired", "superseded"]
LIVE_STATES = ("creating", "open", "processing")

EntryKind = Literal[
    "capture", "refund", "refund_failed", "refund_elsewhere", "dispute", "dispute_returned"
]

RefundState = Literal["requested", "pending", "requires_action", "succeeded", "failed", "canceled"]
DEAD_REFUNDS = ("failed", "canceled")

RefundCause = Literal["asked", "second_payment", "order_cancelled", "at_stripe"]

RefundResolution = Literal["again", "elsewhere"]

AccountProblem = Literal["key_rejected", "key_lacks_rights", "disconnected"]


class StripeAccount(SQLModel, table=True):
    """A shop's account at Stripe: with a key of its own or, `is_connected`, under the platform's.

    Secrets are sealed; the newest webhook secret is first. `rights` is what the key was found to
    be allowed, `requirements` what Stripe still asks of the merchant. `account_since`: what was
    booked before belongs to another account. `events_until`: the cursor of the events' list.
    """

    __tablename__ = "stripe_account"

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", unique=True)
    sealed_key: str
    key_hint: str = Field(max_length=24)
    sealed_webhook_secrets: list[str] = Field(default_factory=list, sa_type=Json)
    path_token: str = Field(unique=True, max_length=64)
    livemode: bool
    is_connected: bool = False
    account_id: str | None = Field(default=None, max_length=64)
    account_name: str | None = Field(default=None, max_length=200)
    problem: str | None = Field(default=None, max_length=40)
    problem_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    connected_at: datetime = Field(sa_type=UtcDateTime)
    connected_by: str | None = Field(default=None, max_length=120)
    account_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    country: str | None = Field(default=None, max_length=2)
    currency: str | None = Field(default=None, max_length=3)
    charges_enabled: bool | None = None
    payouts_enabled: bool | None = None
    requirements: list[str] = Field(default_factory=list, sa_type=Json)
    rights: dict[str, bool] = Field(default_factory=dict, sa_type=Json)
    checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    endpoint_status: str | None = Field(default=None, max_length=20)
    endpoint_version: str | None = Field(default=None, max_length=40)
    endpoint_seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    events_until: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def tag(self) -> str:
        """Marks this shop of this installation at Stripe; gives nothing of the address away."""
        return sha256(self.path_token.encode()).hexdigest()[:12]


class Payable(SQLModel, table=True):
    """An amount a shop expects under a reference. Its row is the lock of all that belongs to it.

    `paid_at`: when the expected amount came in. `closed_at`: no new payment may begin, but money
    that still comes is told about. `cancel_wanted_at`: money that still comes goes back.
    """

    __table_args__ = (UniqueConstraint("shop_id", "reference"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    reference: str = Field(max_length=80)
    amount_minor: int
    currency: str = Field(max_length=3)
    created_at: datetime = Field(sa_type=UtcDateTime)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    mismatched_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancel_wanted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def key(self) -> int:
        """The id of a stored payable."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class PaymentAttempt(SQLModel, table=True):
    """One Checkout Session, from the moment it is decided on. Never reused for another content.

    `content_hash` covers what the buyer sees there. `replaced_at`: another page is to take its
    place, so its end is nobody's loss. `check_at`: when to ask Stripe next, should no webhook come.
    `delayed_at`: the money took its time (a bank debit). `payers`: whose tries it counts among.
    """

    __tablename__ = "payment_attempt"
    __table_args__ = (
        UniqueConstraint("payable_id", "number"),
        UniqueConstraint("shop_id", "session_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    payable_id: int = Field(foreign_key="payable.id")
    number: int
    content_hash: str = Field(max_length=64)
    idempotency_key: str = Field(max_length=255)
    session_id: str | None = Field(default=None, max_length=255)
    intent_id: str | None = Field(default=None, max_length=255, index=True)
    url: str | None = None
    state: str = Field(default="creating", max_length=12)
    problem: str | None = Field(default=None, max_length=300)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    replaced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    delayed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    payers: list[str] = Field(default_factory=list, sa_type=Json)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    checks: int = 0
    check_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)

    @property
    def key(self) -> int:
        """The id of a stored attempt."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_STATES


class LedgerEntry(SQLModel, table=True):
    """One movement of money, signed from the shop's side. Rows are added, never changed."""

    __tablename__ = "ledger_entry"
    __table_args__ = (UniqueConstraint("shop_id", "stripe_id"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    payable_id: int = Field(foreign_key="payable.id", index=True)
    kind: str = Field(max_length=20)
    stripe_id: str = Field(max_length=255)
    intent_id: str | None = Field(default=None, max_length=255, index=True)
    amount_minor: int
    currency: str = Field(max_length=3)
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class Refund(SQLModel, table=True):
    """Money on its way back. Written before Stripe is asked, so that no refund is lost or doubled.

    `tries` is part of the idempotency key: it moves on only when Stripe has stored a failure
    under the old one and its list of refunds shows that none was made. `resolution`: how the money
    of a failed one went back after all (another try, or paid by the shop by other means).
    """

    __table_args__ = (UniqueConstraint("shop_id", "stripe_id"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    payable_id: int = Field(foreign_key="payable.id", index=True)
    intent_id: str = Field(max_length=255)
    amount_minor: int
    currency: str = Field(max_length=3)
    cause: str = Field(default="asked", max_length=20)
    reason: str = Field(default="", max_length=300)
    requested_by: str = Field(max_length=120)
    requested_at: datetime = Field(sa_type=UtcDateTime)
    state: str = Field(default="requested", max_length=16)
    stripe_id: str | None = Field(default=None, max_length=255)
    tries: int = 0
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failure: str | None = Field(default=None, max_length=300)
    resolution: str | None = Field(default=None, max_length=10)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    resolved_by: str | None = Field(default=None, max_length=120)
    checks: int = 0
    check_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)

    @property
    def key(self) -> int:
        """The id of a stored refund."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class Dispute(SQLModel, table=True):
    """A buyer's bank asks for the money back. Evidence is handed in at Stripe's dashboard.

    `alarms`: how many of the letters about its deadline were written.
    """

    __table_args__ = (UniqueConstraint("shop_id", "stripe_id"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    payable_id: int = Field(foreign_key="payable.id", index=True)
    stripe_id: str = Field(max_length=255)
    amount_minor: int
    currency: str = Field(max_length=3)
    status: str = Field(max_length=40)
    reason: str = Field(default="", max_length=60)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    alarms: int = 0

    @property
    def key(self) -> int:
        """The id of a stored dispute."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def is_inquiry(self) -> bool:
        """The bank only asks: no money has moved, and giving it back ends the matter."""
        return self.status.startswith("warning")


class CatchUp(SQLModel, table=True):
    """One comparison with Stripe's lists, and how much of each it had to bring in.

    `trouble`: why it could not be finished. `missing`: entries of ours Stripe did not have.
    """

    __tablename__ = "catch_up"

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    events: int = 0
    sessions: int = 0
    refunds: int = 0
    disputes: int = 0
    missing: int = 0
    trouble: str | None = Field(default=None, max_length=300)


class MissingMoney(SQLModel, table=True):
    """A movement in our ledger that the shop's Stripe account does not know. Somebody must look."""

    __tablename__ = "missing_money"

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    entry_id: int = Field(foreign_key="ledger_entry.id", unique=True)
    found_at: datetime = Field(sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_by: str | None = Field(default=None, max_length=120)


@event.listens_for(LedgerEntry, "before_update")
@event.listens_for(LedgerEntry, "before_delete")
def _refuse_change(mapper: Any, connection: Any, entry: LedgerEntry) -> NoReturn:
    raise TypeError(f"the ledger is only added to; a change of {entry.stripe_id} was tried")
