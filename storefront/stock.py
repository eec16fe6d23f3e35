"""Stock: what becomes of the pieces that orders want, one verb for each step of their way."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.models import Variant
from storefront.stock_moves import Step, Wanted, move

_HOLD = Step("held", held=1)
_RELEASE = Step("released", held=-1)
_SELL = Step("sold", held=-1, allocated=1)
_ALLOCATE = Step("allocated", allocated=1)
_TAKE_BACK = Step("returned", allocated=-1)
_SEND = Step("sent", on_hand=-1, allocated=-1)
_RESTOCK = Step("restocked", on_hand=1)
_UNSEND = Step("unsent", on_hand=1, allocated=1)


async def hold(
    session: AsyncSession, shop_id: int, wanted: Wanted, reference: str, *, now: datetime
) -> None:
    """Reserve for an unpaid order. Raises SoldOut or NotEnough; the caller's transaction (or
    savepoint) then undoes what other variants have already given."""
    await move(session, shop_id, wanted, _HOLD, reference, now=now)


async def release(
    session: AsyncSession, shop_id: int, wanted: Wanted, reference: str, *, now: datetime
) -> None:
    """The unpaid order died."""
    await move(session, shop_id, wanted, _RELEASE, reference, now=now)


async def sell(
    session: AsyncSession, shop_id: int, wanted: Wanted, reference: str, *, now: datetime
) -> None:
    """What was held is paid for."""
    await move(session, shop_id, wanted, _SELL, reference, now=now)


async def allocate(
    session: AsyncSession, shop_id: int, wanted: Wanted, reference: str, *, now: datetime
) -> None:
    """Taken and paid for in one step, without having been held. Raises what `hold` raises."""
    await move(session, shop_id, wanted, _ALLOCATE, reference, now=now)


async def take_back(
    session: AsyncSession, shop_id: int, wanted: Wanted, reference: str, *, now: datetime
) -> None:
    """What was paid for never left: it can be sold again."""
    await move(session, shop_id, wanted, _TAKE_BACK, reference, now=now)


async def send(
    session: AsyncSession, shop_id: int, wanted: Wanted, reference: str, *, now: datetime
) -> None:
    """What was paid for has been handed over."""
    await move(session, shop_id, wanted, _SEND, reference, now=now)


async def unsend(
    session: AsyncSession, shop_id: int, wanted: Wanted, reference: str, *, now: datetime
) -> None:
    """It was marked as handed over by mistake, and is still promised."""
    await move(session, shop_id, wanted, _UNSEND, reference, now=now)


async def restock(
    session: AsyncSession, shop_id: int, wanted: Wanted, reference: str, *, now: datetime
) -> None:
    """What had been handed over has come back and can be sold again."""
    await move(session, shop_id, wanted, _RESTOCK, reference, now=now)


async def lock(session: AsyncSession, shop_id: int, variant_ids: Iterable[int]) -> None:
    """Before several steps one after another, which could not keep to the order of the ids. No
    lock on the keys: lines of orders that are being placed refer to the rows, and two who have
    written theirs would wait for each other."""
    query = select(Variant.id).where(
        col(Variant.shop_id) == shop_id, col(Variant.id).in_(set(variant_ids))
    )
    await session.exec(query.order_by(col(Variant.id)).with_for_update(key_share=True))
