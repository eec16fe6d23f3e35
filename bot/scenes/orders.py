"""Where is my order? Only one's own, known by the chat they came from."""

from babel.dates import format_date

from bot.receipts import receipt_of
from bot.turns import Turn
from inbox.replies import Button, Buttons, Reply, Text
from storefront.errors import OrderUnknown
from storefront.orders.claiming import claim
from storefront.orders.finding import orders_of, status_link
from storefront.orders.models import Order
from storefront.orders.states import status_of

MOST = 3


async def show(turn: Turn) -> list[Reply]:
    orders = await orders_of(turn.session, turn.shop.key, turn.customer.key, limit=MOST)
    if not orders:
        return [
            Buttons(
                turn.say(
                    "I do not know of an order of yours in this chat. If you ordered in the shop, "
                    "the link in your e-mail shows where it is; or ask a person."
                ),
                (turn.button("Talk to a person", "person"), turn.button("Browse", "browse")),
            )
        ]
    return [_status(turn, order) for order in orders]


async def take_up(turn: Turn, ref: str) -> list[Reply]:
    """Somebody came over the link on their order's page: from now on news comes here."""
    try:
        order = await claim(turn.session, turn.shop.key, ref, turn.customer)
    except OrderUnknown:
        return [Text(turn.say("I cannot find the order this link belongs to."))]
    said = turn.say("Thank you! From now on you get the news about your order here.")
    if order.paid_at is not None:
        return [Text(said), await receipt_of(turn, order)]
    return [Text(said), _status(turn, order)]


def _status(turn: Turn, order: Order) -> Reply:
    said = turn.say(
        "Order %(number)s of %(date)s: %(status)s. Total: %(total)s.",
        number=order.number,
        date=format_date(order.placed_at, "medium", locale=turn.locale),
        status=turn.say(status_of(order).word),
        total=turn.price(order.total),
    )
    link = status_link(turn.origin, turn.shop, order)
    return Buttons(said, (Button("url", turn.say("Look at the order"), link),))
