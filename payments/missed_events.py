"""The list of Stripe's events against those that came in: webhooks get lost, lists do not.

Stripe keeps events for 30 days and lists them by type, at most 20 of them (Stripe docs: process
undelivered events).
"""

import json
from datetime import datetime, timedelta

import stripe
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.intake import Arrival, Incoming, Intake
from core.jobs import name_of
from payments.accounts import get_account
from payments.asking import ask
from payments.clients import Stripes
from payments.errors import KeyLacksRights
from payments.missing_here import LOOK_BACK, all_of, seconds
from payments.models import StripeAccount
from payments.webhooks import CONNECT_EVENTS, SOURCE, WANTED_EVENTS, arrival_of, read_events

# What is just being delivered is not lost.
UNDER_WAY = timedelta(minutes=2)
# Stripe's clock and the order of its list are not ours.
OVERLAP = timedelta(minutes=10)
_AT_ONCE = 300


async def bring_in_events(db: Database, stripes: Stripes, clock: Clock, shop_id: int) -> int | None:
    """How many had to be fetched; None where the key may not read events."""
    async with db.reading() as session:
        account = await get_account(session, shop_id)
    until = clock() - UNDER_WAY
    try:
        found = await _list(db, stripes, clock, account, until)
    except KeyLacksRights:
        if account.is_connected:
            raise
        return None
    arrivals = [_arrival(one, account, clock()) for one in found]
    async with db.reading() as session:
        new = await _unknown(session, arrivals)
    await _store(db, clock, new)
    async with db.transaction() as session:
        kept = await get_account(session, shop_id)
        if kept.account_since == account.account_since:
            kept.events_until = until
            session.add(kept)
    return sum(one.ignored is None for one in new)


async def _list(
    db: Database, stripes: Stripes, clock: Clock, account: StripeAccount, until: datetime
) -> list[stripe.Event]:
    since = max(account.events_until or account.connected_at, clock() - LOOK_BACK) - OVERLAP
    kinds = CONNECT_EVENTS if account.is_connected else WANTED_EVENTS

    async def events(client: stripe.StripeClient) -> list[stripe.Event]:
        page = await client.v1.events.list_async(
            {
                "types": list(kinds),
                "created": {"gte": seconds(since), "lte": seconds(until)},
                "limit": 100,
            }
        )
        return [one async for one in all_of(page)]

    return await ask(db, stripes, clock, account.shop_id, events, is_needed=account.is_connected)


def _arrival(event: stripe.Event, account: StripeAccount, now: datetime) -> Arrival:
    """As its webhook would have brought it."""
    raw = json.dumps(event.to_dict(), default=str, ensure_ascii=False)
    return arrival_of(raw.encode(), account, now=now)


async def _unknown(session: AsyncSession, arrivals: list[Arrival]) -> list[Arrival]:
    known: set[str] = set()
    for start in range(0, len(arrivals), _AT_ONCE):
        keys = [one.key for one in arrivals[start : start + _AT_ONCE]]
        query = select(Incoming.key).where(
            col(Incoming.source) == SOURCE, col(Incoming.key).in_(keys)
        )
        known |= set((await session.exec(query)).all())
    return [one for one in arrivals if one.key not in known]


async def _store(db: Database, clock: Clock, arrivals: list[Arrival]) -> None:
    """Through the same door as webhooks: kept once, worked on in the order of their object."""
    intake = Intake(db, job=name_of(read_events), clock=clock)
    for start in range(0, len(arrivals), _AT_ONCE):
        await intake.store(arrivals[start : start + _AT_ONCE])
    await intake.close()
