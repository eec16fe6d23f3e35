"""Uses of codes: reserved with the order, kept when it is paid, released when it dies.

All three lock the code's row first, so the database decides every race: on PostgreSQL by the row
lock, on SQLite by its one writer. Call them after the stock has been taken or given back, so that
locks are always taken in the same order.
"""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, and_, bindparam, case, inspect, literal, or_
from sqlalchemy import select as sqlalchemy_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.columns import UtcDateTime
from core.rows import ask
from promotions.codes import check_customer
from promotions.errors import CodeUnknown, CodeUsedUp
from promotions.models import CouponCode, Redemption

_CODES: Any = inspect(CouponCode).local_table
_TAKING = (
    update(_CODES)
    .where(
        col(CouponCode.id) == bindparam("of_code"),
        col(CouponCode.shop_id) == bindparam("of_shop"),
        col(CouponCode.total_limit).is_(None)
        | (col(CouponCode.taken) < col(CouponCode.total_limit)),
    )
    .values(taken=col(CouponCode.taken) + 1)
    .returning(_CODES.c.id)
)


async def reserve(
    session: AsyncSession,
    shop_id: int,
    code_id: int,
    reference: str,
    customer: str,
    *,
    now: datetime,
) -> None:
    """Take one use for the order `reference`. Asking again for the same order takes no second.

    Raises CodeUsedUp, CodeUsedByYou or CodeHeldByYou; then nothing has changed.
    """
    # Nearly always the order is new and the customer has uses left: two statements do.
    if await _take_one(session, shop_id, code_id):
        if await _use_at_once(session, shop_id, code_id, reference, customer, now=now):
            return
        await _count(session, code_id, -1)
    await _use_after_a_look(session, shop_id, code_id, reference, customer, now=now)


async def _use_at_once(
    session: AsyncSession,
    shop_id: int,
    code_id: int,
    reference: str,
    customer: str,
    *,
    now: datetime,
) -> bool:
    """Behind the lock of the code's row. False if something stands in the way."""
    use_it = _using(session.get_bind().dialect.name)
    told = {
        "of_shop": shop_id, "of_code": code_id, "for_order": reference, "by_customer": customer,
        "at": now,
    }  # fmt: skip
    return bool(await ask(session, use_it, told))


@cache
def _using(dialect: str) -> Any:
    """Put together once for each kind of database: that costs as much as to ask."""
    code_id = bindparam("of_code", type_=Integer)
    customer = bindparam("by_customer", type_=String)
    theirs = and_(col(Redemption.code_id) == code_id, col(Redemption.customer) == customer)
    used = select(func.count()).where(theirs, col(Redemption.state) != "released")
    limit = select(CouponCode.per_customer_limit).where(col(CouponCode.id) == code_id)
    limited = limit.scalar_subquery()
    slot = select(func.coalesce(func.max(Redemption.slot) + 1, 0)).where(theirs)
    values: dict[str, ColumnElement[Any]] = {
        "shop_id": bindparam("of_shop", type_=Integer),
        "code_id": code_id,
        "reference": bindparam("for_order", type_=String),
        "customer": customer,
        "slot": case((limited.is_not(None), slot.scalar_subquery())),
        "state": literal("reserved"),
        "reserved_at": bindparam("at", type_=UtcDateTime),
    }
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    fits = or_(limited.is_(None), used.scalar_subquery() < limited)
    table: Any = inspect(Redemption).local_table
    return (
        insert(table)
        .from_select(list(values), sqlalchemy_select(*values.values()).where(fits))
        .on_conflict_do_nothing()
        .returning(table.c.id)
    )


async def _use_after_a_look(
    session: AsyncSession,
    shop_id: int,
    code_id: int,
    reference: str,
    customer: str,
    *,
    now: datetime,
) -> None:
    code = await _lock(session, shop_id, code_id)
    uses = select(Redemption).where(
        col(Redemption.code_id) == code_id, col(Redemption.reference) == reference
    )
    use = (await session.exec(uses)).first()
    if use is not None and use.state != "released":
        return
    await check_customer(session, code, customer)
    slot = await _free_slot(session, code, customer)
    if not await _take_one(session, shop_id, code_id):
        raise CodeUsedUp()
    if use is None:
        use = Redemption(
            shop_id=shop_id, code_id=code_id, reference=reference, customer=customer,
            reserved_at=now,
        )  # fmt: skip
    use.state, use.slot, use.customer = "reserved", slot, customer
    use.reserved_at, use.released_at = now, None
    session.add(use)
    await session.flush()


async def keep(session: AsyncSession, shop_id: int, reference: str, *, now: datetime) -> None:
    """The order is paid. A released use counts again, even beyond the limit: the money that
    came late was paid for the lower price."""
    for use in await _uses(session, shop_id, reference):
        if use.state == "released":
            await _count(session, use.code_id, +1)
        if use.state != "kept":
            use.state, use.kept_at, use.released_at = "kept", now, None
            session.add(use)
    await session.flush()


async def release(session: AsyncSession, shop_id: int, reference: str, *, now: datetime) -> None:
    """The order died unpaid. What was kept stays kept."""
    for use in await _uses(session, shop_id, reference):
        if use.state == "reserved":
            await _count(session, use.code_id, -1)
            use.state, use.slot, use.released_at = "released", None, now
            session.add(use)
    await session.flush()


async def _lock(session: AsyncSession, shop_id: int, code_id: int) -> CouponCode:
    query = (
        select(CouponCode)
        .where(col(CouponCode.id) == code_id, col(CouponCode.shop_id) == shop_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    code = (await session.exec(query)).first()
    if code is None:
        raise CodeUnknown()
    return code


async def _uses(session: AsyncSession, shop_id: int, reference: str) -> list[Redemption]:
    """The order's uses, read again after their codes are locked (in the order of their ids)."""
    query = (
        select(Redemption)
        .where(col(Redemption.shop_id) == shop_id, col(Redemption.reference) == reference)
        .order_by(col(Redemption.code_id))
        .execution_options(populate_existing=True)
    )
    for use in (await session.exec(query)).all():
        await _lock(session, shop_id, use.code_id)
    return list((await session.exec(query)).all())


async def _free_slot(session: AsyncSession, code: CouponCode, customer: str) -> int | None:
    if code.per_customer_limit is None:
        return None
    query = select(Redemption.slot).where(
        col(Redemption.code_id) == code.key, col(Redemption.customer) == customer
    )
    taken = set((await session.exec(query)).all())
    return next(slot for slot in range(len(taken) + 1) if slot not in taken)


async def _take_one(session: AsyncSession, shop_id: int, code_id: int) -> bool:
    """Counts the use and locks the code's row; False if none is left."""
    return bool(await ask(session, _TAKING, {"of_code": code_id, "of_shop": shop_id}))


async def _count(session: AsyncSession, code_id: int, change: int) -> None:
    await session.exec(
        update(CouponCode)
        .where(col(CouponCode.id) == code_id)
        .values(taken=col(CouponCode.taken) + change)
    )
