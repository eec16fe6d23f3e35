"""Whatever becomes of an order, its documents come to what is owed: no rate below zero, no cent lost."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from core.money import Money
from storefront.changes.rows import ChangeRow
from storefront.invoices.balancing import Wanting, find_wanting, printed
from storefront.invoices.content import Rate, Row
from storefront.invoices.splitting import added, gross_of, rates_of
from tests.storefront.test_invoice_sums import RATES, SAID, contained, fits

SHIPPING_BP = 1900


@dataclass
class Piece:
    quantity: int
    unit: int
    discount: int
    tax_bp: int

    @property
    def total(self) -> int:
        return self.quantity * self.unit - self.discount

    def row(self, sign: int) -> ChangeRow:
        return ChangeRow(
            name="Rosen", quantity=sign * self.quantity, unit_minor=self.unit,
            discount_minor=sign * self.discount, total_minor=sign * self.total,
            tax_bp=self.tax_bp, tax_minor=sign * contained(self.total, self.tax_bp),
        )  # fmt: skip


@dataclass
class Ordered:
    """An order as changes leave it: lines, delivery, and what was let go of."""

    lines: list[Piece]
    shipping: int
    credited: int = 0
    was_credited: bool = False
    rows: list[ChangeRow] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines) + self.shipping

    @property
    def owed(self) -> Money:
        return Money(self.total - self.credited, "EUR")

    def own(self) -> list[Rate]:
        rows = [line.row(1) for line in self.lines] + [self.delivery(self.shipping)]
        return rates_of(printed(rows, SAID, small_business=False).more)

    @staticmethod
    def delivery(minor: int) -> ChangeRow:
        tax = contained(abs(minor), SHIPPING_BP) * (-1 if minor < 0 else 1)
        return ChangeRow(kind="shipping", unit_minor=minor, total_minor=minor, tax_bp=SHIPPING_BP,
                         tax_minor=tax)  # fmt: skip

    def replace(self, place: int, new: Piece) -> None:
        """Given back as it was, and charged anew."""
        self.rows = [self.lines[place].row(-1), new.row(1)]
        self.lines[place] = new
        self.credited = min(self.credited, self.total)

    def give_back(self, place: int, quantity: int) -> None:
        old = self.lines[place]
        kept = Piece(old.quantity - quantity, old.unit,
                     old.discount * (old.quantity - quantity) // old.quantity, old.tax_bp)  # fmt: skip
        tax = contained(old.total, old.tax_bp) - contained(kept.total, old.tax_bp)
        self.rows = [ChangeRow(
            name="Rosen", quantity=-quantity, unit_minor=old.unit,
            discount_minor=kept.discount - old.discount, total_minor=kept.total - old.total,
            tax_bp=old.tax_bp, tax_minor=-tax,
        )]  # fmt: skip
        self.lines[place] = kept
        self.credited = min(self.credited, self.total)

    def add(self, new: Piece, *, waived: bool) -> None:
        self.rows = [new.row(1)]
        self.lines.append(new)
        if waived:
            self.credit(new.total)

    def give_back_delivery(self) -> None:
        if not self.shipping:
            return
        self.rows = [self.delivery(-self.shipping)]
        self.shipping = 0
        self.credited = min(self.credited, self.total)

    def credit(self, minor: int) -> None:
        self.credited = max(0, min(self.total, self.credited + minor))
        self.was_credited = self.was_credited or minor > 0
        self.rows = [
            *self.rows, ChangeRow(kind="goodwill", unit_minor=-minor, total_minor=-minor)
        ]  # fmt: skip


pieces = st.builds(
    lambda quantity, unit, percent, tax_bp: Piece(
        quantity, unit, quantity * unit * percent // 100, tax_bp
    ),
    st.integers(1, 9), st.integers(0, 20_000), st.sampled_from([0, 0, 10, 33, 100]), RATES,
)  # fmt: skip


@st.composite
def happenings(draw: st.DrawFn, ordered: Ordered) -> str:
    """Does one of the things that can happen to an order."""
    what = draw(st.sampled_from(
        ["return", "price", "add", "waive", "delivery", "credit", "undo credit", "failed refund"]
    ))  # fmt: skip
    ordered.rows = []
    if what == "return" and (full := [n for n, one in enumerate(ordered.lines) if one.quantity]):
        place = draw(st.sampled_from(full))
        ordered.give_back(place, draw(st.integers(1, ordered.lines[place].quantity)))
    elif what == "price":
        ordered.replace(draw(st.integers(0, len(ordered.lines) - 1)), draw(pieces))
    elif what in ("add", "waive"):
        ordered.add(draw(pieces), waived=what == "waive")
    elif what == "delivery":
        ordered.give_back_delivery()
    elif what == "credit":
        ordered.credit(draw(st.integers(0, ordered.owed.minor)))
    elif what == "undo credit":
        ordered.credited -= draw(st.integers(0, ordered.credited))
    return what


@given(lines=st.lists(pieces, min_size=1, max_size=4), shipping=st.sampled_from([0, 490]),
       data=st.data())  # fmt: skip
def test_documents_follow_what_is_owed(
    lines: list[Piece], shipping: int, data: st.DataObject
) -> None:
    ordered = Ordered(lines, shipping)
    left = ordered.own()
    for _ in range(data.draw(st.integers(1, 8))):
        data.draw(happenings(ordered))
        asked = printed(ordered.rows, SAID, small_business=False)
        own = ordered.own()
        wanting = find_wanting(left, asked, ordered.owed, own, SAID)
        check(wanting)
        left = added(left, rates_of(wanting.more), rates_of(wanting.back))
        assert gross_of(left) == ordered.owed.minor
        assert all(0 <= rate.tax_minor <= rate.gross_minor for rate in left)
        assert find_wanting(left, Wanting(), ordered.owed, own, SAID) == Wanting()
    if not ordered.was_credited:
        assert [one for one in left if one.gross_minor] == [
            one for one in ordered.own() if one.gross_minor
        ]


def check(wanting: Wanting) -> None:
    assert all(row.total_minor > 0 for row in wanting.more)
    assert all(fits(row) for row in (*wanting.more, *wanting.back))
    assert sum(row.total_minor for row in wanting.back) <= 0
    assert all(row.unit_minor >= 0 for row in (*wanting.more, *wanting.back))


def row(total: int, tax_bp: int, name: str = "Rosen") -> Row:
    sign = -1 if total < 0 else 1
    return Row(name=name, quantity=sign, unit_minor=abs(total), total_minor=total, tax_bp=tax_bp,
               tax_minor=sign * contained(abs(total), tax_bp))  # fmt: skip


def test_an_exchange_is_an_invoice_on_top_and_a_cancellation_in_part() -> None:
    left = rates_of([row(4980, 1900), row(999, 700)])
    rows = [row(-2490, 1900), row(3490, 1900, "Mehr Rosen")]
    own = rates_of([row(2490, 1900), row(3490, 1900), row(999, 700)])
    wanting = find_wanting(left, Wanting([rows[1]], [rows[0]]), Money(6979, "EUR"), own, SAID)
    assert wanting == Wanting([rows[1]], [rows[0]])


def test_goods_given_back_after_goodwill_give_back_no_more_than_is_left() -> None:
    """30 of 100 euros were let go of; then the goods come back."""
    left = added(rates_of([row(10_000, 1900)]), rates_of([row(-3000, 1900)]))
    wanting = find_wanting(left, Wanting([], [row(-10_000, 1900)]), Money(0, "EUR"), [], SAID)
    assert [(one.name, one.quantity, one.total_minor) for one in wanting.back] == [
        ("Rosen", -1, -10_000), ("Before", 1, 3000),
    ]  # fmt: skip
    assert added(left, rates_of(wanting.back)) == [Rate(tax_bp=1900, gross_minor=0, tax_minor=0)]


def test_goodwill_is_shared_out_over_the_rates() -> None:
    left = rates_of([row(6000, 1900), row(4000, 700)])
    wanting = find_wanting(left, Wanting(), Money(9000, "EUR"), left, SAID)
    assert [(one.name, one.tax_bp, one.total_minor, one.tax_minor) for one in wanting.back] == [
        ("Refund", 700, -400, -26), ("Refund", 1900, -600, -96),
    ]  # fmt: skip


def test_a_cent_of_vat_between_line_and_rate_is_borne_by_the_last_row() -> None:
    left = [Rate(tax_bp=1900, gross_minor=200, tax_minor=31)]
    rows = [row(-100, 1900), row(-100, 1900)]
    wanting = find_wanting(left, Wanting([], rows), Money(0, "EUR"), [], SAID)
    assert [one.tax_minor for one in wanting.back] == [-16, -15]


def test_what_a_piece_lost_in_value_makes_less_go_back() -> None:
    back = ChangeRow(name="Vase", quantity=-1, unit_minor=10_000, total_minor=-10_000,
                     tax_bp=1900, tax_minor=-1597)  # fmt: skip
    kept = ChangeRow(kind="kept", name="Vase", unit_minor=2000, total_minor=2000, tax_bp=1900,
                     tax_minor=319)  # fmt: skip
    asked = printed([kept, back], SAID, small_business=False)
    assert (asked.more, [(one.name, one.total_minor) for one in asked.back]) == (
        [], [("Vase", -10_000), ("Loss: Vase", 2000)],
    )  # fmt: skip
    left = rates_of([row(10_000, 1900)])
    assert find_wanting(left, asked, Money(2000, "EUR"), left, SAID) == asked


def test_a_loss_in_value_that_is_found_later_is_charged() -> None:
    kept = ChangeRow(kind="kept", name="Vase", unit_minor=2000, total_minor=2000, tax_bp=1900,
                     tax_minor=319)  # fmt: skip
    asked = printed([kept], SAID, small_business=False)
    assert ([one.name for one in asked.more], asked.back) == (["Loss: Vase"], [])
