"""What each action does with the goods: the original-price rule.

What is kept keeps price, tax, discount and coupon share. More pieces of what stands in the order
cost what they cost there, or what they cost today if that is less; after the shop's correction
window they cost what they cost today.
"""

from dataclasses import replace

from core.money import in_steps, share, split_by_pieces
from storefront.changes.actions import Add, SetPrice, SetQuantity, Swap, TakeBack
from storefront.changes.desk import Desk, Freed, new_line, taxed
from storefront.changes.errors import MoreThanPaid, NotThatMany, SentAlready
from storefront.changes.order_states import Back, LineState


def set_quantity(desk: Desk, action: SetQuantity) -> None:
    line = desk.find(action.line_id)
    if action.quantity < line.here:
        raise SentAlready(sent=line.here, name=line.name)
    if action.quantity > line.quantity:
        _more(desk, line, action.quantity - line.quantity)
    elif action.quantity < line.quantity:
        desk.put(line, _fewer(desk, line, line.quantity - action.quantity))


def add(desk: Desk, action: Add) -> None:
    for line in desk.state.lines:
        is_known = line.line_id is not None and (line.quantity or line.line_id in desk.freed)
        if line.variant_id == action.variant_id and is_known:
            _more(desk, line, action.quantity)
            return
    _append_at_todays_price(desk, action.variant_id, action.quantity)


def swap(desk: Desk, action: Swap) -> None:
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
        made = new_line(ware, action.quantity, ware.then_minor, discount)
        desk.append(replace(made, percent=line.percent, deal_id=line.deal_id))
    else:
        _append_at_todays_price(desk, action.variant_id, action.quantity)


def take_back(desk: Desk, action: TakeBack) -> None:
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
    desk.put(line, taxed(back))
    desk.backs.append(Back(action.line_id, action.quantity, action.restock))


def set_price(desk: Desk, action: SetPrice) -> None:
    """Who leaves the agreed price leaves its discount, for what replaces taken pieces too."""
    line = desk.find(action.line_id)
    desk.put(line, taxed(replace(line, unit_minor=action.unit_minor, discount_minor=0)))
    desk.freed[line.line_id] = Freed(desk.freed_of(line).pieces)


def _more(desk: Desk, line: LineState, pieces: int) -> None:
    """Replacements first; what is more than that is extra."""
    freed = desk.freed_of(line)
    swapped = min(pieces, freed.pieces)
    extra = pieces - swapped
    if extra and not desk.is_within_window:
        _append_at_todays_price(desk, line.variant_id, extra)
        extra = 0
    if not swapped + extra:
        return
    back, rest = split_by_pieces(
        desk.money(freed.discount_minor), [swapped, freed.pieces - swapped]
    )
    desk.freed[line.line_id] = Freed(freed.pieces - swapped, rest.minor)
    agreed_off = back.minor + _percent_of(desk, line, line.unit_minor * extra)
    discount = max(agreed_off, _cheaper_today(desk, line, swapped + extra))
    desk.put(
        line,
        taxed(
            replace(
                line, quantity=line.quantity + swapped + extra,
                discount_minor=line.discount_minor + discount,
            )
        ),
    )  # fmt: skip


def _fewer(desk: Desk, line: LineState, pieces: int) -> LineState:
    """What is left keeps its share of the discount."""
    left = line.quantity - pieces
    kept, off = split_by_pieces(desk.money(line.discount_minor), [left, pieces])
    former = desk.freed_of(line)
    desk.freed[line.line_id] = Freed(
        former.pieces + pieces, former.discount_minor + off.minor
    )  # fmt: skip
    return taxed(replace(line, quantity=left, discount_minor=kept.minor))


def _append_at_todays_price(desk: Desk, variant_id: int, pieces: int) -> None:
    ware = desk.wares[variant_id]
    desk.append(new_line(ware, pieces, ware.today_minor, 0))


def _percent_of(desk: Desk, line: LineState, gross_minor: int) -> int:
    return in_steps(share(desk.money(gross_minor), line.percent, 100)).minor


def _cheaper_today(desk: Desk, line: LineState, pieces: int) -> int:
    """By how much so many pieces cost less today than they are listed in the order."""
    if not desk.is_within_window:
        return 0
    return max(0, line.unit_minor - desk.wares[line.variant_id].today_minor) * pieces
