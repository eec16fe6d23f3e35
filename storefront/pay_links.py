"""The way from an order to Stripe's pay page and back."""

from dataclasses import dataclass

from aiohttp import web
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import CLOCK
from core.csrf import OWN_ORIGIN
from core.database import DATABASE
from core.pages import PAGES
from core.shops import Shop
from payments.checkouts import CheckoutOrder, Payer, Plan, open_checkout, plan_checkout
from payments.clients import STRIPES
from payments.payables import lock_reference
from storefront.changes.models import OrderChange
from storefront.orders.finding import get_order, lines_of, status_link
from storefront.orders.models import Order, OrderLine
from storefront.references import change_reference, reference_of
from storefront.settings import SHOP


@dataclass(frozen=True, slots=True)
class PayPage:
    """What the page is to show, and what is to be done for it, both committed with the order."""

    shows: CheckoutOrder
    plan: Plan


async def plan_page(
    session: AsyncSession,
    app: web.Application,
    shop: Shop,
    order: Order,
    lines: list[OrderLine],
    *,
    address: str,
) -> PayPage:
    """In the transaction that places the order. Raises payments' errors; the order stands then."""
    shows = checkout_order(app[OWN_ORIGIN], shop, order, lines)
    plan = await plan_checkout(
        session, shop.key, reference_of(order.key), shows, payer_of(app, order, address),
        now=app[CLOCK](),
    )  # fmt: skip
    return PayPage(shows, plan)


async def open_page(
    app: web.Application, shop: Shop, order: Order, page: PayPage, *, address: str
) -> str:
    """Raises payments' errors, in words for the buyer."""
    return await open_checkout(
        app[DATABASE],
        app[STRIPES],
        shop_id=shop.key,
        reference=reference_of(order.key),
        order=page.shows,
        clock=app[CLOCK],
        payer=payer_of(app, order, address),
        plan=page.plan,
    )


async def pay_link(app: web.Application, shop: Shop, order: Order, *, address: str = "") -> str:
    """The same page again while it is open. Raises payments' errors, in words for the buyer."""
    async with app[DATABASE].transaction() as session:
        # Behind the lock: staff may have changed it since it was looked at.
        await lock_reference(session, shop.key, reference_of(order.key))
        order = await get_order(session, shop.key, order.key)
        lines = await lines_of(session, order)
        page = await plan_page(session, app, shop, order, lines, address=address)
    return await open_page(app, shop, order, page, address=address)


def payer_of(app: web.Application, order: Order, address: str) -> Payer:
    """Whose tries are counted: the limits on pay pages follow the one on orders."""
    customer = f"customer:{order.customer_id}" if order.customer_id else ""
    return Payer(address, (f"email:{order.email}", customer), app[SHOP].orders_per_ten_minutes)


def checkout_order(origin: str, shop: Shop, order: Order, lines: list[OrderLine]) -> CheckoutOrder:
    back = status_link(origin, shop, order)
    return CheckoutOrder(
        # What was taken off the order entirely is still a line of it.
        lines=[(one.name, one.quantity, one.total_minor) for one in lines if one.quantity],
        shipping_minor=order.shipping_minor - order.shipping_discount_minor,
        email=order.email,
        locale=order.locale,
        success_url=f"{back}?back=paid",
        cancel_url=f"{back}?back=cancelled",
        expires_at=order.expires_at,
        number=str(order.number),
    )


async def difference_link(
    app: web.Application, shop: Shop, order: Order, change: OrderChange, *, address: str = ""
) -> str:
    """To the page where what a change costs more is paid. Raises payments' errors."""
    return await open_checkout(
        app[DATABASE],
        app[STRIPES],
        shop_id=shop.key,
        reference=change_reference(order.key, change.key),
        order=difference_order(app, shop, order, change),
        clock=app[CLOCK],
        payer=payer_of(app, order, address),
    )


def difference_order(
    app: web.Application, shop: Shop, order: Order, change: OrderChange
) -> CheckoutOrder:
    translate = app[PAGES].translator(order.locale)
    back = status_link(app[OWN_ORIGIN], shop, order)
    name = translate("Order %(number)s: change") % {"number": order.number}
    return CheckoutOrder(
        lines=[(name, 1, change.to_pay_minor)],
        shipping_minor=0,
        email=order.email,
        locale=order.locale,
        success_url=f"{back}?back=paid",
        cancel_url=f"{back}?back=cancelled",
        expires_at=change.waits_until or order.expires_at,
        number=str(order.number),
    )
