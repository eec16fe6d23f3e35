"""What an order's documents still have to say, so that they come to what is owed. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.money import Money
from core.translations import Translate
from storefront.changes.rows import ChangeRow
from storefront.invoices.content import Rate, Row
from storefront.invoices.splitting import added, cover, gross_of, minus, rates_of, share_out

LOSS = "Loss of value: %(name)s"


@dataclass(frozen=True, slots=True)
class Wanting:
    """Rows as they are printed: of an additional invoice, and (negative) of a cancellation."""

    more: list[Row] = field(default_factory=list)
    back: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Said:
    """Names, in the invoice's language, of rows that are no goods."""

    refund: str
    spared: str
    charged_again: str
    delivery: str
    loss: str


def said_in(translate: Translate, number: str) -> Said:
    _ = translate
    return Said(
        refund=_("Refund on invoice %(number)s") % {"number": number},
        spared=_("Refunded before already"),
        charged_again=_("Charged again on invoice %(number)s") % {"number": number},
        delivery=_("Delivery"),
        loss=_(LOSS),
    )


def find_wanting(
    left: Sequence[Rate], asked: Wanting, owed: Money, own: Sequence[Rate], said: Said
) -> Wanting:
    """`left` is what the documents come to so far, `own` what the order's lines come to, `asked`
    what a change says.

    More is always charged by rows of their own, never set against what goes back: an exchange is
    one supply taken back (§17 Abs. 2 Nr. 3 UStG) and another one made (§14 UStG).
    """
    full = added(left, rates_of(asked.more))
    short = Money(owed.minor - gross_of(full), owed.currency)
    if short.minor >= 0:
        return Wanting([*asked.more, *_again(short, full, own, said)], [])
    named = [minus(rate) for rate in rates_of(asked.back)]
    return Wanting(asked.more, _fitted(asked.back, cover(-short, full, named), said))


def _again(short: Money, full: Sequence[Rate], own: Sequence[Rate], said: Said) -> list[Row]:
    """What was let go of and is owed after all, at the rates it was let go of."""
    if not short:
        return []
    gaps = added(own, (minus(rate) for rate in full))
    room = [
        Rate(tax_bp=rate.tax_bp, gross_minor=rate.gross_minor, tax_minor=max(rate.tax_minor, 0))
        for rate in gaps
        if rate.gross_minor > 0
    ]
    return [_row(said.charged_again, rate) for rate in share_out(short, room)]


def _row(name: str, rate: Rate) -> Row:
    """The price of a piece is never negative; the number of pieces is."""
    return Row(
        name=name, quantity=-1 if rate.gross_minor < 0 else 1, unit_minor=abs(rate.gross_minor),
        total_minor=rate.gross_minor, tax_bp=rate.tax_bp, tax_minor=rate.tax_minor,
    )  # fmt: skip


def _fitted(rows: Sequence[Row], taken: Sequence[Rate], said: Said) -> list[Row]:
    """The rows, and one more for each rate they do not quite come to."""
    fitted = list(rows)
    for gap in added((minus(rate) for rate in taken), (minus(rate) for rate in rates_of(rows))):
        if gap.gross_minor:
            fitted.append(_row(said.refund if gap.gross_minor < 0 else said.spared, gap))
        elif gap.tax_minor:
            _bear(fitted, gap)
    return fitted


def _bear(rows: list[Row], gap: Rate) -> None:
    """A cent of VAT between rounding by line and by rate goes to the last row of the rate."""
    place = max(place for place, row in enumerate(rows) if row.tax_bp == gap.tax_bp)
    tax = rows[place].tax_minor + gap.tax_minor
    rows[place] = rows[place].model_copy(update={"tax_minor": tax})


def printed(rows: Iterable[ChangeRow], said: Said, *, small_business: bool) -> Wanting:
    """A change's rows as documents list them; goodwill belongs to all rates and is left out.

    What stays with the shop of a piece that came back makes less go back of it: it is no supply.
    """
    more: list[Row] = []
    back: list[Row] = []
    for row in sorted(rows, key=lambda row: row.total_minor >= 0):
        if row.kind == "goodwill" or not row.total_minor:
            continue
        shown = _printed(row, said, small_business)
        fits = row.kind == "kept" and shown.total_minor <= -_sum_at(back, shown.tax_bp)
        (back if shown.total_minor < 0 or fits else more).append(shown)
    return Wanting(more, back)


def _sum_at(rows: Iterable[Row], tax_bp: int) -> int:
    return sum(row.total_minor for row in rows if row.tax_bp == tax_bp)


def _printed(row: ChangeRow, said: Said, small_business: bool) -> Row:
    sign = -1 if row.unit_minor < 0 else 1
    return Row(
        name=said.loss % {"name": row.name} if row.kind == "kept" else row.name or said.delivery,
        unit_text=row.unit_text,
        quantity=row.quantity * sign,
        unit_minor=row.unit_minor * sign,
        discount_minor=row.discount_minor,
        total_minor=row.total_minor,
        tax_bp=0 if small_business else row.tax_bp,
        tax_minor=0 if small_business else row.tax_minor,
    )
