"""A letter that does not arrive is somebody's business: the order says so until it is looked at."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.mail import Mail
from core.mail_events import MailFailed
from storefront.errors import OrderUnknown
from storefront.letters.finding import order_id_in
from storefront.orders.paying import want_attention
from storefront.orders.states import lock_order
from storefront.times import now_of
from storefront.withdrawals.models import Withdrawal


async def on_mail_failed(session: AsyncSession, event: MailFailed) -> None:
    mail = await session.get_one(Mail, event.mail_id)
    order_id = order_id_in(mail) or await _withdrawn(session, mail)
    if order_id is None:
        return
    try:
        order = await lock_order(session, event.shop_id, order_id)
    except OrderUnknown:
        return
    detail = f"{mail.recipient}: {event.reason}"
    await want_attention(session, order, "mail_bounced", detail=detail, now=now_of(session))


async def _withdrawn(session: AsyncSession, mail: Mail) -> int | None:
    kind, _, rest = mail.about.partition(":")
    number = rest.partition(":")[0]
    if kind != "withdrawal" or not number.isdigit():
        return None
    declared = await session.get(Withdrawal, int(number))
    return declared.order_id if declared is not None else None
