"""What the shop owes somebody an answer for, put where people look: into the inbox."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.shops import get_shop
from inbox.conversations import conversations_of, hand_to_human, lock_conversation, reopen, tell
from inbox.models import Conversation, Message
from inbox.texts import folded
from storefront.events import GoodsWereGone
from storefront.orders.finding import get_order
from storefront.orders.models import Order
from storefront.times import now_of
from storefront.voices import translator_in

_SAID = (
    "Order %(number)s: the payment of %(amount)s came when the goods were gone. The money goes "
    "back by itself, and the customer has been told. A personal word may help."
)


async def open_case(session: AsyncSession, event: GoodsWereGone) -> None:
    """In the customer's latest conversation, as a note, and with a person. Who has none stands in
    the inbox with the order itself (see `orders_to_look_at`)."""
    order = await get_order(session, event.shop_id, event.order_id)
    if order.customer_id is None:
        return
    found = await conversations_of(session, event.shop_id, order.customer_id)
    shown = [one for one in found if one.is_shown]
    if not shown:
        return
    conversation = await lock_conversation(session, event.shop_id, shown[0].key)
    now = now_of(session)
    await reopen(session, conversation, by=None, now=now)
    await hand_to_human(session, conversation, by=None, because="bot", now=now)
    await _note(session, conversation, order)


async def _note(session: AsyncSession, conversation: Conversation, order: Order) -> None:
    shop, now = await get_shop(session, order.shop_id), now_of(session)
    speak = translator_in(session, shop.locale)
    said = speak(_SAID) % {"number": order.number, "amount": order.total.text(shop.locale)}
    session.add(
        Message(
            shop_id=order.shop_id, conversation_id=conversation.key, direction="note",
            author="bot", reply_kind="note", content={"kind": "text"}, text=said,
            folded=folded(said), at=now, text_at=now, received_at=now,
        )
    )  # fmt: skip
    conversation.unread = True
    session.add(conversation)
    await session.flush()
    tell(session, conversation, now=now)
