"""The receipt of a paid order, as a reply."""

from bot.turns import Turn
from inbox.replies import Receipt, ReceiptLine
from storefront.orders.finding import lines_of, status_link
from storefront.orders.models import Order


async def receipt_of(turn: Turn, order: Order) -> Receipt:
    lines = await lines_of(turn.session, order)
    link = status_link(turn.origin, turn.shop, order)
    return Receipt(
        text=turn.say(
            "Thank you, %(name)s! Your order %(number)s is paid: %(total)s. %(link)s",
            name=order.name, number=order.number, total=turn.price(order.total), link=link,
        ),
        recipient_name=order.name,
        order_number=str(order.number),
        currency=order.currency,
        payment_method=turn.say("Paid online"),
        lines=tuple(
            ReceiptLine(line.name, line.quantity, line.total_minor,
                        picture_url=turn.picture(line.picture_digest))
            for line in lines
        ),
        total_minor=order.total_minor,
        shipping_minor=order.shipping_minor - order.shipping_discount_minor,
        tax_minor=order.tax_minor,
        discounts=((order.code or turn.say("Discount"), order.discount_minor),)
        if order.discount_minor
        else (),
        order_url=link,
        ordered_at=int(order.placed_at.timestamp()),
    )  # fmt: skip
