"""What about money needs somebody today: a line each, for the counter's start page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from payments.accounts import find_account
from payments.failed_refunds import list_failed
from payments.health import days_left, open_disputes


@dataclass(frozen=True, slots=True)
class Trouble:
    """`sentence` is a msgid; `kind` as in notices."""

    kind: str
    sentence: str
    details: Mapping[str, object] = field(default_factory=dict)


async def troubles(session: AsyncSession, shop_id: int, *, now: datetime) -> list[Trouble]:
    found = []
    account = await find_account(session, shop_id)
    if account is not None and (account.problem or account.charges_enabled is False):
        found.append(Trouble("error", "Nobody can pay at the moment: Stripe refuses it."))
    for dispute, _ in await open_disputes(session, shop_id):
        left = days_left(dispute, now)
        if left is not None and dispute.status.endswith("needs_response"):
            said = {"days": left}
            found.append(Trouble("error", "A payment is disputed: %(days)s days left to answer.", said))  # fmt: skip
    failed = len(await list_failed(session, shop_id))
    if failed:
        said = {"number": failed}
        found.append(Trouble("warning", "Refunds that failed: %(number)s. The buyers still wait for their money.", said))  # fmt: skip
    return found
