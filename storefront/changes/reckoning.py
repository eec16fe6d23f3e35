"""What a change comes to. Pure: an order and actions in, the order as it would be out.

The original-price rule: what is kept keeps price, tax, discount and coupon share. More pieces of
what stands in the order cost what they cost there, or what they cost today if that is less; after
the shop's correction window they cost what they cost today. Every amount is a difference of two
states of a line, so what is shown, charged, given back and invoiced adds up by construction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.money import Money, in_steps, share, split, split_by_pieces
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
from storefront.changes.errors import LineUnknown, MoreThanPaid, NotThatMany, SentAlready
from storefront.changes.order_states import Back, LineState, OrderState, Reckoned, Ware


@dataclass(frozen=True, slots=True)
class _Freed:
    """Pieces this change has taken off a line, and their share of its discount: what replaces
    them takes it over."""

    pieces: int = 0
    discount_minor: int = 0


@dataclass(slots=True)
class _Desk:
    """The order while it is being changed."""

    state: OrderState
    wares: Mapping[int, Ware]
    is_within_window: bool
    backs: list[Back] = field(default_factory=list)
    freed: dict[int | None, _Freed] = field(default_factory=dict)

    def find(self, line_id: int) -> LineState:
        for line in self.state.lines:
            if line.line_id == line_id:
                return line
        raise LineUnknown()

    def put(self, former: LineState, line: LineState) -> None:
        lines = tuple(line if one is former else one for one in self.state.lines)
        self.state = replace(self.state, lines=lines)

    def append(self, line: LineState) -> None:
        self.state = replace(self.state, lines=(*self.state.lines, line))

    def money(self, minor: int) -> Money:
        return Money(minor, self.state.currency)


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
    desk = _Desk(state, wares, is_within_window)
    for action in actions:
        _do(desk, action)
    after = replace(desk.state, credited_minor=_credit_left(state, desk.state))
    return Reckoned(state, after, rows_between(state, after), tuple(desk.backs))


def _do(desk: _Desk, action: Action) -> None:
    match action:
        case SetQuantity():
            _set_quantity(desk, desk.find(action.line_id), action.quantity)
        case Add():
            _add(desk, action)
        case Swap():
            _swap(desk, action)
        case TakeBack():
            _take_back(desk, action)
        case SetPrice():
            _set_price(desk, desk.find(action.line_id), action.unit_minor)
        case GiveBackShipping():
            _give_back_shipping(desk, action.amount_minor)
        case Goodwill():
            _let_go(desk, action.amount_minor)


def _set_price(desk: _Desk, line: LineState, unit_minor: int) -> None:
    """Who leaves the agreed price leaves its discount, for what replaces taken pieces too."""
    desk.put(line, _taxed(replace(line, unit_minor=unit_minor, discount_minor=0)))
    freed = desk.freed.get(line.line_id, _Freed())
    desk.freed[line.line_id] = _Freed(freed.pieces)


def _set_quantity(desk: _Desk, line: LineState, quantity: int) -> None:
    if quantity < line.here:
        raise SentAlready(sent=line.here, name=line.name)
    if quantity > line.quantity:
        _more(desk, line, quantity - line.quantity)
    elif quantity < line.quantity:
        desk.put(line, _fewer(desk, line, line.quantity - quantity))


def _fewer(desk: _Desk, line: LineState, pieces: int) -> LineState:
    """What is left keeps its share of the discount."""
    left = line.quantity - pieces
    kept, off = split_by_pieces(desk.money(line.discount_minor), [left, pieces])
    former = desk.freed.get(line.line_id, _Freed())
    desk.freed[line.line_id] = _Freed(
        former.pieces + pieces, former.discount_minor + off.minor
    )  # fmt: skip
    return _taxed(replace(line, quantity=left, discount_minor=kept.minor))


def _more(desk: _Desk, line: LineState, pieces: int) -> None:
    """Replacements first; what is more than that is extra."""
    freed = desk.freed.get(line.line_id, _Freed())
    swapped = min(pieces, freed.pieces)
    extra = pieces - swapped
    if extra and not desk.is_within_window:
        ware = desk.wares[line.variant_id]
        desk.append(_new_line(ware, extra, ware.today_minor, 0))
        extra = 0
    if not swapped + extra:
        return
    back, rest = split_by_pieces(
        desk.money(freed.discount_minor), [swapped, freed.pieces - swapped]
    )
    desk.freed[line.line_id] = _Freed(freed.pieces - swapped, rest.minor)
    agreed_off = back.minor + _percent_of(desk, line, line.unit_minor * extra)
    discount = max(agreed_off, _cheaper_today(desk, line, swapped + extra))
    desk.put(
        line,
        _taxed(
            replace(
                line, quantity=line.quantity + swapped + extra,
                discount_minor=line.discount_minor + discount,
            )
        ),
    )  # fmt: skip


def _percent_of(desk: _Desk, line: LineState, gross_minor: int) -> int:
    return in_steps(share(desk.money(gross_minor), line.percent, 100)).minor


def _cheaper_today(desk: _Desk, line: LineState, pieces: int) -> int:
    """By how much so many pieces cost less today than they are listed in the order."""
    if not desk.is_within_window:
        return 0
    return max(0, line.unit_minor - desk.wares[line.variant_id].today_minor) * pieces


def _add(desk: _Desk, action: Add) -> None:
    for line in desk.state.lines:
        is_known = line.line_id is not None and (line.quantity or line.line_id in desk.freed)
        if line.variant_id == action.variant_id and is_known:
            _more(desk, line, action.quantity)
            return
    ware = desk.wares[action.variant_id]
    desk.append(_new_line(ware, action.quantity, ware.today_minor, 0))


def _swap(desk: _Desk, action: Swap) -> None:
    """Another size of the same thing costs what it cost when the order was placed, less the same
    discount, if a slip is being mended; whatever else costs what it costs today."""
    line, ware = desk.find(action.line_id), desk.wares[action.variant_id]
    free = line.quantity - line.here
    if action.quantity > free:
        raise NotThatMany(most=free, name=line.name)
    less = _fewer(desk, line, action.quantity)
    desk.put(line, less)
    gross, today = ware.then_minor * action.quantity, ware.today_minor * action.quantity
    share_off = line.discount_minor - less.discount_minor
    discount = _percent_of(desk, line, gross) if line.percent else min(share_off, gross)
    is_slip = desk.is_within_window and ware.product_id == line.product_id
    if is_slip and gross - discount <= today:
        made = _new_line(ware, action.quantity, ware.then_minor, discount)
        desk.append(replace(made, percent=line.percent, deal_id=line.deal_id))
    else:
        desk.append(_new_line(ware, action.quantity, ware.today_minor, 0))


def _take_back(desk: _Desk, action: TakeBack) -> None:
    line = desk.find(action.line_id)
    if action.quantity > line.here:
        raise NotThatMany(most=line.here, name=line.name)
    less = _fewer(desk, line, action.quantity)
    worth = line.total_minor - less.total_minor
    if action.keep_minor > worth:
        raise MoreThanPaid(most=desk.money(worth))
    back = replace(
        less, here=less.here - action.quantity, came_back=less.came_back + action.quantity,
        kept_minor=less.kept_minor + action.keep_minor,
    )  # fmt: skip
    desk.put(line, _taxed(back))
    desk.backs.append(Back(action.line_id, action.quantity, action.restock))


def _give_back_shipping(desk: _Desk, amount_minor: int) -> None:
    state = desk.state
    charged = state.shipping_minor - state.shipping_discount_minor
    if amount_minor > charged:
        raise MoreThanPaid(most=desk.money(charged))
    desk.state = replace(
        state,
        shipping_discount_minor=state.shipping_discount_minor + amount_minor,
        shipping_tax_minor=tax_in(desk.money(charged - amount_minor), state.shipping_tax_bp).minor,
    )


def _let_go(desk: _Desk, amount_minor: int) -> None:
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


def _new_line(ware: Ware, quantity: int, unit_minor: int, discount_minor: int) -> LineState:
    return _taxed(
        LineState(
            line_id=None, variant_id=ware.variant_id, product_id=ware.product_id, name=ware.name,
            quantity=quantity, unit_minor=unit_minor, discount_minor=discount_minor,
            tax_bp=ware.tax_bp, tax_minor=0, unit_text=ware.unit_text,
            no_withdrawal=ware.no_withdrawal,
        )
    )  # fmt: skip


def _taxed(line: LineState) -> LineState:
    """VAT is a part of the line's gross total, rounded once (currency plays no part in that)."""
    return replace(line, tax_minor=tax_in(Money(line.total_minor, "EUR"), line.tax_bp).minor)
