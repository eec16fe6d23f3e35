"""What the counter's form says of an order: fields by line, read into actions."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import InvalidForm
from storefront.changes.actions import (
    LARGEST_ID,
    Action,
    Add,
    GiveBackShipping,
    Goodwill,
    SetPrice,
    SetQuantity,
    Swap,
    TakeBack,
)
from storefront.changes.models import ChangeKind
from storefront.counter_forms import read_price
from storefront.orders.models import Order, OrderLine

_MOST = 10_000
_ADDED = re.compile(r"add-(\d{1,10})", re.ASCII)


def read_actions(data: Mapping[str, Any], order: Order, lines: Sequence[OrderLine]) -> list[Action]:
    """Fields left as they were are no actions. Raises InvalidForm with all that does not fit.

    What comes back stands before what is added, so that a replacement is known as one.
    """
    wrong: dict[str, str] = {}
    actions: list[Action] = []
    for line in lines:
        actions += _back(data, order, line, wrong)
    for line in lines:
        actions += _of_line(data, order, line, wrong)
    actions += [
        Add(variant_id=variant_id, quantity=count)
        for variant_id in added(data)
        if (count := _number(data, f"add-{variant_id}", 0, 0, wrong))
    ]
    for name, kind in (("shipping", GiveBackShipping), ("goodwill", Goodwill)):
        if minor := _amount(data, name, order, wrong):
            actions.append(kind(amount_minor=minor))
    if wrong:
        raise InvalidForm(wrong)
    return actions


def _back(
    data: Mapping[str, Any], order: Order, line: OrderLine, wrong: dict[str, str]
) -> list[Action]:
    count = _number(data, f"back-{line.key}", 0, 0, wrong)
    if not count:
        return []
    keep = _amount(data, f"keep-{line.key}", order, wrong)
    restock = data.get(f"restock-{line.key}") == "1"
    return [TakeBack(line_id=line.key, quantity=count, restock=restock, keep_minor=keep or 0)]


def _of_line(
    data: Mapping[str, Any], order: Order, line: OrderLine, wrong: dict[str, str]
) -> list[Action]:
    back = _number(data, f"back-{line.key}", 0, 0, wrong)
    least = max(0, line.kept_shipped - back)
    wanted = _number(data, f"quantity-{line.key}", line.quantity, least, wrong)
    swap = _text(data, f"swap-{line.key}")
    actions: list[Action] = []
    if swap and line.to_ship and _is_id(swap):
        actions.append(Swap(line_id=line.key, quantity=line.to_ship, variant_id=int(swap)))
    elif wanted != line.quantity:
        # Who types the number that is to be kept means what is left after a return, too.
        actions.append(SetQuantity(line_id=line.key, quantity=wanted))
    price = _text(data, f"price-{line.key}")
    if price:
        try:
            unit = read_price(price, order.currency, f"price-{line.key}")
        except InvalidForm as error:
            wrong |= error.fields
        else:
            actions.append(SetPrice(line_id=line.key, unit_minor=unit.minor))
    return actions


def added(data: Mapping[str, Any]) -> list[int]:
    """Variants the form holds beside those of the order."""
    found = [_ADDED.fullmatch(name) for name in data]
    return [int(one[1]) for one in found if one and 0 < int(one[1]) <= LARGEST_ID][:50]


def kind_of(actions: Sequence[Action]) -> ChangeKind:
    """What people would call it."""
    kinds = {type(action) for action in actions}
    if kinds == {Goodwill}:
        return "goodwill"
    if TakeBack in kinds:
        return "exchange" if kinds & {Add, Swap, SetQuantity} else "return"
    return "edit" if SetPrice in kinds else "correction"


def _number(
    data: Mapping[str, Any], name: str, usual: int, least: int, wrong: dict[str, str]
) -> int:
    text = _text(data, name)
    if not text:
        return usual
    if not text.isascii() or not text.isdigit() or len(text) > 5 or int(text) > _MOST:
        wrong[name] = "Please enter a whole number."
        return usual
    if int(text) < least:
        wrong[name] = "So many are with the customer already. What comes back is entered below."
    return int(text)


def _amount(data: Mapping[str, Any], name: str, order: Order, wrong: dict[str, str]) -> int | None:
    text = _text(data, name)
    if not text:
        return None
    try:
        return read_price(text, order.currency, name).minor
    except InvalidForm as error:
        wrong |= error.fields
        return None


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return value.strip() if isinstance(value, str) else ""


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text[:11]) <= LARGEST_ID
