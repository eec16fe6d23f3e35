"""Goods, baskets and buyers for tests."""

from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.money import Money
from core.shops import Shop
from storefront.basket_filling import put
from storefront.baskets import lock_basket, open_basket
from storefront.forms import OrderForm
from storefront.models import Basket, OrderLine, Product, StockMovement, Variant
from storefront.products import create_product, set_state
from storefront.variants import add_variant

ADDRESS = {
    "name": "Anna Blum",
    "email": "anna@example.org",
    "street": "Gartenweg 3",
    "postcode": "01067",
    "town": "Dresden",
    "country": "DE",
}


async def a_product(
    session: AsyncSession,
    shop: Shop,
    name: str = "Rote Rosen",
    *,
    price: int = 2490,
    pieces: int = 10,
    state: Any = "live",
    now: datetime,
    **values: Any,
) -> tuple[Product, Variant]:
    """On sale, with one variant."""
    product = await create_product(session, shop.key, name, now=now, **values)
    variant = await add_variant(
        session, shop, product, price=Money(price, shop.currency), pieces=pieces, now=now
    )
    await set_state(session, shop.key, product.key, state, now=now)
    return product, variant


async def a_basket(
    session: AsyncSession, shop: Shop, variant: Variant, quantity: int = 1, *, now: datetime
) -> Basket:
    basket = await open_basket(session, shop.key, now=now)
    await put(session, basket, variant.key, quantity, now=now)
    return await lock_basket(session, basket)


def a_form(basket: Basket, **changes: Any) -> OrderForm:
    return OrderForm.read(ADDRESS | {"basket_version": str(basket.version)} | changes)


async def counters(session: AsyncSession, variant: Variant) -> tuple[int, int, int]:
    """On hand, held, allocated."""
    query = select(Variant).where(col(Variant.id) == variant.key)
    found = (await session.exec(query.execution_options(populate_existing=True))).one()
    return found.on_hand, found.held, found.allocated


async def movements(session: AsyncSession, variant: Variant) -> list[tuple[str, int, int, int]]:
    query = select(StockMovement).where(col(StockMovement.variant_id) == variant.key)
    rows = (await session.exec(query.order_by(col(StockMovement.id)))).all()
    return [(row.what, row.on_hand, row.held, row.allocated) for row in rows]


async def all_lines(session: AsyncSession) -> list[OrderLine]:
    return list((await session.exec(select(OrderLine))).all())
