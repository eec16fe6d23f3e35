"""Returns that are no withdrawal: opened by staff from the order, agreed with the customer."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.orders.states import lock_order
from storefront.withdrawals.goods import Pieces, choose, goods_of, summary
from storefront.withdrawals.models import CaseKind, Withdrawal
from storefront.withdrawals.receiving import file_under


async def open_case(
    session: AsyncSession,
    shop_id: int,
    order_id: int,
    kind: CaseKind,
    pieces: Pieces,
    *,
    words: str = "",
    came_at: datetime | None = None,
    by: str,
    now: datetime,
) -> Withdrawal:
    """Also a withdrawal that came by letter, telephone or e-mail; `came_at` is when.

    Raises OrderUnknown, NoGoodsChosen, TooManyPieces.
    """
    order = await lock_order(session, shop_id, order_id)
    case = Withdrawal(
        shop_id=shop_id, kind=kind, name=order.name, email=order.email, contract=str(order.number),
        locale=order.locale, received_at=came_at or now, opened_by=by,
    )  # fmt: skip
    session.add(case)
    await session.flush()
    await choose(session, case, order, pieces)
    chosen = summary(await goods_of(session, case))
    case.scope = "\n".join(filter(None, (chosen, words)))
    file_under(session, case, order, now=now)
    return case
