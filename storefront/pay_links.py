"""The way from an order to Stripe's pay page and back."""

from aiohttp import web

from core.clock import CLOCK
from core.csrf import OWN_ORIGIN
from core.database import DATABASE
from core.shops import Shop
from payments.checkouts import CheckoutOrder, open_checkout
from payments.clients import STRIPES
from storefront.orders.finding import lines_of, status_link
from storefront.orders.models import Order, OrderLine
from storefront.references import reference_of


async def pay_link(app: web.Application, shop: Shop, order: Order) -> str:
    """The same page again while it is open. Raises payments' errors, in words for the buyer."""
    async with app[DATABASE].reading() as session:
        lines = await lines_of(session, order)
    return await open_checkout(
        app[DATABASE],
        app[STRIPES],
        shop_id=shop.key,
        reference=reference_of(order.key),
        order=checkout_order(app[OWN_ORIGIN], shop, order, lines),
        clock=app[CLOCK],
    )


def checkout_order(origin: str, shop: Shop, order: Order, lines: list[OrderLine]) -> CheckoutOrder:
    back = status_link(origin, shop, order)
    return CheckoutOrder(
        lines=[(line.name, line.quantity, line.total_minor) for line in lines],
        shipping_minor=order.shipping_minor - order.shipping_discount_minor,
        email=order.email,
        locale=order.locale,
        success_url=f"{back}?back=paid",
        cancel_url=f"{back}?back=cancelled",
        expires_at=order.expires_at,
        number=str(order.number),
    )
