"""What was agreed stays agreed: prices and rates of a line, whatever the shop asks today."""

from tests.orders_and_money.books import Books


class Frozen:
    """Remembers each line as it was first seen; only a person may have given it another price."""

    def __init__(self) -> None:
        self._lines: dict[int, tuple[object, ...]] = {}
        self._prices: dict[int, int] = {}

    def check(self, books: Books) -> None:
        repriced = {
            action["line_id"]
            for change in books.changes
            if change.state == "settled"
            for action in change.actions
            if action["do"] == "set_price"
        }
        for line in books.lines:
            seen = (line.name, line.tax_bp, line.variant_id, tuple(sorted(line.parts.items())))
            assert self._lines.setdefault(line.key, seen) == seen, f"line {line.key}"
            price = self._prices.setdefault(line.key, line.unit_minor)
            if line.key not in repriced:
                assert price == line.unit_minor, f"the agreed price of line {line.key}"
