"""What a session sells: lines with their throw-away prices and products."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.stripe import currencies, metadata, urls
from sandbox.stripe.errors import Invalid, NoSuch
from sandbox.stripe.things import Thing, blank, new_id
from sandbox.stripe.world import Call

MOST_LINES = 100
MOST_PICTURES = 8
MOST_DECIMALS = 12


def check(call: Call, lines: list[Thing]) -> str:
    """Refuses what Checkout refuses; the answer is the one currency of all lines."""
    if not lines:
        raise Invalid("A payment needs line_items.", param="line_items", code="parameter_missing")
    if len(lines) > MOST_LINES:
        raise Invalid(f"At most {MOST_LINES} line items are allowed.", param="line_items")
    found = [_check_line(call, line, f"line_items[{place}]") for place, line in enumerate(lines)]
    if len(set(found)) > 1:
        raise Invalid("All line items must have the same currency.", param="line_items")
    return found[0]


def _check_line(call: Call, line: Thing, param: str) -> str:
    if ("price" in line) == ("price_data" in line):
        raise Invalid("Send price or price_data, and only one of them.", param=param)
    if "quantity" not in line:
        raise Invalid(
            f"Missing required param: {param}[quantity].",
            param=f"{param}[quantity]",
            code="parameter_missing",
        )
    if not 1 <= line["quantity"] <= 999_999:
        raise Invalid("quantity must be between 1 and 999999.", param=f"{param}[quantity]")
    if line.get("tax_rates"):
        raise NoSuch("tax_rate", line["tax_rates"][0], param=f"{param}[tax_rates]")
    if line.get("adjustable_quantity", {}).get("enabled"):
        raise Invalid("The sandbox does not act out adjustable_quantity.", param=param)
    metadata.check(line.get("metadata"), param=f"{param}[metadata]")
    if "price" in line:
        price = call.account.find("price", line["price"], param=f"{param}[price]")
        return str(price["currency"])
    return _check_price(call, line["price_data"], f"{param}[price_data]")


def _check_price(call: Call, data: Thing, param: str) -> str:
    currencies.check(data["currency"], param=f"{param}[currency]")
    if "recurring" in data:
        raise Invalid("Recurring prices need mode=subscription.", param=f"{param}[recurring]")
    if ("unit_amount" in data) == ("unit_amount_decimal" in data):
        raise Invalid("Send unit_amount or unit_amount_decimal, and only one of them.", param=param)
    _check_unit_amount(data, param)
    if ("product" in data) == ("product_data" in data):
        raise Invalid("Send product or product_data, and only one of them.", param=param)
    if "product" in data:
        call.account.find("product", data["product"], param=f"{param}[product]")
    else:
        _check_product(data["product_data"], f"{param}[product_data]")
    return str(data["currency"])


def _check_unit_amount(data: Thing, param: str) -> None:
    if "unit_amount" in data:
        amount, name = data["unit_amount"], f"{param}[unit_amount]"
        currencies.check_amount(amount, data["currency"], param=name)
        return
    exact, name = data["unit_amount_decimal"], f"{param}[unit_amount_decimal]"
    if not exact.is_finite() or exact < 0 or -exact.as_tuple().exponent > MOST_DECIMALS:
        raise Invalid(f"At most {MOST_DECIMALS} decimals, and not negative: {exact}", param=name)
    if exact > currencies.MAXIMUM:
        raise Invalid("Amounts have at most eight digits.", param=name, code="amount_too_large")


def _check_product(data: Thing, param: str) -> None:
    if len(data.get("images", [])) > MOST_PICTURES:
        raise Invalid(f"At most {MOST_PICTURES} images are allowed.", param=f"{param}[images]")
    for place, url in enumerate(data.get("images", [])):
        urls.check(url, param=f"{param}[images][{place}]")
    for name in ("name", "description"):
        if len(data.get(name, "")) > urls.LONGEST:
            raise Invalid(f"{name} is too long.", param=f"{param}[{name}]")
    metadata.check(data.get("metadata"), param=f"{param}[metadata]")


def total(call: Call, lines: list[Thing]) -> int:
    """What the lines of a checked request come to."""
    return sum(_amount(_unit(call, line), line["quantity"]) for line in lines)


def _unit(call: Call, line: Thing) -> Decimal:
    if "price" in line:
        return Decimal(call.account.find("price", line["price"])["unit_amount_decimal"])
    data = line["price_data"]
    return Decimal(data.get("unit_amount_decimal", data.get("unit_amount")))


def _amount(unit: Decimal, quantity: int) -> int:
    return int((unit * quantity).quantize(Decimal(1), ROUND_HALF_UP))


def make(call: Call, lines: list[Thing]) -> list[Thing]:
    """The line items of a checked request, in its order."""
    return [_make_line(call, line) for line in lines]


def _make_line(call: Call, line: Thing) -> Thing:
    if "price" in line:
        price = call.account.find("price", line["price"])
    else:
        price = _make_price(call, line["price_data"])
    product = call.account.find("product", price["product"])
    amount = _amount(_unit(call, line), line["quantity"])
    return blank(
        "item",
        id=new_id("li_"),
        amount_subtotal=amount,
        amount_total=amount,
        currency=price["currency"],
        description=product["name"],
        metadata=metadata.check(line.get("metadata")),
        price=price,
        quantity=line["quantity"],
    )


def _make_price(call: Call, data: dict[str, Any]) -> Thing:
    product_id = data.get("product") or _make_product(call, data["product_data"])["id"]
    exact = _unit(call, {"price_data": data})
    price = blank(
        "price",
        id=new_id("price_"),
        created=call.now,
        currency=data["currency"],
        product=product_id,
        tax_behavior=data.get("tax_behavior", "unspecified"),
        unit_amount=int(exact) if exact == int(exact) else None,
        unit_amount_decimal=f"{exact:f}",
    )
    return call.account.keep(price)


def _make_product(call: Call, data: dict[str, Any]) -> Thing:
    product = blank(
        "product",
        id=new_id("prod_", 14),
        created=call.now,
        description=data.get("description"),
        images=data.get("images", []),
        metadata=metadata.check(data.get("metadata")),
        name=data["name"],
        tax_code=data.get("tax_code"),
        unit_label=data.get("unit_label"),
        updated=call.now,
    )
    return call.account.keep(product)
