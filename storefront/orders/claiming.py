"""An order placed by a guest gets its customer: whoever comes to the chat over its secret link."""

from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.errors import OrderUnknown
from storefront.models import Customer
from storefront.orders.finding import find_order
from storefront.orders.models import Order
from storefront.orders.states import lock_order


async def claim(session: AsyncSession, shop_id: int, token: str, customer: Customer) -> Order:
    """Raises OrderUnknown, also for an order that is another customer's already."""
    found = await find_order(session, shop_id, token)
    order = await lock_order(session, shop_id, found.key)
    if order.customer_id not in (None, customer.key):
        raise OrderUnknown()
    order.customer_id = customer.key
    customer.name = customer.name or order.name
    session.add(order)
    session.add(customer)
    return order
