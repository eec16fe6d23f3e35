"""Where e-mails that came back are handed in: closed without a secret, and believed only with it."""

import base64
import binascii
import hmac

from aiohttp import web
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.bounces import Bounce, NoBounce, read_bounce
from core.clock import CLOCK
from core.database import DATABASE
from core.errors import NotFound
from core.events import record
from core.logs import log
from core.macs import mac
from core.mail import POST, Mail
from core.mail_events import MailFailed

PATH = "/webhooks/mail"
LARGEST_BODY = 2 * 1024 * 1024

routes = web.RouteTableDef()


@routes.post(PATH)
async def accept(request: web.Request) -> web.Response:
    """Takes one e-mail as it came (message/rfc822). What is no bounce of ours is answered with
    200 too, and says why: nobody needs to send it again."""
    secret = request.app[POST].settings.bounce_secret.get_secret_value()
    if not secret:
        raise NotFound()
    if (request.content_length or 0) > LARGEST_BODY:
        return web.Response(status=413)
    raw = await request.read()
    if len(raw) > LARGEST_BODY:
        return web.Response(status=413)
    if not is_signed(request, raw, secret):
        log(__name__).warning("bounce_signature_wrong", bytes=len(raw))
        return web.Response(status=403)
    try:
        bounce = read_bounce(raw)
    except NoBounce as reason:
        log(__name__).info("mail_set_aside", reason=str(reason))
        return web.json_response({"bounced": False, "reason": str(reason)})
    async with request.app[DATABASE].transaction() as session:
        mail = await _note(session, bounce, request)
    if mail is None:
        log(__name__).info("mail_set_aside", reason="no e-mail of ours")
        return web.json_response({"bounced": False, "reason": "no e-mail of ours"})
    return web.json_response({"bounced": True})


def is_signed(request: web.Request, raw: bytes, secret: str) -> bool:
    """`X-Tresen-Signature: sha256=<HMAC of the body>`, or the secret as the password of HTTP
    Basic, for mail services that cannot compute one."""
    claimed = request.headers.get("X-Tresen-Signature", "").removeprefix("sha256=")
    signed = mac(secret, raw).hex()
    given = _password(request.headers.get("Authorization", ""))
    return hmac.compare_digest(claimed.encode(), signed.encode()) or hmac.compare_digest(
        given.encode(), secret.encode()
    )


def _password(header: str) -> str:
    kind, _, told = header.partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(told, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


async def _note(session: AsyncSession, bounce: Bounce, request: web.Request) -> Mail | None:
    """Once, however often it is handed in."""
    ways = [
        column == value
        for column, value in (
            (col(Mail.token), bounce.token), (col(Mail.message_id), bounce.message_id),
        )
        if value
    ]  # fmt: skip
    query = select(Mail).where(or_(*ways)) if ways else None
    mail = (
        (await session.exec(query.with_for_update(key_share=True))).first()
        if query is not None
        else None
    )
    if mail is None or mail.bounced_at is not None:
        return mail
    mail.bounced_at, mail.failure = request.app[CLOCK](), bounce.reason
    session.add(mail)
    record(session, MailFailed(mail.shop_id, mail.key, mail.about, bounce.reason))
    return mail
