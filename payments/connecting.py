"""Connecting a shop under the platform's Stripe account: made once, then led to Stripe's form.

Direct charges: the merchant's account takes the money, carries Stripe's fees, refunds and disputes,
and keeps the whole dashboard (Stripe docs: account controller properties; account links).
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

import stripe
from sqlmodel.ext.asyncio.session import AsyncSession
from stripe.params import AccountCreateParams

from core.clock import Clock
from core.database import Database
from core.logs import log
from core.shops import get_shop
from payments.accounts import begin_connecting, get_account, is_live_key, note_problem
from payments.asking import TROUBLE, translate
from payments.clients import Stripes
from payments.errors import KeyRejected
from payments.models import StripeAccount
from payments.readiness import SeenAccount, apply_account, look_at_account, read_account

T = TypeVar("T")


async def connect(
    db: Database, stripes: Stripes, clock: Clock, *, shop_id: int, by: str
) -> StripeAccount:
    """The shop's account under the platform, made at Stripe where there is none yet."""
    livemode = is_live_key(stripes.settings.connect_key.get_secret_value())
    async with db.transaction() as session:
        shop = await get_shop(session, shop_id)
        account = await begin_connecting(session, shop_id, livemode=livemode, by=by, now=clock())
    if account.account_id is not None:
        return account
    key = f"{account.tag}:account:{account.account_since:%Y%m%d%H%M%S%f}"
    params = cast("AccountCreateParams", {
        "controller": {
            "fees": {"payer": "account"},
            "losses": {"payments": "stripe"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": "full"},
        },
        "business_profile": {"name": shop.name},
        "metadata": {"tresen": account.tag},
    })  # fmt: skip
    made = await _ask_platform(
        stripes, lambda client: client.v1.accounts.create_async(params, {"idempotency_key": key})
    )
    async with db.transaction() as session:
        account = await get_account(session, shop_id)
        return await _take_on(session, account, read_account(made), clock)


async def _take_on(
    session: AsyncSession, account: StripeAccount, seen: SeenAccount, clock: Clock
) -> StripeAccount:
    await note_problem(session, account.shop_id, None, now=clock())
    return await apply_account(session, account, seen, clock())


async def onboarding_link(
    stripes: Stripes, account: StripeAccount, *, back: str, again: str
) -> str:
    """Works once and for a few minutes; `again` is where Stripe leads when it no longer does."""
    account_id = account.account_id or ""
    link = await _ask_platform(
        stripes,
        lambda client: client.v1.account_links.create_async(
            {"account": account_id, "type": "account_onboarding", "return_url": back,
             "refresh_url": again}
        ),
    )  # fmt: skip
    return link.url


async def _ask_platform(stripes: Stripes, call: Callable[[stripe.StripeClient], Awaitable[T]]) -> T:
    """Raises PaymentsNotSetUp, PaymentsRefused, PaymentsUnavailable."""
    try:
        return await call(stripes.platform())
    except TROUBLE as error:
        failure = translate(error)
        log(__name__).warning("platform_trouble", trouble=str(failure))
        raise failure from error


async def take_account_news(
    db: Database, stripes: Stripes, clock: Clock, *, shop_id: int, kind: str
) -> None:
    """Job. What an account's event means is read from Stripe, whatever the event says: an account
    that is gone answers with a refusal, which is noted where it is asked."""
    log(__name__).info("account_news", shop_id=shop_id, kind=kind)
    try:
        await look_at_account(db, stripes, clock, shop_id=shop_id)
    except KeyRejected:
        return
