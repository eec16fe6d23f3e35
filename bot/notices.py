"""What the bot says unasked: a receipt, a refund, goods on their way. Reactions, so: rows only."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.answering import begin_turn, voice_of
from bot.receipts import receipt_of
from bot.turns import Turn
from core.money import Money
from core.shops import get_shop
from inbox.limits import BUTTON_TEXT
from inbox.models import CHATS, Conversation
from inbox.reach import Reachable, reach_chat
from inbox.replies import Button, Buttons, Reply, Text
from inbox.sending import NOTICE, reply
from storefront.changes.proposing import get_change
from storefront.events import (
    GoodsWereGone,
    OrderChanged,
    OrderChangeWaits,
    OrderDelivered,
    OrderPaid,
    OrderReady,
    OrderRefunded,
    OrderSent,
    ParcelTracked,
    ShipmentUndone,
)
from storefront.orders.finding import get_order, status_link
from storefront.orders.models import Order
from storefront.shipping.telling import in_words, is_worth_telling, news_of
from storefront.storefronts import find_storefront
from storefront.times import now_of


async def give_receipt(session: AsyncSession, event: OrderPaid) -> None:
    order = await get_order(session, event.shop_id, event.order_id)
    if (turn := await _turn(session, order)) is not None:
        await _say(turn, await receipt_of(turn, order))


async def tell_refund(session: AsyncSession, event: OrderRefunded) -> None:
    """What belongs to a change was said with it."""
    if event.change_id is not None:
        return
    await _tell(
        session,
        event.shop_id,
        event.order_id,
        "We have paid back %(amount)s for your order %(number)s. Depending on your bank it takes "
        "a few days to arrive.",
        amount=Money(event.amount_minor, event.currency),
    )


async def tell_gone(session: AsyncSession, event: GoodsWereGone) -> None:
    """Her money came when the goods were gone: at once, with the shop's own apology."""
    order = await get_order(session, event.shop_id, event.order_id)
    turn = await _turn(session, order)
    if turn is None:
        return
    window = await find_storefront(session, event.shop_id)
    words = [
        turn.say(
            "Your payment for order %(number)s came when the goods were gone already. The whole "
            "amount of %(amount)s goes back to you by itself.",
            number=order.number, amount=turn.price(order.total),
        ),
        window.apology or turn.say("We are very sorry."),
    ]  # fmt: skip
    if event.code:
        words.append(
            turn.say("As an apology, this code is for your next order: %(code)s", code=event.code)
        )
    link = status_link(turn.origin, turn.shop, order)
    said = " ".join(words)
    if len(said) <= BUTTON_TEXT:
        await _say(turn, Buttons(said, (Button("url", turn.say("Look at the order"), link),)))
    else:
        await _say(turn, Text(f"{said} {link}"))


async def tell_sent(session: AsyncSession, event: OrderSent) -> None:
    await _tell_of_parcel(session, event, {
        "delivery": "Your order %(number)s is on its way to you: %(goods)s.",
        "pickup": "You have picked up from your order %(number)s: %(goods)s.",
    })  # fmt: skip


async def tell_tracking(session: AsyncSession, event: ParcelTracked) -> None:
    await _tell_of_parcel(session, event, {
        "delivery": "You can follow a parcel of your order %(number)s now. In it: %(goods)s.",
    })  # fmt: skip


async def tell_ready(session: AsyncSession, event: OrderReady) -> None:
    await _tell_of_parcel(session, event, {
        "pickup": "From your order %(number)s is ready for pick-up: %(goods)s.",
    })  # fmt: skip


async def tell_delivered(session: AsyncSession, event: OrderDelivered) -> None:
    """Who has said so herself knows it."""
    if event.by != "customer":
        await _tell_of_parcel(session, event, {
            "delivery": "From your order %(number)s has arrived: %(goods)s.",
        })  # fmt: skip


