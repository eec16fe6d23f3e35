"""An invoice on A4: as calm as the e-mails, in its own fonts, as PDF/A-3."""

from fpdf.enums import Align, MethodReturnValue, XPos, YPos

from storefront.countries import country_name
from storefront.invoices.content import Buyer, Row
from storefront.invoices.paper import LEFT, WIDTH, Paper
from storefront.invoices.sheets import Sheet

# Quantity, name, price of one, VAT, sum; in millimetres.
_COLUMNS = (14.0, 77.0, 28.0, 16.0, 30.0)


def draw(sheet: Sheet) -> bytes:
    """Blocks: call it in a thread."""
    paper = Paper(sheet)
    paper.add_page()
    _draw_head(paper, sheet)
    _draw_rows(paper, sheet)
    _draw_sums(paper, sheet)
    _draw_notes(paper, sheet)
    return bytes(paper.output())


def _draw_head(paper: Paper, sheet: Sheet) -> None:
    seller = sheet.content.seller
    below = paper.head(
        sheet.shop_name,
        f"{seller.name} · {seller.street} · {seller.postcode} {seller.town}",
        address(sheet.content.buyer, sheet.locale),
        _facts(sheet),
    )
    paper.set_xy(LEFT, max(below, 82) + 8)
    paper.pen(17, bold=True)
    paper.words(sheet.title, WIDTH, 8)
    _draw_opening(paper, sheet)


def _draw_opening(paper: Paper, sheet: Sheet) -> None:
    _, content = sheet.translate, sheet.content
    paper.set_x(LEFT)
    paper.pen(10.5)
    earlier = ", ".join(
        _("%(number)s of %(day)s") % {"number": one.number, "day": sheet.day(one.on)}
        for one in content.earlier
    )
    if content.adds_to is not None:
        said = _("For what came on top of your order, beside invoice %(invoice)s:")
    elif content.cancels_on is None:
        said = _("Thank you for your order.")
    elif content.cancels_also:
        said = _("A part of these invoices is cancelled: %(invoice)s. They are corrected by:")
    elif content.in_part:
        said = _("A part of invoice %(invoice)s is cancelled. It is corrected by:")
    else:
        said = _("Invoice %(invoice)s is cancelled in full:")
    said %= {"invoice": earlier}
    paper.words(said, WIDTH, 5.5)
    paper.set_xy(LEFT, paper.get_y() + 5)


def address(buyer: Buyer, locale: str) -> list[str]:
    lines = [buyer.company, buyer.name, buyer.street, f"{buyer.postcode} {buyer.town}".strip()]
    if buyer.country not in ("", "DE"):
        lines.append(country_name(buyer.country, locale))
    return [line for line in lines if line] + ([] if buyer.street else [buyer.email])


def _facts(sheet: Sheet) -> list[tuple[str, str]]:
    _, content = sheet.translate, sheet.content
    facts = [
        (_("Number"), sheet.number),
        (_("Date"), sheet.day(sheet.issued_on)),
        (_("Your order"), f"{content.order_number}, {sheet.day(content.ordered_on)}"),
        (_("Performed on"), sheet.day(content.performed_on)),
    ]
    if content.buyer.vat_id:
        facts.append((_("Your VAT ID"), content.buyer.vat_id))
    if content.buyer.recipient:
        facts.append((_("Delivered to"), content.buyer.recipient))
    return facts


def _draw_rows(paper: Paper, sheet: Sheet) -> None:
    _draw_names(paper, sheet)
    for row in sheet.content.rows:
        if paper.will_page_break(_height(paper, row) + 4):
            paper.add_page()
            _draw_names(paper, sheet)
        _draw_row(paper, sheet, row)


def _draw_names(paper: Paper, sheet: Sheet) -> None:
    _ = sheet.translate
    paper.set_x(LEFT)
    paper.pen(8.5, soft=True)
    names = (
        _("Pieces"),
        _("Article"),
        _("Each"),
        _("VAT rate") if sheet.shows_tax else "",
        _("Sum"),
    )
    for place, (name, width) in enumerate(zip(names, _COLUMNS, strict=True)):
        paper.cell(width, 5, name, align=Align.L if place < 2 else Align.R)
    paper.set_xy(LEFT, paper.get_y() + 6)
    paper.rule()
    paper.set_y(paper.get_y() + 2)


def _height(paper: Paper, row: Row) -> float:
    paper.pen(10)
    height = paper.multi_cell(
        _COLUMNS[1] - 3, 5, row.name, dry_run=True, output=MethodReturnValue.HEIGHT
    )
    assert isinstance(height, float | int)  # noqa: S101 - as was asked for
    return height + 4 * bool(row.unit_text) + 4 * bool(row.discount_minor)


