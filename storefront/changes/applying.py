"""A reckoned change written into its order, under the order's lock."""

from collections.abc import Mapping, Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.bundles import parts_of
from storefront.cards import first_pictures
from storefront.changes.looking import Look
from storefront.changes.order_states import LineState, OrderState, Reckoned
from storefront.orders.finding import pieces_in, sum_of
from storefront.orders.models import Order, OrderLine
from storefront.stock_moves import Wanted


async def write_into(
    session: AsyncSession, order: Order, seen: Look, reckoned: Reckoned
) -> list[OrderLine]:
    """The order's lines afterwards. The database checks the sums once more."""
    lines = {line.key: line for line in seen.lines}
    for state in reckoned.after.lines:
        if state.line_id is not None:
            _update(lines[state.line_id], state)
            session.add(lines[state.line_id])
    new = await _new_lines(session, order, reckoned)
    session.add_all(new)
    _total(order, reckoned.after)
    session.add(order)
    await session.flush()
    return [*seen.lines, *new]


def _update(line: OrderLine, state: LineState) -> None:
    line.quantity, line.unit_minor = state.quantity, state.unit_minor
    line.discount_minor, line.kept_minor = state.discount_minor, state.kept_minor
    line.total_minor, line.tax_minor = state.total_minor, state.tax_minor
    line.returned = state.came_back


async def _new_lines(session: AsyncSession, order: Order, reckoned: Reckoned) -> list[OrderLine]:
    states = [state for state in reckoned.after.lines if state.line_id is None]
    pictures = await first_pictures(session, [state.product_id for state in states])
    bundles = await parts_of(session, [state.variant_id for state in states])
    return [
        OrderLine(
            shop_id=order.shop_id, order_id=order.key, variant_id=state.variant_id,
            product_id=state.product_id, name=state.name, unit_text=state.unit_text,
            picture_digest=pictures[state.product_id].digest
            if state.product_id in pictures else None,
            quantity=state.quantity, unit_minor=state.unit_minor,
            discount_minor=state.discount_minor, total_minor=state.total_minor,
            tax_bp=state.tax_bp, tax_minor=state.tax_minor, deal_id=state.deal_id,
            parts={str(part): each for part, each in bundles.get(state.variant_id, {}).items()},
            no_withdrawal=state.no_withdrawal,
        )
        for state in states
    ]  # fmt: skip


def _total(order: Order, after: OrderState) -> None:
    order.goods_minor = sum(one.unit_minor * one.quantity + one.kept_minor for one in after.lines)
    order.discount_minor = sum(one.discount_minor for one in after.lines)
    order.shipping_discount_minor = after.shipping_discount_minor
    order.shipping_tax_minor = after.shipping_tax_minor
    order.total_minor = after.total_minor
    order.credited_minor = after.credited_minor
    order.tax_minor = sum(one.tax_minor for one in after.lines) + after.shipping_tax_minor


async def parts_needed(session: AsyncSession, shop_id: int, reckoned: Reckoned) -> Wanted:
    """What more is taken from the stock (positive) or goes back to it (negative), by variant.

    One change may give a vase back and take two: only the difference moves.
    """
    lines = await _lines(session, reckoned.before)
    former = {one.line_id: one for one in reckoned.before.lines}
    bundles = await parts_of(session, [one.variant_id for one in reckoned.after.lines])
    moves: list[Wanted] = []
    for state in reckoned.after.lines:
        pending = state.quantity - state.here
        if state.line_id is None:
            parts = bundles.get(state.variant_id, {state.variant_id: 1})
            moves.append({part: each * pending for part, each in parts.items()})
            continue
        before = former[state.line_id]
        moves.append(pieces_in(lines[state.line_id], pending - (before.quantity - before.here)))
    return {variant_id: pieces for variant_id, pieces in sum_of(moves).items() if pieces}


async def parts_back(session: AsyncSession, reckoned: Reckoned) -> Wanted:
    """What came back from the customer and goes on the shelf again."""
    lines = await _lines(session, reckoned.before)
    return sum_of(
        pieces_in(lines[back.line_id], back.quantity) for back in reckoned.backs if back.restock
    )


async def _lines(session: AsyncSession, before: OrderState) -> Mapping[int, OrderLine]:
    ids: Sequence[int] = [one.line_id for one in before.lines if one.line_id is not None]
    query = select(OrderLine).where(col(OrderLine.id).in_(ids))
    return {line.key: line for line in (await session.exec(query)).all()}


def taken(moves: Wanted) -> Wanted:
    return {variant_id: pieces for variant_id, pieces in moves.items() if pieces > 0}


def given(moves: Wanted) -> Wanted:
    return {variant_id: -pieces for variant_id, pieces in moves.items() if pieces < 0}
