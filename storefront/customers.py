"""Customers: one person, known by different names in different channels."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import NotFound
from storefront.models import Channel, Customer, CustomerIdentity
from storefront.storefronts import insert_or_leave


class CustomerUnknown(NotFound):
    sentence = "We do not know this customer."


async def meet(
    session: AsyncSession,
    shop_id: int,
    channel: Channel,
    external_id: str,
    *,
    name: str | None = None,
    locale: str | None = None,
    now: datetime,
) -> Customer:
    """The customer behind an id of a channel, made when first met. What is newly told about
    them is added; what we know already stays."""
    customer = await _find(session, shop_id, channel, external_id)
    if customer is None:
        customer = await _make(session, shop_id, channel, external_id, now=now)
    if name and not customer.name:
        customer.name = name[:200]
    if locale and not customer.locale:
        customer.locale = locale[:5]
    session.add(customer)
    return customer


async def _find(
    session: AsyncSession, shop_id: int, channel: str, external_id: str
) -> Customer | None:
    query = (
        select(Customer)
        .join(CustomerIdentity)
        .where(
            col(CustomerIdentity.shop_id) == shop_id,
            col(CustomerIdentity.channel) == channel,
            col(CustomerIdentity.external_id) == external_id,
        )
    )
    return (await session.exec(query)).first()


async def _make(
    session: AsyncSession, shop_id: int, channel: str, external_id: str, *, now: datetime
) -> Customer:
    customer = Customer(shop_id=shop_id, met_at=now)
    session.add(customer)
    await session.flush()
    is_first = await insert_or_leave(
        session, CustomerIdentity, shop_id=shop_id, channel=channel, external_id=external_id,
        customer_id=customer.key,
    )  # fmt: skip
    if is_first:
        return customer
    # Somebody met them in the same moment: theirs counts.
    await session.delete(customer)
    await session.flush()
    met = await _find(session, shop_id, channel, external_id)
    if met is None:
        raise CustomerUnknown()
    return met


async def get_customer(session: AsyncSession, shop_id: int, customer_id: int) -> Customer:
    customer = await session.get(Customer, customer_id)
    if customer is None or customer.shop_id != shop_id:
        raise CustomerUnknown()
    return customer


async def identities_of(session: AsyncSession, customer: Customer) -> list[CustomerIdentity]:
    query = select(CustomerIdentity).where(col(CustomerIdentity.customer_id) == customer.key)
    return list((await session.exec(query.order_by(col(CustomerIdentity.id)))).all())


async def find_by_email(session: AsyncSession, shop_id: int, email: str) -> Customer | None:
    query = select(Customer).where(
        col(Customer.shop_id) == shop_id, col(Customer.email) == email.lower()
    )
    return (await session.exec(query.order_by(col(Customer.id)))).first()
