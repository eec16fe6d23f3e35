"""Baskets: what somebody wants to buy. Whose it is, found or made anew, and locked."""

import secrets
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.rows import ask, write
from storefront.models import Basket, BasketLine, Customer, Product, Variant
from storefront.storefronts import insert_or_leave

Row = tuple[BasketLine, Variant, Product]

# Made once: to put a statement together costs as much as to run it.
_BY_TOKEN = select(Basket).where(
    col(Basket.shop_id) == bindparam("shop_id"), col(Basket.token) == bindparam("token")
)
_LOCKING = _BY_TOKEN.with_for_update(key_share=True).execution_options(populate_existing=True)
_BY_EMAIL = (
    select(Customer.id)
    .where(col(Customer.shop_id) == bindparam("shop_id"), col(Customer.email) == bindparam("email"))
    .order_by(col(Customer.id))
)


async def basket_of(
    session: AsyncSession, shop_id: int, customer_id: int, *, now: datetime
) -> Basket:
    """A customer's one basket, made when there is none."""
    query = select(Basket).where(
        col(Basket.shop_id) == shop_id, col(Basket.customer_id) == customer_id
    )
    known = (await session.exec(query)).first()
    if known is not None:
        return known
    await insert_or_leave(
        session, Basket, shop_id=shop_id, customer_id=customer_id,
        token=secrets.token_urlsafe(24), created_at=now, changed_at=now,
    )  # fmt: skip
    return (await session.exec(query)).one()


async def open_basket(session: AsyncSession, shop_id: int, *, now: datetime) -> Basket:
    """For a visit of somebody we do not know."""
    basket = Basket(
        shop_id=shop_id, token=secrets.token_urlsafe(24), created_at=now, changed_at=now
    )
    await write(session, basket)
    # Nobody else sees it before the commit.
    _locked(session).add(basket.key)
    return basket


async def find_basket(
    session: AsyncSession, shop_id: int, token: str, *, lock: bool = False
) -> Basket | None:
    """`lock`: as by `lock_basket`, for those who are going to change it."""
    which = {"shop_id": shop_id, "token": token}
    found = (await session.exec(_LOCKING if lock else _BY_TOKEN, params=which)).first()
    if lock and found is not None:
        _locked(session).add(found.key)
    return found


async def lock_basket(session: AsyncSession, basket: Basket) -> Basket:
    """Read again and locked: two clicks at the same time come one after the other."""
    if basket in session and basket.key in _locked(session):
        return basket
    query = select(Basket).where(col(Basket.id) == basket.key).with_for_update(key_share=True)
    found = (await session.exec(query.execution_options(populate_existing=True))).one()
    _locked(session).add(found.key)
    return found


def _locked(session: AsyncSession) -> set[int]:
    """Ids of the baskets that this transaction holds already."""
    ids: set[int] = session.info.setdefault("locked_baskets", set())
    return ids


async def lines_in(session: AsyncSession, basket: Basket) -> list[BasketLine]:
    query = select(BasketLine).where(col(BasketLine.basket_id) == basket.key)
    query = query.order_by(col(BasketLine.id)).execution_options(populate_existing=True)
    return list((await session.exec(query)).all())


async def count_pieces(session: AsyncSession, basket: Basket) -> int:
    query = select(func.sum(BasketLine.quantity)).where(col(BasketLine.basket_id) == basket.key)
    return (await session.exec(query)).one() or 0


async def customer_text(session: AsyncSession, basket: Basket, email: str = "") -> str | None:
    """Whose limits on codes count: a known customer's, else those of an e-mail address."""
    if basket.customer_id is not None:
        return f"customer:{basket.customer_id}"
    if not email:
        return None
    which = {"shop_id": basket.shop_id, "email": email.lower()}
    known = await ask(session, _BY_EMAIL, which)
    return f"customer:{known[0][0]}" if known else f"email:{email.lower()}"
