"""What the bot does with a message that came in: decide whether it speaks, then speak."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import payloads
from bot.dialogue import answer
from bot.languages import spoken_in
from bot.turns import Turn
from core.shops import Shop
from core.signing import Signer
from core.translations import Translations
from inbox.models import Conversation, Message
from inbox.sending import BOT, reply
from storefront.models import Customer


@dataclass(frozen=True, slots=True)
class Voice:
    """What the bot needs to speak, whoever it speaks to."""

    translations: Translations
    signer: Signer
    origin: str


def voice_of(session: AsyncSession) -> Voice:
    """For reactions: what `db.provide("voice", …)` gave to every session."""
    voice: Voice = session.info["voice"]
    return voice


async def answer_message(
    session: AsyncSession,
    voice: Voice,
    shop: Shop,
    conversation: Conversation,
    message: Message,
    *,
    now: datetime,
) -> None:
    """In the transaction that recorded the message, so that it is answered once or not at all."""
    if not speaks(conversation, message):
        return
    turn = await begin_turn(session, voice, shop, conversation, heard=message.text, now=now)
    for said in await answer(turn, message):
        await reply(session, conversation, said, author=BOT, answers=message.key, now=now)


def speaks(conversation: Conversation, message: Message) -> bool:
    """Only in chats that no person has taken; asked for by name, it comes back."""
    if not conversation.is_chat or message.direction != "in" or message.removed_at is not None:
        return False
    tap = payloads.read(message.content.get("payload"))
    return conversation.owner == "bot" or (tap is not None and tap.verb == "bot")


async def begin_turn(
    session: AsyncSession,
    voice: Voice,
    shop: Shop,
    conversation: Conversation,
    *,
    heard: str = "",
    now: datetime,
) -> Turn:
    customer = await session.get_one(Customer, conversation.customer_id)
    locale = spoken_in(heard, former=customer.locale or shop.locale)[:2]
    if customer.locale != locale and heard:
        customer.locale = locale
        session.add(customer)
    return Turn(
        session=session,
        shop=shop,
        customer=customer,
        conversation=conversation,
        locale=locale,
        translate=voice.translations.translator(locale),
        origin=voice.origin,
        signer=voice.signer,
        now=now,
    )


VOICE: web.AppKey[Voice] = web.AppKey("voice", Voice)