async def tell_undone(session: AsyncSession, event: ShipmentUndone) -> None:
    """Only to those who were told of the parcel, as in the letters."""
    order = await get_order(session, event.shop_id, event.order_id)
    news = await news_of(session, order, event.shipment_id)
    if news is not None and await is_worth_telling(session, "undone", news):
        await _tell(
            session, event.shop_id, event.order_id,
            "We told you too early about a parcel of your order %(number)s: it has not left yet. "
            "We are sorry, and tell you as soon as it has.",
        )  # fmt: skip


async def _tell_of_parcel(
    session: AsyncSession,
    event: OrderSent | ParcelTracked | OrderReady | OrderDelivered,
    sentences: Mapping[str, str],
) -> None:
    order = await get_order(session, event.shop_id, event.order_id)
    news, turn = await news_of(session, order, event.shipment_id), await _turn(session, order)
    if news is None or turn is None or order.delivery not in sentences:
        return
    said = turn.say(
        sentences[order.delivery], number=order.number, goods=in_words(news.inside, turn.translate)
    )
    if news.rest:
        rest = in_words(news.rest, turn.translate)
        said += " " + turn.say("Still to come: %(goods)s.", goods=rest)
    link = status_link(turn.origin, turn.shop, order)
    buttons = [Button("url", turn.say("Look at the order"), link)]
    if (parcel := news.parcel.link(turn.locale)) is not None:
        buttons.insert(0, Button("url", turn.say("Follow the parcel"), parcel))
    await _say(turn, Buttons(said, tuple(buttons)))


async def tell_changed(session: AsyncSession, event: OrderChanged) -> None:
    change = await get_change(session, event.shop_id, event.change_id)
    if change.to_refund_minor:
        await _tell(
            session, event.shop_id, event.order_id,
            "Your order %(number)s was changed as agreed. We refund %(amount)s by the means you "
            "paid with. Depending on your bank it takes a few days to arrive.",
            amount=change.money(change.to_refund_minor),
        )  # fmt: skip
    else:
        await _tell(
            session, event.shop_id, event.order_id, "Your order %(number)s was changed as agreed."
        )


async def ask_for_difference(session: AsyncSession, event: OrderChangeWaits) -> None:
    await _tell(
        session,
        event.shop_id,
        event.order_id,
        "The change of your order %(number)s costs %(amount)s more. You can pay that on its page; "
        "then it takes effect.",
        amount=Money(event.amount_minor, event.currency),
    )


async def _tell(
    session: AsyncSession,
    shop_id: int,
    order_id: int,
    sentence: str,
    *,
    amount: Money | None = None,
) -> None:
    order = await get_order(session, shop_id, order_id)
    turn = await _turn(session, order)
    if turn is None:
        return
    told = {"amount": turn.price(amount)} if amount else {}
    said = turn.say(sentence, number=order.number, **told)
    link = status_link(turn.origin, turn.shop, order)
    await _say(turn, Buttons(said, (Button("url", turn.say("Look at the order"), link),)))


async def _turn(session: AsyncSession, order: Order) -> Turn | None:
    """None where nothing may be said: no chat, or one that has been silent for 24 hours. Nothing
    is queued then; the e-mail has said it anyway."""
    now = now_of(session)
    conversation = await _open_chat(session, order, now)
    if conversation is None:
        return None
    shop = await get_shop(session, order.shop_id)
    return await begin_turn(session, voice_of(session), shop, conversation, now=now)


async def _say(turn: Turn, said: Reply) -> None:
    await reply(turn.session, turn.conversation, said, author=NOTICE, now=turn.now)


async def _open_chat(session: AsyncSession, order: Order, now: datetime) -> Conversation | None:
    """The customer's chat that was used last, if the platform lets us write there."""
    if order.customer_id is None:
        return None
    query = (
        select(Conversation)
        .where(
            col(Conversation.shop_id) == order.shop_id,
            col(Conversation.customer_id) == order.customer_id,
            col(Conversation.channel).in_(CHATS),
            col(Conversation.last_customer_at).is_not(None),
        )
        .order_by(col(Conversation.last_customer_at).desc())
    )
    conversation = (await session.exec(query)).first()
    if conversation is None:
        return None
    reach = reach_chat(last_customer_at=conversation.last_customer_at, by_person=False, now=now)
    return conversation if isinstance(reach, Reachable) else None
