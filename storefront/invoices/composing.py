"""From an order to what its invoice says, and from an invoice to what takes it back."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from core.shops import Shop
from promotions.taxes import tax_in
from storefront.invoices.balancing import LOSS
from storefront.invoices.content import Buyer, Content, Earlier, Rate, Row, Seller
from storefront.invoices.splitting import gross_of, minus, rates_of
from storefront.orders.models import Order, OrderLine
from storefront.orders.tax import tax_rows


def compose(
    shop: Shop,
    order: Order,
    lines: Sequence[OrderLine],
    seller: Seller,
    *,
    issued_on: date,
    loss: str = LOSS,
) -> Content:
    zone = ZoneInfo(shop.timezone)
    sent_on = order.shipped_at.astimezone(zone).date() if order.shipped_at else None
    return Content(
        seller=seller,
        buyer=buyer_of(order),
        order_number=order.number,
        ordered_on=order.placed_at.astimezone(zone).date(),
        paid_on=order.paid_at.astimezone(zone).date() if order.paid_at else None,
        performed_on=sent_on or order.wish_date or issued_on,
        delivery=order.delivery,
        small_business=order.small_business,
        code=order.code or "",
        rows=[row for line in _kept(lines) for row in _rows(order, line, loss)],
        goods_minor=order.goods_minor,
        discount_minor=order.discount_minor,
        shipping_minor=order.shipping_minor - order.shipping_discount_minor,
        shipping_tax_bp=0 if order.small_business else order.shipping_tax_bp,
        shipping_tax_minor=0 if order.small_business else order.shipping_tax_minor,
        rates=own_rates(order, lines),
        total_minor=order.total_minor,
    )


def buyer_of(order: Order) -> Buyer:
    return Buyer(
        name=order.name, company=order.company, vat_id=order.vat_id, email=order.email, street=order.street, postcode=order.postcode,
        town=order.town, country=order.country,
        recipient=order.recipient if order.recipient != order.name else "",
    )  # fmt: skip


def _kept(lines: Sequence[OrderLine]) -> Sequence[OrderLine]:
    """Without what was given back wholly; an invoice has one row at least (EN 16931, BR-16)."""
    return [line for line in lines if line.quantity or line.total_minor] or lines


def _rows(order: Order, line: OrderLine, loss: str) -> list[Row]:
    """Whoever shows no VAT shows no rate either (§19 UStG). What stays with the shop of pieces
    that came back is a row of its own, named `loss`."""
    tax_bp, tax = (0, 0) if order.small_business else (line.tax_bp, line.tax_minor)
    kept = line.kept_minor
    kept_tax = tax_in(order.money(kept), tax_bp).minor
    stays = Row(
        name=loss % {"name": line.name}, quantity=1, unit_minor=kept, total_minor=kept,
        tax_bp=tax_bp, tax_minor=kept_tax,
    )  # fmt: skip
    goods = Row(
        name=line.name, unit_text=line.unit_text, quantity=line.quantity,
        unit_minor=line.unit_minor, discount_minor=line.discount_minor,
        total_minor=line.total_minor - kept, tax_bp=tax_bp, tax_minor=tax - kept_tax,
    )  # fmt: skip
    if not kept:
        return [goods]
    return [goods, stays] if line.quantity else [stays]


def own_rates(order: Order, lines: Sequence[OrderLine]) -> list[Rate]:
    if order.small_business:
        return [Rate(tax_bp=0, gross_minor=order.total_minor, tax_minor=0)]
    return [
        Rate(tax_bp=row.tax_bp, gross_minor=row.gross.minor, tax_minor=row.tax.minor)
        for row in tax_rows(order, _kept(lines))
    ]


def cancel_whole(content: Content, *, number: str, issued_on: date) -> Content:
    """What takes an invoice back as it stands, row by row."""
    return _negative(content).model_copy(update={"cancels_number": number, "cancels_on": issued_on})


def cancel_rows(
    content: Content, rows: Sequence[Row], invoices: Sequence[Earlier], *, set_off: bool = False
) -> Content:
    """A correction of the invoices named (§31 Abs. 5 UStDV), whose first one is `content`."""
    first, *others = invoices
    return _listed(content, rows).model_copy(
        update={
            "cancels_number": first.number,
            "cancels_on": first.on,
            "cancels_also": others,
            "set_off": set_off,
        }
    )


def add_rows(
    content: Content, rows: Sequence[Row], first: Earlier, *, issued_on: date, set_off: bool = False
) -> Content:
    """An invoice for what came on top; `content` says who sells to whom."""
    performed_on = max(content.performed_on, issued_on)
    return _listed(content, rows).model_copy(
        update={
            "adds_to": first,
            "paid_on": issued_on,
            "performed_on": performed_on,
            "set_off": set_off,
        }
    )


def _listed(content: Content, rows: Sequence[Row]) -> Content:
    rates = rates_of(rows)
    return content.model_copy(
        update={
            "rows": list(rows),
            "rates": rates,
            "goods_minor": gross_of(rates),
            "discount_minor": 0,
            "shipping_minor": 0,
            "shipping_tax_minor": 0,
            "total_minor": gross_of(rates),
            "code": "",
            "cancels_number": "",
            "cancels_on": None,
            "cancels_also": [],
            "adds_to": None,
            "in_part": True,
        }
    )


def _negative(content: Content) -> Content:
    names = ("goods_minor", "discount_minor", "shipping_minor", "shipping_tax_minor", "total_minor")
    return content.model_copy(
        update={name: -getattr(content, name) for name in names}
        | {"rates": [minus(one) for one in content.rates], "adds_to": None, "set_off": False}
        | {"rows": [_row_back(one) for one in content.rows]}
    )


def _row_back(row: Row) -> Row:
    """The price of a piece stays positive; the number of pieces goes back."""
    return row.model_copy(
        update={
            "quantity": -row.quantity,
            "discount_minor": -row.discount_minor,
            "total_minor": -row.total_minor,
            "tax_minor": -row.tax_minor,
        }
    )
