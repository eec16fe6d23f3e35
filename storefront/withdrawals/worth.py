"""What goes back for a case, and by which actions: from the order as it was frozen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import ShopError
from core.money import Money, split
from storefront.changes.actions import ACTIONS, Action, GiveBackShipping, SetQuantity, TakeBack
from storefront.changes.models import OrderChange
from storefront.changes.proposing import preview_of
from storefront.orders.finding import lines_of
from storefront.orders.models import Order, OrderLine
from storefront.withdrawals.goods import CaseGoods, goods_of, is_whole_order
from storefront.withdrawals.models import Withdrawal


@dataclass(frozen=True, slots=True)
class Worth:
    """`by_line` is what the pieces of each line cost, before anything is taken off. `total` is
    what really goes back: less than the sum where part of the price was let go of before."""

    by_line: Mapping[int, Money]
    shipping: Money
    lost: Money
    total: Money


def counted(case: Withdrawal, one: CaseGoods) -> int:
    """The pieces that money goes back for: once goods are here, those that really came, and what
    was never sent."""
    if case.goods_at is None:
        return one.row.quantity
    unsent = min(one.line.to_ship, one.row.quantity)
    return min(one.row.quantity, one.row.received + unsent)


def worth_of_pieces(line: OrderLine, pieces: int, currency: str) -> int:
    """What so many pieces cost; those that are kept keep their share of the discount."""
    rest = max(0, line.quantity - pieces)
    _, off = split(Money(line.discount_minor, currency), [rest, pieces])
    return line.unit_minor * pieces - off.minor


async def actions_of(session: AsyncSession, order: Order, case: Withdrawal) -> list[Action]:
    """Pieces never sent are taken off the order, pieces sent are taken back; with the whole order
    its delivery goes back too (§357 Abs. 2 BGB). There is one way of delivery, the cheapest."""
    goods = await goods_of(session, case)
    actions = [action for one in goods for action in _for_line(case, one, order.currency)]
    shipping = _shipping(order, case, goods, await lines_of(session, order))
    return [*actions, GiveBackShipping(amount_minor=shipping)] if shipping else actions


def _shipping(
    order: Order, case: Withdrawal, goods: Sequence[CaseGoods], lines: Sequence[OrderLine]
) -> int:
    pieces = {one.line.key: counted(case, one) for one in goods}
    paid = order.shipping_minor - order.shipping_discount_minor
    return paid if goods and is_whole_order(lines, pieces) else 0


def _for_line(case: Withdrawal, one: CaseGoods, currency: str) -> Iterator[Action]:
    """Of what came back, what cannot be sold again first: the value lost is theirs."""
    line, pieces = one.line, counted(case, one)
    unsent = min(pieces, line.to_ship)
    if unsent:
        yield SetQuantity(line_id=line.key, quantity=line.quantity - unsent)
    back = pieces - unsent
    sellable = min(one.row.restocked, back)
    rest, lost = back - sellable, one.row.lost_minor
    if rest:
        kept = min(lost, worth_of_pieces(line, rest, currency) if sellable else lost)
        lost -= kept
        yield TakeBack(line_id=line.key, quantity=rest, restock=False, keep_minor=kept)
    if sellable:
        yield TakeBack(line_id=line.key, quantity=sellable, restock=True, keep_minor=lost)


async def worth_of(
    session: AsyncSession, order: Order, case: Withdrawal, *, now: datetime
) -> Worth:
    """Once it is paid back the case itself remembers the total."""
    goods = await goods_of(session, case)
    by_line = {
        one.line.key: order.money(
            worth_of_pieces(one.line, counted(case, one), order.currency)
            if case.paid_back_at is None else 0
        )
        for one in goods
    }  # fmt: skip
    shipping = _shipping(order, case, goods, await lines_of(session, order))
    return Worth(
        by_line=by_line,
        shipping=order.money(shipping if case.paid_back_at is None else 0),
        lost=order.money(sum(one.row.lost_minor for one in goods)),
        total=order.money(await _total(session, order, case, now=now)),
    )


async def _total(session: AsyncSession, order: Order, case: Withdrawal, *, now: datetime) -> int:
    """Nothing where nothing was paid, or the order has come to nothing already."""
    if case.paid_back_at is not None or order.paid_at is None:
        return case.paid_back_minor
    actions = await actions_of(session, order, case)
    asked = OrderChange(
        shop_id=order.shop_id, order_id=order.key, kind=case.kind, currency=order.currency,
        actions=ACTIONS.dump_python(actions, mode="json"), created_at=now, created_by="",
    )  # fmt: skip
    try:
        return (await preview_of(session, order, asked, now=now)).reckoned.to_refund.minor
    except ShopError:
        return 0
