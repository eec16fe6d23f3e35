"""Until when the money must be back (§357 BGB): what the countdown at the counter shows."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from storefront.withdrawals.models import Withdrawal

REFUND_DAYS = 14
RETURN_DAYS = 14
SOON = 3

DeadlineWord = Literal["running", "soon", "held", "due", "overdue", "agreed", "done"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """`days` are left until `on`; below zero it is overdue by so many.

    `held`: the goods are not back and nobody has shown that they were sent, so the shop may wait
    (§357 Abs. 4), even past `on`. `agreed`: no law sets a day for this kind of return.
    """

    word: DeadlineWord
    on: date
    days: int

    @property
    def presses(self) -> bool:
        """Somebody has to pay back now."""
        return self.word in ("due", "overdue")


def is_awaited(case: Withdrawal) -> bool:
    """Goods are to come back, and neither they nor a proof of sending are here."""
    is_needed = case.return_way != "none"
    return is_needed and case.goods_at is None and case.proof_at is None


def deadline(case: Withdrawal, zone: str, *, now: datetime) -> Deadline:
    """Fourteen days from the declaration; goods or proof that come later make it due that day."""

    def day(at: datetime) -> date:
        return at.astimezone(ZoneInfo(zone)).date()

    first, today = day(case.received_at) + timedelta(days=REFUND_DAYS), day(now)
    came = [day(at) for at in (case.goods_at, case.proof_at) if at is not None]
    on = max(first, min(came)) if came else first
    left = (on - today).days
    return Deadline(_word(case, left), on, left)


def _word(case: Withdrawal, left: int) -> DeadlineWord:
    if case.paid_back_at is not None or case.rejected_at is not None or case.handled_at is not None:
        return "done"
    if not case.is_lawful:
        return "agreed"
    if case.accepted_at is not None and is_awaited(case):
        return "held"
    if left < 0:
        return "overdue"
    if left == 0:
        return "due"
    return "soon" if left <= SOON else "running"


def send_back_until(case: Withdrawal, zone: str) -> date:
    """§357 Abs. 1 BGB: the buyer, too, has fourteen days from the declaration."""
    return case.received_at.astimezone(ZoneInfo(zone)).date() + timedelta(days=RETURN_DAYS)
