"""Picks the scene for what a customer said, and sends what the scene answers."""

from bot import payloads
from bot.payloads import Tap
from bot.scenes import basket, browsing, deals, greeting, handing_over, orders
from bot.turns import Turn
from bot.understanding import understand
from inbox.models import Message
from inbox.replies import Reply, Text

ORDER_REF = "order-"
# A like is not a question.
_SILENT_ATTACHMENTS = {"sticker", "like_heart"}


async def answer(turn: Turn, message: Message) -> list[Reply]:  # noqa: PLR0911 - a table
    """What to say to `message`; nothing is an answer too."""
    content = message.content
    ref = str(content.get("ref") or (content.get("came_by") or {}).get("ref") or "")
    if ref.startswith(ORDER_REF):
        return await orders.take_up(turn, ref.removeprefix(ORDER_REF))
    match content.get("kind"):
        case "quick_reply" | "postback":
            return await _tapped(turn, content.get("payload"), message.text)
        case "referral":
            return await greeting.greet(turn)
        case "opt_in" if content.get("what") == "plugin":
            return await greeting.greet(turn)
        case "coupon":
            return await basket.use_code(turn, str(content.get("code", ""))) or []
        case "cart":
            # A cart filled on Facebook is somebody's order; nothing is concluded in a chat.
            return await handing_over.call_a_person(turn)
        case "text":
            return await _written(turn, message)
    return []


async def _tapped(turn: Turn, payload: str | None, title: str) -> list[Reply]:
    tap = payloads.read(payload)
    if tap is None:
        # A button of a former version, or of another tool: its words still say what was meant.
        return await _said(turn, title) or await greeting.show_menu(turn)
    return await _do(turn, tap)


async def _do(turn: Turn, tap: Tap) -> list[Reply]:  # noqa: PLR0911, PLR0912 - a table
    match tap.verb:
        case "start":
            return await greeting.greet(turn)
        case "menu":
            return await greeting.show_menu(turn)
        case "browse":
            return await browsing.browse(turn, tap.number)
        case "product" | "choose":
            return await browsing.choose(turn, tap.number)
        case "put":
            return await basket.put(turn, tap.number)
        case "more" | "less":
            return await basket.change(turn, tap.number, 1 if tap.verb == "more" else -1)
        case "remove":
            return await basket.remove(turn, tap.number)
        case "basket":
            return await basket.show(turn)
        case "checkout":
            return await basket.check_out(turn)
        case "ask_code":
            return await basket.ask_for_code(turn)
        case "use_code":
            return await basket.use_code(turn, tap.word) or await basket.ask_for_code(turn)
        case "drop_code":
            return await basket.drop_code(turn)
        case "deals":
            return await deals.show(turn)
        case "orders":
            return await orders.show(turn)
        case "person":
            return await handing_over.call_a_person(turn)
        case "bot":
            return await handing_over.come_back(turn)


async def _written(turn: Turn, message: Message) -> list[Reply]:
    kinds = {str(one.get("kind")) for one in message.content.get("attachments", [])}
    if kinds and not message.text:
        return [] if kinds <= _SILENT_ATTACHMENTS else _cannot_see(turn)
    return await _said(turn, message.text)


def _cannot_see(turn: Turn) -> list[Reply]:
    said = turn.say("I am a bot and cannot look at that. Shall a person have a look?")
    return [Text(said, (turn.hint("Talk to a person", "person"),))]


async def _said(turn: Turn, text: str) -> list[Reply]:
    intent = understand(text)
    match intent.wish:
        case "greeting" | "menu":
            return await (greeting.greet if intent.wish == "greeting" else greeting.show_menu)(turn)
        case "thanks":
            return await greeting.answer_thanks(turn)
        case "silence":
            return []
        case "search":
            return await _looked_for(turn, text, intent.text)
        case wish:
            return await _do(turn, Tap(wish))


async def _looked_for(turn: Turn, text: str, wanted: str) -> list[Reply]:
    """A word that is a code is taken for one; everything else is a search."""
    if len(text.split()) <= 3 and (tried := await basket.use_code(turn, text)):
        return tried
    return await browsing.look_for(turn, wanted)
