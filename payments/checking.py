"""Is this key any good? Asked of Stripe before it is kept, without changing anything there."""

from dataclasses import dataclass

import stripe
from pydantic import SecretStr

from core.clock import Clock
from core.database import Database
from payments.accounts import check_key, get_account, is_live_key
from payments.asking import TROUBLE, ask
from payments.clients import Stripes
from payments.endpoints import look_at_endpoint
from payments.readiness import SeenAccount, apply_account, look_at_account, read_account
from payments.rights import missing_of, try_rights


@dataclass(frozen=True, slots=True)
class Checked:
    """`rights` by their names; `account` is what the key lets us see of it."""

    livemode: bool
    rights: dict[str, bool]
    account: SeenAccount | None

    @property
    def missing(self) -> list[str]:
        """Names of rights the shop cannot sell without."""
        return [right.key for right in missing_of(self.rights)]


async def check_with_stripe(stripes: Stripes, key: SecretStr) -> Checked:
    """Raises NotAKey, KeyRefusedByStripe, or PaymentsUnavailable when Stripe cannot be asked."""
    text = check_key(key)
    client = stripes.client_with(SecretStr(text))
    rights = await try_rights(client)
    return Checked(is_live_key(text), rights, await _account(client))


async def _account(client: stripe.StripeClient) -> SeenAccount | None:
    """Restricted keys need not be allowed to see it; it is only for showing."""
    try:
        return read_account(await client.v1.accounts.retrieve_current_async())
    except TROUBLE:
        return None


async def check_again(db: Database, stripes: Stripes, clock: Clock, *, shop_id: int) -> None:
    """Rights, account and endpoint as they are now, kept for the page that shows them.

    Raises PaymentsNotSetUp, KeyRefusedByStripe, PaymentsUnavailable.
    """
    async with db.reading() as session:
        account = await get_account(session, shop_id)
    if account.is_connected:
        await look_at_account(db, stripes, clock, shop_id=shop_id)
        rights: dict[str, bool] = {}
    else:
        rights = await ask(db, stripes, clock, shop_id, try_rights)
        await _look_if_allowed(db, stripes, clock, shop_id, stripes.client_of(account))
        await look_at_endpoint(db, stripes, clock, shop_id=shop_id)
    async with db.transaction() as session:
        kept = await get_account(session, shop_id)
        kept.rights, kept.checked_at = rights, clock()
        session.add(kept)


async def _look_if_allowed(
    db: Database, stripes: Stripes, clock: Clock, shop_id: int, client: stripe.StripeClient
) -> None:
    seen = await _account(client)
    if seen is not None:
        async with db.transaction() as session:
            await apply_account(session, await get_account(session, shop_id), seen, clock())
