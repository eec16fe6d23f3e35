"""The other direction: movements in our ledger that the shop's Stripe account does not know."""

from datetime import datetime, timedelta

import stripe
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.errors import NotFound
from core.events import record
from core.logs import log
from payments.accounts import get_account
from payments.asking import ask
from payments.clients import Stripes
from payments.errors import PaymentsRefused
from payments.events import MoneyMissingAtStripe
from payments.missing_here import LOOK_BACK
from payments.models import LedgerEntry, MissingMoney, Payable

# Each is asked for by its id, once: the newest of a shop of that size would fill an hour's lists.
MOST_ASKED = 100
KINDS = ("capture", "refund", "dispute")


async def find_missing(
    db: Database, stripes: Stripes, clock: Clock, shop_id: int, *, since: datetime | None
) -> int:
    """Entries added since the last look are asked for by their ids; what Stripe does not know is
    an alarm: the key belongs to another account, a backup was restored, or somebody forged it."""
    async with db.reading() as session:
        entries = await _fresh(session, shop_id, since, clock())
    missing = [one for one in entries if not await _is_there(db, stripes, clock, one)]
    for entry in missing:
        log(__name__).error("not_at_stripe", shop_id=shop_id, stripe_id=entry.stripe_id)
        async with db.transaction() as session:
            await _alarm(session, entry, clock())
    return len(missing)


async def _fresh(
    session: AsyncSession, shop_id: int, since: datetime | None, now: datetime
) -> list[LedgerEntry]:
    """What was booked under a former account is not expected in this one."""
    account = await get_account(session, shop_id)
    # The hour before is looked at again: an entry's row is older than its commit.
    begin = max(now - LOOK_BACK, (since or now - LOOK_BACK) - timedelta(hours=1))
    known = select(MissingMoney.entry_id).where(col(MissingMoney.shop_id) == shop_id)
    query = (
        select(LedgerEntry)
        .where(
            col(LedgerEntry.shop_id) == shop_id,
            col(LedgerEntry.kind).in_(KINDS),
            col(LedgerEntry.intent_id).is_not(None),
            col(LedgerEntry.recorded_at) >= max(begin, account.account_since or begin),
            col(LedgerEntry.id).not_in(known),
        )
        .order_by(col(LedgerEntry.id).desc())
        .limit(MOST_ASKED)
    )
    return list((await session.exec(query)).all())


async def _is_there(db: Database, stripes: Stripes, clock: Clock, entry: LedgerEntry) -> bool:
    async def retrieve(client: stripe.StripeClient) -> object:
        match entry.kind:
            case "capture":
                return await client.v1.payment_intents.retrieve_async(entry.intent_id or "")
            case "refund":
                return await client.v1.refunds.retrieve_async(entry.stripe_id)
        return await client.v1.disputes.retrieve_async(entry.stripe_id.partition(":")[0])

    try:
        await ask(db, stripes, clock, entry.shop_id, retrieve)
    except PaymentsRefused as refused:
        if refused.stripe_code == "resource_missing":
            return False
        raise
    return True


async def _alarm(session: AsyncSession, entry: LedgerEntry, now: datetime) -> None:
    payable = await session.get_one(Payable, entry.payable_id)
    session.add(MissingMoney(shop_id=entry.shop_id, entry_id=entry.id or 0, found_at=now))
    record(
        session,
        MoneyMissingAtStripe(
            entry.shop_id, payable.reference, entry.stripe_id, entry.amount_minor, entry.currency
        ),
    )


async def settle_missing(
    session: AsyncSession, shop_id: int, missing_id: int, *, by: str, now: datetime
) -> None:
    """Somebody has looked. Raises NotFound."""
    missing = await session.get(MissingMoney, missing_id)
    if missing is None or missing.shop_id != shop_id:
        raise NotFound()
    missing.settled_at, missing.settled_by = missing.settled_at or now, missing.settled_by or by
    session.add(missing)
