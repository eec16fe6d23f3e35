"""Stripe's webhooks: kept once, and taken as hints about what to read again.

Nothing is believed from an event but the id of the object that changed, so repeated, late and
swapped events, snapshot and thin ones, and any API version come to the same.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.intake import Arrival, Ignore, Incoming, Intake, drain
from core.jobs import enqueue
from payments.accounts import find_account
from payments.connecting import take_account_news
from payments.hearsay import find_attempt, look_at_dispute, look_at_refund
from payments.models import StripeAccount
from payments.settling import settle_later

SOURCE = "stripe"

STRIPE_INTAKE: web.AppKey[Intake] = web.AppKey("stripe_intake", Intake)
"""`Intake(db, job="payments.webhooks.read_events", clock=clock)`."""

WANTED_EVENTS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)

ACCOUNT_EVENTS = ("account.updated", "account.application.deauthorized")
CONNECT_EVENTS = (*WANTED_EVENTS, *ACCOUNT_EVENTS)


def account_in(raw: bytes) -> tuple[str, bool]:
    """Of which connected account, and in which mode, a signed event of the platform tells."""
    try:
        event = json.loads(raw)
        return str(event.get("account") or event.get("context") or ""), event["livemode"] is True
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return "", False


def arrival_of_nobody(raw: bytes, account_id: str, *, now: datetime) -> Arrival:
    """Signed for the platform, but of an account no shop here stands for: kept with the reason."""
    digest = hashlib.sha256(raw).hexdigest()
    return Arrival(
        source=SOURCE, key=f"connect:{digest}", thread=f"connect:{account_id[:80]}",
        kind="unknown account", body=raw.decode(errors="replace").replace("\x00", ""),
        shop_id=None, happened_at=now,
        ignored="from an account that no shop here is connected to",
    )  # fmt: skip


def arrival_of(raw: bytes, account: StripeAccount, *, now: datetime) -> Arrival:
    """Never raises for signed bytes: what cannot be used is kept with a reason.

    Two shops may share one Stripe account and get the same events, so the key holds the shop.
    """
    try:
        event = json.loads(raw)
        body, event_id, kind = raw.decode(), str(event["id"]), str(event["type"])
        thing, ignored = _object_of(event), _why_ignored(event, kind, account)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        digest = hashlib.sha256(raw).hexdigest()
        body, event_id, kind = raw.decode(errors="replace"), digest, "unreadable"
        event, thing, ignored = {}, {"id": digest}, "not an event that Stripe describes"
    return Arrival(
        source=SOURCE,
        key=f"{account.shop_id}:{event_id}",
        thread=f"{account.shop_id}:{thing.get('id', event_id)}",
        kind=kind[:100],
        body=body.replace("\x00", ""),
        shop_id=account.shop_id,
        happened_at=_time_of(event, now),
        ignored=ignored,
    )


def _why_ignored(event: dict[str, Any], kind: str, account: StripeAccount) -> str | None:
    wanted = CONNECT_EVENTS if account.is_connected else WANTED_EVENTS
    if kind.removeprefix("v1.") not in wanted:
        return "not a kind of event that changes anything here"
    if bool(event.get("livemode")) != account.livemode:
        return "from the other mode (live or test) than the shop's key"
    whose = event.get("account") or event.get("context")
    if whose and not (account.is_connected and whose == account.account_id):
        return "from another account, through Connect"
    return None


def _object_of(event: dict[str, Any]) -> dict[str, Any]:
    """Snapshot events hold the object, thin ones name it."""
    thing = event["related_object"] if "related_object" in event else event["data"]["object"]
    if not isinstance(thing, dict) or not isinstance(thing.get("id"), str):
        raise ValueError("an event without an object")
    return thing


def _time_of(event: dict[str, Any], now: datetime) -> datetime:
    """Thin events carry ISO text, snapshots seconds."""
    created = event.get("created")
    try:
        if isinstance(created, str):
            at = datetime.fromisoformat(created)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
        return datetime.fromtimestamp(int(created or 0), UTC) if created else now
    except (ValueError, TypeError, OverflowError, OSError):
        return now


async def read_events(db: Database, clock: Clock, *, source: str, thread: str) -> None:
    """Job. Works off the events about one object."""
    await drain(db, clock, take_hint, source=source, thread=thread)


async def take_hint(session: AsyncSession, incoming: Incoming) -> None:
    """Have the object read again; outside calls are made by the jobs this enqueues."""
    event = json.loads(incoming.body)
    thing, kind = _object_of(event), incoming.kind.removeprefix("v1.")
    shop_id = incoming.shop_id or 0
    if await find_account(session, shop_id) is None:
        raise Ignore("the shop has no Stripe account any more")
    if kind in ACCOUNT_EVENTS:
        key = f"payments:account:{shop_id}"
        await enqueue(
            session, take_account_news, {"shop_id": shop_id, "kind": kind}, key=key, lock=key
        )
        return
    if kind.startswith("checkout.session."):
        metadata = thing.get("metadata")
        marks = metadata if isinstance(metadata, dict) else {}
        now = incoming.received_at
        attempt = await find_attempt(session, shop_id, thing["id"], marks, now=now)
        if attempt is None:
            raise Ignore("not a payment that was begun here")
        if kind.startswith("checkout.session.async_"):
            attempt.delayed_at = attempt.delayed_at or incoming.happened_at
            session.add(attempt)
        await settle_later(session, attempt.key)
    elif kind.startswith("refund."):
        await _look_later(session, look_at_refund, shop_id, "refund_id", thing["id"])
    else:
        await _look_later(session, look_at_dispute, shop_id, "dispute_id", thing["id"])


async def _look_later(
    session: AsyncSession, job: Any, shop_id: int, name: str, stripe_id: str
) -> None:
    key = f"payments:look:{shop_id}:{stripe_id}"
    await enqueue(session, job, {"shop_id": shop_id, name: stripe_id}, key=key, lock=key)


async def last_webhook_at(session: AsyncSession, shop_id: int) -> datetime | None:
    query = (
        select(Incoming.received_at)
        .where(col(Incoming.source) == SOURCE, col(Incoming.shop_id) == shop_id)
        .order_by(col(Incoming.id).desc())
    )
    return (await session.exec(query.limit(1))).first()
