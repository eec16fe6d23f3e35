"""Where Meta's webhooks arrive: verified, stored, answered; worked on afterwards."""

import hmac

import orjson
from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.answering import Voice, answer_message
from core.clock import CLOCK, Clock
from core.database import Database
from core.errors import NotFound
from core.intake import INTAKE, Arrival, Ignore, Incoming, drain
from core.logs import log
from core.shops import get_shop
from inbox.receiving import receive
from meta.accounts import ACCOUNTS, Accounts
from meta.deliveries import Delivered, split
from meta.happenings import Unsupported
from meta.incoming import read
from meta.settings import META
from meta.signatures import verify

# Meta sends up to a thousand updates in one request; a chat event is about half a kilobyte.
LARGEST_BODY = 2 * 1024 * 1024
RECEIVED = "EVENT_RECEIVED"
PATH = "/webhooks/meta"

routes = web.RouteTableDef()


@routes.get(PATH)
async def shake_hands(request: web.Request) -> web.Response:
    """Meta asks whether this address is ours before it sends anything (Graph API webhooks docs)."""
    token = request.app[META].verify_token.get_secret_value()
    if not token:
        raise NotFound()
    query = request.query
    given = query.get("hub.verify_token", "")
    if query.get("hub.mode") != "subscribe" or not hmac.compare_digest(
        given.encode(), token.encode()
    ):
        return web.Response(status=403, text="The verify token does not match META_VERIFY_TOKEN.")
    return web.Response(text=query.get("hub.challenge", ""))


@routes.post(PATH)
async def accept(request: web.Request) -> web.Response:
    """200 means: stored for good. What cannot be understood is stored too, with the reason."""
    secrets = request.app[META].secrets
    if not secrets:
        raise NotFound()
    if (request.content_length or 0) > LARGEST_BODY:
        return web.Response(status=413)
    raw = await request.read()
    if len(raw) > LARGEST_BODY:
        return web.Response(status=413)
    if not verify(raw, request.headers.get("X-Hub-Signature-256"), secrets):
        # A wrong secret makes Meta unsubscribe the app in the end: somebody must see this.
        log(__name__).warning("webhook_signature_wrong", bytes=len(raw))
        return web.Response(status=403)
    events, accounts = split(raw, now=request.app[CLOCK]()), request.app[ACCOUNTS]
    shops = await accounts.shops_of({event.account_id for event in events})
    await request.app[INTAKE].store([_arrival(event, shops, accounts) for event in events])
    return web.Response(text=RECEIVED)


def _arrival(event: Delivered, shops: dict[str, int], accounts: Accounts) -> Arrival:
    shop_id, kind = shops.get(event.account_id), event.kind
    if kind.startswith("messenger.") and accounts.is_instagram(event.account_id):
        kind = kind.replace("messenger.", "instagram.", 1)
    ignored = event.ignored or (None if shop_id else "no shop here has this page or account")
    return Arrival(
        source="meta",
        key=event.key,
        thread=event.thread,
        kind=kind,
        body=event.body,
        shop_id=shop_id,
        happened_at=event.happened_at,
        ignored=ignored,
    )


async def work_on_thread(
    db: Database, clock: Clock, voice: Voice, *, source: str, thread: str
) -> None:
    """Job. Everything new of one thread, in its order."""

    async def apply(session: AsyncSession, incoming: Incoming) -> None:
        await take_in(session, voice, incoming, clock=clock)

    await drain(db, clock, apply, source=source, thread=thread)


async def take_in(session: AsyncSession, voice: Voice, incoming: Incoming, *, clock: Clock) -> None:
    """One event: recorded, and answered where the bot is asked. Raises Ignore."""
    happening = read(incoming.kind, orjson.loads(incoming.body))
    if isinstance(happening, Unsupported):
        raise Ignore(happening.reason)
    shop = await get_shop(session, incoming.shop_id or 0)
    now = clock()
    stored = await receive(session, shop, happening, now=now)
    if stored is not None and stored.is_new:
        await answer_message(session, voice, shop, stored.conversation, stored.message, now=now)
