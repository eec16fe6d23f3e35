"""A shop's cases, one in each state that something can be done in."""

from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.models import ReturnLabel, Withdrawal, WithdrawalLine
from storefront.orders.finding import lines_of
from storefront.orders.models import Order

STATES: dict[str, dict[str, Any]] = {
    "accept": {}, "reject": {}, "proof": {"return_way": "address"},
    "arrived": {"return_way": "address"}, "refund": {"return_way": "none"},
    "close": {"return_way": "none", "kind": "exchange"},
}  # fmt: skip


async def cases(
    session: AsyncSession, paid: Order, sent: Order, word: str, *, now: datetime
) -> dict[str, int]:
    """Each is about one piece of the order that was sent; the label belongs to the other."""
    [line] = await lines_of(session, sent)
    rows: dict[str, int] = {"order_id:return": sent.key, "line": line.key}
    for name, values in STATES.items():
        case = _case(sent, word, now, **values)
        session.add(case)
        await session.flush()
        session.add(WithdrawalLine(shop_id=sent.shop_id, withdrawal_id=case.key,
                                   order_line_id=line.key, quantity=1))  # fmt: skip
        rows[f"withdrawal_id:{name}"] = case.key
    labelled = _case(paid, word, now, return_way="label")
    session.add(labelled)
    await session.flush()
    session.add(ReturnLabel(withdrawal_id=labelled.key, shop_id=paid.shop_id, pdf=b"%PDF-1.7"))
    return rows | {"withdrawal_id:label": labelled.key}


def _case(order: Order, word: str, now: datetime, **values: Any) -> Withdrawal:
    decided: dict[str, Any] = {"accepted_at": now, "decided_by": word} if values else {}
    return Withdrawal(
        shop_id=order.shop_id, order_id=order.key, name=f"{word} Blum", email=order.email,
        contract=str(order.number), scope=word, received_at=now, **decided, **values,
    )  # fmt: skip
