"""What lies between two states of an order, row by row."""

from core.money import Money
from promotions.taxes import tax_in
from storefront.changes.order_states import LineState, OrderState
from storefront.changes.rows import ChangeRow


def rows_between(before: OrderState, after: OrderState) -> tuple[ChangeRow, ...]:
    """Their totals add up to what is owed more or less."""
    return (*_of_lines(before, after), *_of_shipping(before, after), *_of_credit(before, after))


def _of_lines(before: OrderState, after: OrderState) -> list[ChangeRow]:
    former = {line.line_id: line for line in before.lines}
    rows: list[ChangeRow] = []
    for line in after.lines:
        old = former.get(line.line_id) if line.line_id is not None else None
        if old is None:
            rows.append(_row(line, line.quantity, line.discount_minor, line.tax_minor))
        else:
            rows += _of_line(old, line)
    return [row for row in rows if row.quantity or row.total_minor]


def _of_line(old: LineState, line: LineState) -> list[ChangeRow]:
    """A unit of VAT that rounding alone has moved has no row of its own: the last one has it.

    Where no row is left the line's total is what it was, and its VAT, a part of it, as well.
    """
    rows = [
        row for row in (*_goods(old, line), *_kept(old, line)) if row.quantity or row.total_minor
    ]
    if not rows:
        return []
    *others, last = rows
    rest = line.tax_minor - old.tax_minor - sum(row.tax_minor for row in others)
    return [*others, last.model_copy(update={"tax_minor": rest})]


def _goods(old: LineState, line: LineState) -> list[ChangeRow]:
    if old.unit_minor != line.unit_minor:
        return [
            _row(old, -old.quantity, -old.discount_minor, -_goods_tax(old)),
            _row(line, line.quantity, line.discount_minor, _goods_tax(line)),
        ]
    pieces, discount = line.quantity - old.quantity, line.discount_minor - old.discount_minor
    return [_row(line, pieces, discount, _goods_tax(line) - _goods_tax(old))]


def _kept(old: LineState, line: LineState) -> list[ChangeRow]:
    """What stays with the shop of pieces that came back stands in a row of its own."""
    kept = line.kept_minor - old.kept_minor
    if not kept:
        return []
    return [
        ChangeRow(
            kind="kept", line_id=line.line_id, name=line.name, unit_minor=kept, total_minor=kept,
            tax_bp=line.tax_bp, tax_minor=_kept_tax(line) - _kept_tax(old),
        )
    ]  # fmt: skip


def _kept_tax(line: LineState) -> int:
    return tax_in(Money(line.kept_minor, "EUR"), line.tax_bp).minor


def _goods_tax(line: LineState) -> int:
    return line.tax_minor - _kept_tax(line)


def _row(line: LineState, quantity: int, discount_minor: int, tax_minor: int) -> ChangeRow:
    return ChangeRow(
        line_id=line.line_id, name=line.name, unit_text=line.unit_text, quantity=quantity,
        unit_minor=line.unit_minor, discount_minor=discount_minor,
        total_minor=line.unit_minor * quantity - discount_minor, tax_bp=line.tax_bp,
        tax_minor=tax_minor, no_withdrawal=line.no_withdrawal if quantity > 0 else "",
    )  # fmt: skip


def _of_shipping(before: OrderState, after: OrderState) -> list[ChangeRow]:
    less = after.shipping_discount_minor - before.shipping_discount_minor
    if not less:
        return []
    tax = after.shipping_tax_minor - before.shipping_tax_minor
    return [
        ChangeRow(
            kind="shipping", quantity=-1, unit_minor=less, total_minor=-less,
            tax_bp=after.shipping_tax_bp, tax_minor=tax,
        )
    ]  # fmt: skip


def _of_credit(before: OrderState, after: OrderState) -> list[ChangeRow]:
    given = after.credited_minor - before.credited_minor
    if not given:
        return []
    return [ChangeRow(kind="goodwill", quantity=-1, unit_minor=given, total_minor=-given)]
