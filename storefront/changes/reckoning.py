"""What a change comes to. Pure: an order and actions in, the order as it would be out.

Every amount is a difference of two states of a line, so what is shown, charged, given back and
invoiced adds up by construction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.money import Money, split
from promotions.taxes import tax_in
from storefront.changes.actions import (
    Action,
    Add,
    GiveBackShipping,
    Goodwill,
    SetPrice,
    SetQuantity,
    Swap,
    TakeBack,
)
from storefront.changes.comparing import rows_between
from storefront.changes.desk import Desk
from storefront.changes.errors import MoreThanPaid
from storefront.changes.goods import add, set_price, set_quantity, swap, take_back
from storefront.changes.order_states import OrderState, Reckoned, Ware


def reckon(
    state: OrderState,
    actions: Sequence[Action],
    wares: Mapping[int, Ware],
    *,
    is_within_window: bool,
) -> Reckoned:
    """`wares` holds every variant of the order and of the actions.

    Raises LineUnknown, SentAlready, NotThatMany, MoreThanPaid.
    """
    desk = Desk(state, wares, is_within_window)
    for action in actions:
        _do(desk, action)
    after = replace(desk.state, credited_minor=_credit_left(state, desk.state))
    return Reckoned(state, after, rows_between(state, after), tuple(desk.backs))


def _do(desk: Desk, action: Action) -> None:
    match action:
        case SetQuantity():
            set_quantity(desk, action)
        case Add():
            add(desk, action)
        case Swap():
            swap(desk, action)
        case TakeBack():
            take_back(desk, action)
        case SetPrice():
            set_price(desk, action)
        case GiveBackShipping():
            _give_back_shipping(desk, action.amount_minor)
        case Goodwill():
            _let_go(desk, action.amount_minor)


def _give_back_shipping(desk: Desk, amount_minor: int) -> None:
    state = desk.state
    charged = state.shipping_minor - state.shipping_discount_minor
    if amount_minor > charged:
        raise MoreThanPaid(most=desk.money(charged))
    desk.state = replace(
        state,
        shipping_discount_minor=state.shipping_discount_minor + amount_minor,
        shipping_tax_minor=tax_in(desk.money(charged - amount_minor), state.shipping_tax_bp).minor,
    )


def _let_go(desk: Desk, amount_minor: int) -> None:
    if amount_minor > desk.state.owed_minor:
        raise MoreThanPaid(most=desk.money(max(0, desk.state.owed_minor)))
    desk.state = replace(desk.state, credited_minor=desk.state.credited_minor + amount_minor)


def _credit_left(before: OrderState, after: OrderState) -> int:
    """Who had been let go of a part and gives goods back has had their share of it already. No
    more is let go of than what is left costs."""
    if after.total_minor >= before.total_minor or not before.credited_minor:
        return min(after.credited_minor, after.total_minor)
    given = after.credited_minor - before.credited_minor
    left, _ = split(
        Money(before.credited_minor, after.currency),
        [after.total_minor, before.total_minor - after.total_minor],
    )
    return min(left.minor + given, after.total_minor)
