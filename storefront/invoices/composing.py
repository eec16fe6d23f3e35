"""From an order to what its invoice says, and from an invoice to what takes it back."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from core.money import Money
from core.shops import Shop
from storefront.invoices.content import Buyer, Content, Rate, Row, Seller
from storefront.invoices.splitting import share_out
from storefront.orders.models import Order, OrderLine
from storefront.orders.tax import tax_rows


def compose(
    shop: Shop, order: Order, lines: Sequence[OrderLine], seller: Seller, *, issued_on: date
) -> Content:
    zone = ZoneInfo(shop.timezone)
    sent_on = order.shipped_at.astimezone(zone).date() if order.shipped_at else None
    return Content(
        seller=seller,
        buyer=_buyer(order),
        order_number=order.number,
        ordered_on=order.placed_at.astimezone(zone).date(),
        paid_on=order.paid_at.astimezone(zone).date() if order.paid_at else None,
        performed_on=sent_on or order.wish_date or issued_on,
        delivery=order.delivery,
        small_business=order.small_business,
        code=order.code or "",
        rows=[_row(order, line) for line in lines],
        goods_minor=order.goods_minor,
        discount_minor=order.discount_minor,
        shipping_minor=order.shipping_minor - order.shipping_discount_minor,
        shipping_tax_bp=0 if order.small_business else order.shipping_tax_bp,
        shipping_tax_minor=0 if order.small_business else order.shipping_tax_minor,
        rates=_rates(order, lines),
        total_minor=order.total_minor,
    )


def _buyer(order: Order) -> Buyer:
    return Buyer(
        name=order.name, email=order.email, street=order.street, postcode=order.postcode,
        town=order.town, country=order.country,
        recipient=order.recipient if order.recipient != order.name else "",
    )  # fmt: skip


def _row(order: Order, line: OrderLine) -> Row:
    """Whoever shows no VAT shows no rate either (§19 UStG)."""
    return Row(
        name=line.name,
        unit_text=line.unit_text,
        quantity=line.quantity,
        unit_minor=line.unit_minor,
        discount_minor=line.discount_minor,
        total_minor=line.total_minor,
        tax_bp=0 if order.small_business else line.tax_bp,
        tax_minor=0 if order.small_business else line.tax_minor,
    )


def _rates(order: Order, lines: Sequence[OrderLine]) -> list[Rate]:
    if order.small_business:
        return [Rate(tax_bp=0, gross_minor=order.total_minor, tax_minor=0)]
    return [
        Rate(tax_bp=row.tax_bp, gross_minor=row.gross.minor, tax_minor=row.tax.minor)
        for row in tax_rows(order, lines)
    ]


def take_back(
    content: Content,
    left: Sequence[Rate],
    amount: Money,
    *,
    number: str,
    issued_on: date,
    said: str,
) -> Content:
    """What cancels `amount` of an invoice; its rows again where that is all of it, else one row
    for each rate, named `said`."""
    about = {"cancels_number": number, "cancels_on": issued_on}
    if amount.minor == content.total_minor:
        return _negative(content).model_copy(update=about)
    rates = share_out(amount, left)
    rows = [
        Row(name=said, quantity=1, unit_minor=-one.gross_minor, total_minor=-one.gross_minor,
            tax_bp=one.tax_bp, tax_minor=-one.tax_minor)
        for one in rates
    ]  # fmt: skip
    return content.model_copy(
        update=about
        | {
            "rows": rows,
            "rates": [_minus(one) for one in rates],
            "goods_minor": -amount.minor,
            "discount_minor": 0,
            "shipping_minor": 0,
            "shipping_tax_minor": 0,
            "total_minor": -amount.minor,
            "code": "",
            "in_part": True,
        }
    )


def _minus(rate: Rate) -> Rate:
    return Rate(tax_bp=rate.tax_bp, gross_minor=-rate.gross_minor, tax_minor=-rate.tax_minor)


def _negative(content: Content) -> Content:
    names = ("goods_minor", "discount_minor", "shipping_minor", "shipping_tax_minor", "total_minor")
    return content.model_copy(
        update={name: -getattr(content, name) for name in names}
        | {"rates": [_minus(one) for one in content.rates]}
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
