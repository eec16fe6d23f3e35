"""What Stripe did not tell: webhooks get lost, so what is open is asked for, and lists compared.

Without a public address (a shop at home) these two jobs alone keep the shop right.
"""

from datetime import timedelta

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.logs import log
from payments.accounts import get_account
from payments.clients import Stripes
from payments.endpoints import look_at_endpoint
from payments.errors import PaymentsNotSetUp, PaymentsRefused, PaymentsUnavailable
from payments.missed_events import bring_in_events
from payments.missing_here import bring_in_disputes, bring_in_refunds, bring_in_sessions
from payments.missing_there import find_missing
from payments.models import CatchUp, PaymentAttempt, Refund, StripeAccount
from payments.payables import end_if_unborn
from payments.readiness import look_at_account
from payments.refunds import send_later
from payments.settling import next_check, pause_after, settle_later

BATCH = 200
KEPT = timedelta(days=60)


async def reconcile(db: Database, stripes: Stripes, clock: Clock) -> None:
    """Periodic, every few minutes: attempts and refunds whose time to be asked for has come."""
    now = clock()
    async with db.transaction() as session:
        unborn = select(PaymentAttempt).where(
            col(PaymentAttempt.state) == "creating", col(PaymentAttempt.expires_at) <= now
        )
        for attempt in (await session.exec(unborn.limit(BATCH))).all():
            end_if_unborn(attempt, now)
            session.add(attempt)
        due = select(PaymentAttempt).where(
            col(PaymentAttempt.state).in_(("open", "processing")),
            col(PaymentAttempt.check_at) <= now,
        )
        for attempt in (await session.exec(due.limit(BATCH))).all():
            attempt.checks += 1
            attempt.check_at = next_check(attempt, now)
            session.add(attempt)
            await settle_later(session, attempt.key)
        waiting = select(Refund).where(col(Refund.check_at) <= now)
        for refund in (await session.exec(waiting.limit(BATCH))).all():
            refund.checks += 1
            refund.check_at = now + pause_after(refund.checks)
            session.add(refund)
            await send_later(session, refund.key)


async def catch_up(db: Database, stripes: Stripes, clock: Clock) -> None:
    """Periodic, every hour: Stripe's lists against our rows, in both directions of forgetting."""
    async with db.reading() as session:
        shop_ids = (await session.exec(select(StripeAccount.shop_id))).all()
    for shop_id in shop_ids:
        done = CatchUp(shop_id=shop_id, at=clock())
        try:
            await _compare(db, stripes, clock, done)
        except (PaymentsRefused, PaymentsUnavailable, PaymentsNotSetUp) as trouble:
            done.trouble = str(trouble)[:300]  # The other shops go on.
        async with db.transaction() as session:
            await _keep(session, done)


async def _compare(db: Database, stripes: Stripes, clock: Clock, done: CatchUp) -> None:
    shop_id = done.shop_id
    async with db.reading() as session:
        account = await get_account(session, shop_id)
        since = await _last_whole(session, shop_id)
    await look_at_account_if_allowed(db, stripes, clock, account)
    done.events = await bring_in_events(db, stripes, clock, shop_id) or 0
    done.sessions = await bring_in_sessions(db, stripes, clock, shop_id)
    done.refunds = await bring_in_refunds(db, stripes, clock, shop_id)
    done.disputes = await bring_in_disputes(db, stripes, clock, shop_id)
    done.missing = await find_missing(
        db, stripes, clock, shop_id, since=since.at if since else None
    )
    if account.sealed_webhook_secrets and not account.is_connected:
        await look_at_endpoint(db, stripes, clock, shop_id=shop_id)


async def look_at_account_if_allowed(
    db: Database, stripes: Stripes, clock: Clock, account: StripeAccount
) -> None:
    """A key of the shop's own need not be allowed to see its account."""
    if account.is_connected or account.charges_enabled is not None:
        await look_at_account(db, stripes, clock, shop_id=account.shop_id)


async def _last_whole(session: AsyncSession, shop_id: int) -> CatchUp | None:
    query = (
        select(CatchUp)
        .where(col(CatchUp.shop_id) == shop_id, col(CatchUp.trouble).is_(None))
        .order_by(col(CatchUp.id).desc())
    )
    return (await session.exec(query.limit(1))).first()


async def _keep(session: AsyncSession, done: CatchUp) -> None:
    found = {name: getattr(done, name) for name in ("events", "sessions", "refunds", "disputes")}
    if any(found.values()):
        log(__name__).warning("caught_up", shop_id=done.shop_id, **found)
    session.add(done)
    await session.exec(
        delete(CatchUp).where(
            col(CatchUp.shop_id) == done.shop_id, col(CatchUp.at) < done.at - KEPT
        )
    )
