"""Letters to the owners about money: decided in a transaction, written by a job, each once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock, utc_now
from core.database import Database
from core.jobs import enqueue
from core.mail import Mail, write_mail
from core.pages import Pages
from core.shops import Shop, get_shop
from payments.accounts import find_account
from payments.events import (
    MoneyMissingAtStripe,
    PaymentDisputed,
    PaymentsStopped,
    StripeKeyRejected,
)
from payments.models import Dispute
from payments.owners import owners_of
from staff.models import Member

SUBJECTS: dict[str, str] = {
    "dispute": "A payment is disputed: please answer within %(days)s days",
    "inquiry": "A buyer's bank has a question about a payment",
    "dispute_soon": "Only %(days)s days left to answer a disputed payment",
    "dispute_last": "Last day to answer a disputed payment",
    "stopped": "Your shop cannot take payments at the moment",
    "missing": "A payment in your shop is not known to Stripe",
}


@dataclass(frozen=True, slots=True)
class Deadline:
    """One reminder: written when less than `left` remains."""

    number: int
    kind: str
    left: timedelta


DEADLINES = (
    Deadline(2, "dispute_soon", timedelta(days=3)),
    Deadline(3, "dispute_last", timedelta(days=1)),
)


async def on_payment_disputed(session: AsyncSession, event: PaymentDisputed) -> None:
    query = select(Dispute).where(
        col(Dispute.shop_id) == event.shop_id, col(Dispute.stripe_id) == event.dispute_id
    )
    dispute = (await session.exec(query)).one()
    dispute.alarms = max(dispute.alarms, 1)
    session.add(dispute)
    kind = "inquiry" if dispute.is_inquiry else "dispute"
    await _later(session, event.shop_id, kind, f"{kind}:{dispute.key}", dispute_id=dispute.key)


async def on_payments_stopped(session: AsyncSession, event: PaymentsStopped) -> None:
    await _stopped(session, event.shop_id)


async def on_key_rejected(session: AsyncSession, event: StripeKeyRejected) -> None:
    await _stopped(session, event.shop_id)


async def _stopped(session: AsyncSession, shop_id: int) -> None:
    """Told once each time it stops; the moment tells these letters apart."""
    clock: Clock = session.info.get("clock", utc_now)
    await _later(session, shop_id, "stopped", f"stopped:{clock():%Y%m%d%H%M%S}")


async def on_money_missing(session: AsyncSession, event: MoneyMissingAtStripe) -> None:
    await _later(session, event.shop_id, "missing", f"missing:{event.stripe_id[:60]}")


async def watch_deadlines(db: Database, clock: Clock) -> None:
    """Periodic, every hour: disputes somebody still has to answer, three days and a day before."""
    now = clock()
    async with db.transaction() as session:
        query = select(Dispute).where(
            col(Dispute.closed_at).is_(None),
            col(Dispute.due_at) > now,
            col(Dispute.due_at) <= now + DEADLINES[0].left,
            col(Dispute.status).like("%needs_response"),
            col(Dispute.alarms) < DEADLINES[-1].number,
        )
        for dispute in (await session.exec(query)).all():
            await _remind(session, dispute, now)


async def _remind(session: AsyncSession, dispute: Dispute, now: datetime) -> None:
    """Only the latest that is due: who was away for a week gets one letter, not two."""
    assert dispute.due_at is not None  # noqa: S101 - the query asked for it
    due = [one for one in DEADLINES if dispute.due_at - now <= one.left]
    if due and due[-1].number > dispute.alarms:
        dispute.alarms = due[-1].number
        session.add(dispute)
        kind = due[-1].kind
        await _later(
            session, dispute.shop_id, kind, f"{kind}:{dispute.key}", dispute_id=dispute.key
        )


async def _later(
    session: AsyncSession, shop_id: int, kind: str, mark: str, *, dispute_id: int | None = None
) -> None:
    about = f"payments:{mark}"[:80]
    args = {"shop_id": shop_id, "kind": kind, "about": about, "dispute_id": dispute_id}
    await enqueue(session, write_alarm, args, key=f"{shop_id}:{about}")


async def write_alarm(
    db: Database,
    pages: Pages,
    clock: Clock,
    origin: str,
    *,
    shop_id: int,
    kind: str,
    about: str,
    dispute_id: int | None,
) -> None:
    """Job. To every owner, in their language; the outbox remembers what was written."""
    async with db.transaction() as session:
        written = select(Mail.id).where(col(Mail.shop_id) == shop_id, col(Mail.about) == about)
        if (await session.exec(written)).first() is not None:
            return
        shop = await get_shop(session, shop_id)
        context: dict[str, Any] = {"shop": shop, "origin": origin, "kind": kind}
        context |= await _dispute(session, dispute_id)
        for owner in await owners_of(session, shop_id):
            if owner.email:
                await _write(session, pages, owner, context, about=about, now=clock())


async def _dispute(session: AsyncSession, dispute_id: int | None) -> dict[str, Any]:
    if dispute_id is None:
        return {"dispute": None, "livemode": True}
    dispute = await session.get_one(Dispute, dispute_id)
    account = await find_account(session, dispute.shop_id)
    return {"dispute": dispute, "livemode": account is None or account.livemode}


async def _write(
    session: AsyncSession,
    pages: Pages,
    owner: Member,
    context: dict[str, Any],
    *,
    about: str,
    now: datetime,
) -> None:
    shop: Shop = context["shop"]
    dispute: Dispute | None = context["dispute"]
    left = dispute.due_at - now if dispute is not None and dispute.due_at else timedelta(0)
    subject = pages.translator(owner.locale)(SUBJECTS[context["kind"]]) % {
        "days": max(1, round(left / timedelta(days=1)))
    }
    text, html = (
        pages.text(f"payments/mail/alarm.{form}", owner.locale, **context, name=owner.name)
        for form in ("txt", "html")
    )
    await write_mail(
        session, shop.key, owner.email or "", subject, text=text, html=html,
        sender_name=shop.name, about=about, now=now,
    )  # fmt: skip
