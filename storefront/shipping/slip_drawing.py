"""Packing slips on A4, and the greeting card to cut out."""

from collections.abc import Sequence
from datetime import date

from babel.dates import format_date
from fpdf.enums import Align, MethodReturnValue
from fpdf.fonts import TTFFont

from storefront.invoices.paper import ACCENT, LEFT, LINE, SOFT, WIDTH, Letterhead
from storefront.shipping.slip import Slip

_FOOT = 22.0
_CARD_WIDTH, _CARD_HEIGHT, _CARD_TOP = 148.0, 105.0, 173.0
"""A6 across, as envelopes and card holders take it, above the foot's rule; in millimetres."""


class SlipPaper(Letterhead):
    """One slip after another; each begins on a page of its own."""

    def __init__(self, slips: Sequence[Slip]) -> None:
        super().__init__()
        self.slip = slips[0]
        self.set_auto_page_break(True, _FOOT)
        self.set_title(self.slip.translate("Packing slip"))
        self.set_author(self.slip.shop_name)
        self.set_lang(self.slip.locale[:2])

    def clean(self, text: str) -> str:
        """Without what our fonts cannot draw (an emoji, say): a box would be no greeting."""
        font = self.fonts["source"]
        known = font.cmap if isinstance(font, TTFFont) else {}
        told = "".join(one for one in text if one == "\n" or ord(one) in known)
        return "\n".join(" ".join(line.split()) for line in told.split("\n")).strip()

    def footer(self) -> None:
        self.set_y(-_FOOT + 6)
        self.rule()
        self.set_xy(LEFT, self.get_y() + 2)
        self.pen(7.5, soft=True)
        told = [*self.slip.sender, *self.slip.contact]
        self.words(self.clean(" · ".join(told)), WIDTH, 3.4)


def draw(slips: Sequence[Slip]) -> bytes:
    """Blocks: call it in a thread."""
    paper = SlipPaper(slips)
    for slip in slips:
        paper.slip = slip
        paper.add_page()
        _draw_head(paper, slip)
        _draw_goods(paper, slip)
        _draw_words(paper, slip)
        if slip.card_text and paper.clean(slip.card_text):
            _draw_card(paper, slip)
    return bytes(paper.output())


def _draw_head(paper: SlipPaper, slip: Slip) -> None:
    below = paper.head(
        paper.clean(slip.shop_name),
        paper.clean(" · ".join(slip.sender)),
        [paper.clean(line) for line in slip.recipient],
        _facts(slip),
    )
    paper.set_xy(LEFT, max(below, 74) + 8)
    paper.pen(17, bold=True)
    paper.words(slip.translate("Packing slip"), WIDTH, 8)
    paper.set_xy(LEFT, paper.get_y() + 3)


def _facts(slip: Slip) -> list[tuple[str, str]]:
    _ = slip.translate
    facts = [(_("Your order"), f"{slip.order_number}, {_day(slip, slip.ordered_on)}")]
    if slip.parcel:
        facts.append((_("Pick-up") if slip.is_pickup else _("Parcel"), str(slip.parcel)))
    if slip.wish_date:
        facts.append((_("Wished day"), _day(slip, slip.wish_date)))
    if slip.is_pickup:
        facts.append((_("Way"), _("Picking up")))
    return facts


def _day(slip: Slip, day: date) -> str:
    return format_date(day, "medium", locale=slip.locale)


def _draw_goods(paper: SlipPaper, slip: Slip) -> None:
    _ = slip.translate
    _draw_rows(paper, slip.goods, box=True)
    if slip.rest:
        paper.set_xy(LEFT, paper.get_y() + 4)
        paper.pen(9, bold=True)
        paper.words(_("Comes separately"), WIDTH, 5)
        _draw_rows(paper, slip.rest, box=False)


def _draw_rows(paper: SlipPaper, rows: Sequence[tuple[int, str, str]], *, box: bool) -> None:
    """With a box to tick while packing."""
    for pieces, name, unit in rows:
        told = paper.clean(name)
        paper.pen(11)
        height = paper.multi_cell(
            WIDTH - 26, 5.4, told, dry_run=True, output=MethodReturnValue.HEIGHT
        )
        if paper.will_page_break(float(height) + 6):  # type: ignore[arg-type]
            paper.add_page()
        top = paper.get_y() + 1.5
        if box:
            paper.set_draw_color(*SOFT)
            paper.rect(LEFT, top + 0.8, 3.6, 3.6)
        paper.set_xy(LEFT + 8, top)
        paper.pen(11, bold=True)
        paper.cell(16, 5.4, f"{pieces} ×")
        paper.pen(11)
        paper.words(told, WIDTH - 26, 5.4)
        if unit:
            paper.set_x(LEFT + 24)
            paper.pen(8.5, soft=True)
            paper.words(paper.clean(unit), WIDTH - 26, 4)
        paper.set_xy(LEFT, paper.get_y() + 1.5)
        paper.rule()


def _draw_words(paper: SlipPaper, slip: Slip) -> None:
    _ = slip.translate
    if slip.personal_line:
        paper.set_xy(LEFT, paper.get_y() + 8)
        paper.pen(13)
        paper.set_text_color(*ACCENT)
        paper.words(paper.clean(slip.personal_line), WIDTH, 6.6)
    if slip.remark:
        paper.set_xy(LEFT, paper.get_y() + 5)
        paper.pen(9, soft=True)
        paper.words(paper.clean(f"{_('Remark')}: {slip.remark}"), WIDTH, 4.6)


def _draw_card(paper: SlipPaper, slip: Slip) -> None:
    """On the sheet's lower half where there is room, else on a sheet of its own."""
    if paper.get_y() > _CARD_TOP - 8:
        paper.add_page()
    paper.set_auto_page_break(False)
    left, top = (paper.w - _CARD_WIDTH) / 2, _CARD_TOP
    paper.set_fill_color(255, 255, 255)
    paper.set_draw_color(*LINE)
    paper.set_dash_pattern(dash=2, gap=2)
    paper.rect(left, top, _CARD_WIDTH, _CARD_HEIGHT, style="DF")
    paper.set_dash_pattern()
    paper.set_xy(left, top - 4.5)
    paper.pen(7.5, soft=True)
    paper.cell(_CARD_WIDTH, 4, slip.translate("Greeting card, to cut out"))
    _write_card(paper, slip, left, top)
    paper.set_auto_page_break(True, _FOOT)


def _write_card(paper: SlipPaper, slip: Slip, left: float, top: float) -> None:
    """In the middle, as large as it fits."""
    text = paper.clean(slip.card_text)
    width, room = _CARD_WIDTH - 28, _CARD_HEIGHT - (30 if slip.card_from else 20)
    for size in (20, 18, 16, 14, 12, 10.5, 9):
        paper.pen(size)
        height = paper.multi_cell(
            width, size * 0.52, text, align=Align.C, dry_run=True, output=MethodReturnValue.HEIGHT
        )
        if float(height) <= room:  # type: ignore[arg-type]
            break
    paper.set_xy(left + 14, top + 10 + max(0.0, (room - float(height)) / 2))  # type: ignore[arg-type]
    paper.words(text, width, size * 0.52, Align.C)
    if slip.card_from:
        paper.set_xy(left + 14, top + _CARD_HEIGHT - 16)
        paper.pen(10, soft=True)
        paper.words(paper.clean(slip.card_from), width, 5, Align.C)
