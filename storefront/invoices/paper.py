"""The paper invoices are drawn on: fonts, colours, what stands at the head and foot of each page."""

from collections.abc import Sequence
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align, WrapMode, XPos, YPos

from storefront.countries import country_name
from storefront.invoices.content import Seller
from storefront.invoices.sheets import Sheet

_FONTS = Path(__file__).parent / "fonts"
INK, SOFT, LINE, ACCENT = (43, 38, 34), (113, 103, 94), (222, 213, 203), (163, 72, 44)
LEFT, RIGHT, WIDTH, FOOT = 25.0, 20.0, 165.0, 34.0


class Letterhead(FPDF):
    """A4 in our own fonts, with what everything that is printed is drawn with."""

    def __init__(self, compliance: str | None = None) -> None:
        super().__init__("portrait", "mm", "A4", enforce_compliance=compliance)
        self.add_font("Source", "", _FONTS / "SourceSans3-Regular.ttf")
        self.add_font("Source", "B", _FONTS / "SourceSans3-SemiBold.ttf")
        self.set_margins(LEFT, 20, RIGHT)

    def pen(self, size: float = 10, *, bold: bool = False, soft: bool = False) -> None:
        self.set_font("Source", "B" if bold else "", size)
        self.set_text_color(*(SOFT if soft else INK))

    def words(self, text: str, width: float = 0, height: float = 5, align: Align = Align.L) -> None:
        """Wrapped, breaking inside a word that is longer than its line."""
        self.multi_cell(
            width, height, text, align=align, new_x=XPos.LEFT, new_y=YPos.NEXT,
            wrapmode=WrapMode.WORD,
        )  # fmt: skip

    def head(
        self,
        shop_name: str,
        sender: str,
        recipient: Sequence[str],
        facts: Sequence[tuple[str, str]],
    ) -> float:
        """Who writes to whom, and the facts beside it. Where it ends."""
        self.set_xy(LEFT, 18)
        self.pen(15, bold=True)
        self.set_text_color(*ACCENT)
        self.words(shop_name, WIDTH, 7)
        # DIN 5008: the address stands where a window envelope shows it.
        self.set_xy(LEFT, 45)
        self.pen(7.5, soft=True)
        self.words(sender, 85, 3.4)
        self.set_xy(LEFT, self.get_y() + 1.5)
        self.pen(10.5)
        self.words("\n".join(recipient), 85, 5)
        below = self.get_y()
        self.set_y(45)
        for name, value in facts:
            self.set_x(LEFT + 95)
            self.pen(9, soft=True)
            self.cell(32, 5, name)
            self.pen(9)
            self.words(value, 38, 5, Align.R)
        return max(below, self.get_y())

    def rule(self) -> None:
        self.set_draw_color(*LINE)
        self.set_line_width(0.2)
        self.line(LEFT, self.get_y(), LEFT + WIDTH, self.get_y())


class Paper(Letterhead):
    """Carries the header over to every page and the seller's details at its foot."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__("PDF/A-3B")
        self.sheet = sheet
        self.set_auto_page_break(True, FOOT)
        self.set_title(f"{sheet.title} {sheet.number}")
        self.set_author(sheet.content.seller.name)
        self.set_lang(sheet.locale[:2])
        self.set_creation_date(sheet.issued_at)
        self.alias_nb_pages()

    def header(self) -> None:
        if self.page_no() == 1:
            return
        _ = self.sheet.translate
        self.set_xy(LEFT, 14)
        self.pen(9, soft=True)
        self.cell(WIDTH / 2, 5, f"{self.sheet.title} {self.sheet.number}")
        self.cell(WIDTH / 2, 5, self.sheet.content.seller.name[:60], align=Align.R)
        self.set_xy(LEFT, 21)
        self.rule()
        self.set_xy(LEFT, 26)

    def footer(self) -> None:
        _ = self.sheet.translate
        seller = self.sheet.content.seller
        self.set_y(-FOOT + 6)
        self.rule()
        top = self.get_y() + 2
        for place, lines in enumerate(_imprint(seller, self.sheet)):
            self.set_xy(LEFT + place * 47, top)
            self.pen(7.5, soft=True)
            self.words("\n".join(line for line in lines if line), 45, 3.4)
        self.set_xy(LEFT + 125, top)
        self.pen(7.5, soft=True)
        page = _("Page %(page)s of %(pages)s") % {"page": self.page_no(), "pages": "{nb}"}
        self.cell(40, 3.4, page, align=Align.R)


def _imprint(seller: Seller, sheet: Sheet) -> list[list[str]]:
    _ = sheet.translate
    return [
        [seller.name, seller.street, f"{seller.postcode} {seller.town}",
         country_name(seller.country, sheet.locale)],
        [seller.email, seller.phone, seller.bank],
        [_("VAT ID: %(number)s") % {"number": seller.vat_id} if seller.vat_id else "",
         _("Tax number: %(number)s") % {"number": seller.tax_number} if seller.tax_number else ""],
    ]  # fmt: skip