def _draw_row(paper: Paper, sheet: Sheet, row: Row) -> None:
    _, top = sheet.translate, paper.get_y()
    quantity, name, each, tax, whole = _COLUMNS
    paper.set_xy(LEFT, top)
    paper.pen(10)
    paper.cell(quantity, 5, str(row.quantity).replace("-", "\u2212"))
    paper.set_x(LEFT + quantity + name)
    paper.cell(each, 5, sheet.money(row.unit_minor), align=Align.R)
    paper.cell(tax, 5, sheet.percent(row.tax_bp) if sheet.shows_tax else "", align=Align.R)
    paper.cell(whole, 5, sheet.money(row.total_minor), align=Align.R)
    paper.set_xy(LEFT + quantity, top)
    paper.words(row.name, name - 3)
    paper.pen(8.5, soft=True)
    if row.unit_text:
        paper.words(row.unit_text, name - 3, 4)
    if row.discount_minor:
        taken = {"amount": sheet.money(abs(row.discount_minor))}
        paper.words(_("%(amount)s discount taken off") % taken, name - 3, 4)
    paper.set_xy(LEFT, paper.get_y() + 2)


def _draw_sums(paper: Paper, sheet: Sheet) -> None:
    _, content = sheet.translate, sheet.content
    rows = _sums(sheet)
    if paper.will_page_break(5.5 * len(rows) + 5 * len(_taxes(sheet)) + 34):
        paper.add_page()
    paper.set_y(paper.get_y() + 1)
    paper.rule()
    paper.set_y(paper.get_y() + 2)
    for name, value in rows:
        _draw_sum(paper, name, value)
    paper.set_y(paper.get_y() + 1)
    paper.pen(12, bold=True)
    _draw_sum(paper, _("Total"), sheet.money(content.total_minor), height=7)
    paper.pen(9, soft=True)
    for name, value in _taxes(sheet):
        _draw_sum(paper, name, value, height=4.6)


def _draw_sum(paper: Paper, name: str, value: str, *, height: float = 5.5) -> None:
    paper.set_x(LEFT + 45)
    paper.cell(85, height, name, align=Align.R)
    paper.cell(35, height, value, align=Align.R, new_x=XPos.LEFT, new_y=YPos.NEXT)


def _sums(sheet: Sheet) -> list[tuple[str, str]]:
    """What comes on top of the articles, whose discounts are taken off already."""
    _, content = sheet.translate, sheet.content
    if content.in_part:
        return []
    rows = [(_("Goods"), sheet.money(content.goods_minor))]
    if content.discount_minor:
        name = _("Discount") + (f" ({content.code})" if content.code else "")
        rows.append((name, sheet.money(-content.discount_minor)))
    if content.delivery == "delivery" or content.shipping_minor:
        free = sheet.money(content.shipping_minor) if content.shipping_minor else _("free")
        rate = f" ({sheet.percent(content.shipping_tax_bp)})" if content.shipping_minor else ""
        rows.append((_("Delivery") + (rate if sheet.shows_tax else ""), free))
    return rows


def _taxes(sheet: Sheet) -> list[tuple[str, str]]:
    if not sheet.shows_tax:
        return []
    _ = sheet.translate
    return [
        (_("Net at %(rate)s: %(net)s, VAT on it") % {"rate": sheet.percent(rate.tax_bp),
                                              "net": sheet.money(rate.net_minor)},
         sheet.money(rate.tax_minor))
        for rate in sheet.content.rates
    ]  # fmt: skip


def _draw_notes(paper: Paper, sheet: Sheet) -> None:
    _, content = sheet.translate, sheet.content
    notes = []
    if content.small_business:
        # §34a UStDV: the invoice must say that the exemption for small businesses applies.
        notes.append(_("Tax-exempt as a small business under §19 UStG; no VAT is shown."))
    if content.set_off:
        notes.append(_("What was exchanged is set off: only the difference is paid or given back."))
    elif content.cancels_on is not None:
        notes.append(_("The amount goes back the way it was paid."))
    elif content.adds_to is not None:
        notes.append(_("This amount is settled."))
    elif content.total_minor and content.paid_on:
        notes.append(_("Paid in full on %(day)s.") % {"day": sheet.day(content.paid_on)})
    elif not content.total_minor:
        notes.append(_("There is nothing to pay."))
    paper.set_xy(LEFT, paper.get_y() + 8)
    paper.pen(10)
    for note in notes:
        paper.words(note, WIDTH, 5.5)
