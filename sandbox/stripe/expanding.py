"""`expand[]`: ids replaced by the objects they name, up to four levels deep."""

from typing import Any

from sandbox.stripe import refunds, sessions
from sandbox.stripe.errors import Invalid
from sandbox.stripe.things import Thing, shown
from sandbox.stripe.world import Call

DEEPEST = 4

# What stands behind an expandable field, by the kind of object that has it.
BEHIND: dict[str, dict[str, tuple[str, ...]]] = {
    "checkout.session": {
        "payment_intent": ("payment_intent",),
        "customer": ("customer",),
        "line_items": ("item",),
    },
    "payment_intent": {
        "latest_charge": ("charge",),
        "customer": ("customer",),
        "payment_method": ("payment_method",),
    },
    "charge": {
        "balance_transaction": ("balance_transaction",),
        "failure_balance_transaction": ("balance_transaction",),
        "payment_intent": ("payment_intent",),
        "customer": ("customer",),
        "refunds": ("refund",),
    },
    "refund": {
        "charge": ("charge",),
        "payment_intent": ("payment_intent",),
        "balance_transaction": ("balance_transaction",),
        "failure_balance_transaction": ("balance_transaction",),
    },
    "dispute": {"charge": ("charge",), "payment_intent": ("payment_intent",)},
    "balance_transaction": {"source": ("charge", "refund", "dispute")},
    "item": {"price": ("price",)},
    "price": {"product": ("product",)},
    "payment_method": {"customer": ("customer",)},
}
LISTS = (("checkout.session", "line_items"), ("charge", "refunds"))


def check(kind: str, paths: list[str], *, is_list: bool) -> None:
    """Refuses what cannot be expanded, before anything is done."""
    for path in paths:
        parts = path.split(".")
        if is_list and parts.pop(0) != "data":
            raise _refusal(path)
        kinds: tuple[str, ...] = (kind,)
        depth = 0
        while parts:
            name = parts.pop(0)
            found = [BEHIND.get(one, {}).get(name) for one in kinds]
            if None in found or (depth := depth + 1) > DEEPEST:
                raise _refusal(path)
            if (kinds[0], name) in LISTS and parts and parts.pop(0) != "data":
                raise _refusal(path)
            kinds = tuple(one for some in found if some for one in some)


def _refusal(path: str) -> Invalid:
    return Invalid(f"This property cannot be expanded ({path[:100]}).", param="expand")


def expand(call: Call, answer: Thing, paths: list[str]) -> Thing:
    """A copy for the outside, with what the checked `paths` ask for put in place."""
    copy = _outside(answer)
    for path in paths:
        _expand(call, copy, path.split("."))
    return copy


def _outside(answer: Thing) -> Thing:
    if answer["object"] == "list":
        return {**answer, "data": [_outside(thing) for thing in answer["data"]]}
    copy = shown(answer)
    if copy["object"] == "item":
        copy["price"] = shown(copy["price"])
    return copy


def _expand(call: Call, thing: Thing, parts: list[str]) -> None:
    name, rest = parts[0], parts[1:]
    if thing["object"] == "list":
        for item in thing["data"]:
            if rest:
                _expand(call, item, rest)
        return
    if not isinstance(thing.get(name), dict):
        thing[name] = _behind(call, thing, name)
    if rest and thing[name] is not None:
        _expand(call, thing[name], rest)


def _behind(call: Call, thing: Thing, name: str) -> Any:
    if name == "line_items":
        return _outside(sessions.line_items(call, thing["id"], {}))
    if name == "refunds":
        return _outside(refunds.listed(call, {"charge": thing["id"]}))
    kinds, thing_id = BEHIND[thing["object"]][name], thing[name]
    for kind in kinds:
        if thing_id in call.account.things[kind]:
            return shown(call.account.things[kind][thing_id])
    return None
