"""Shipping options of a session, and the one the buyer takes."""

from sandbox.stripe import currencies, metadata
from sandbox.stripe.errors import Invalid, NoSuch
from sandbox.stripe.things import Thing, blank, new_id
from sandbox.stripe.world import Call

MOST_OPTIONS = 5


def check(call: Call, options: list[Thing], currency: str) -> None:
    if len(options) > MOST_OPTIONS:
        raise Invalid(f"At most {MOST_OPTIONS} options are allowed.", param="shipping_options")
    for place, option in enumerate(options):
        param = f"shipping_options[{place}]"
        if ("shipping_rate" in option) == ("shipping_rate_data" in option):
            raise Invalid("Send shipping_rate or shipping_rate_data, not both.", param=param)
        if "shipping_rate" in option:
            _check_known(call, option["shipping_rate"], currency, param)
        else:
            _check_new(option["shipping_rate_data"], currency, f"{param}[shipping_rate_data]")


def _check_known(call: Call, rate_id: str, currency: str, param: str) -> None:
    rate = call.account.find("shipping_rate", rate_id, param=f"{param}[shipping_rate]")
    if rate["fixed_amount"]["currency"] != currency:
        raise Invalid("Shipping has another currency than the lines.", param=param)


def _check_new(data: Thing, currency: str, param: str) -> None:
    if "fixed_amount" not in data:
        raise Invalid("Missing required param: fixed_amount.", param=f"{param}[fixed_amount]")
    amount = data["fixed_amount"]
    if amount["currency"] != currency:
        raise Invalid("Shipping has another currency than the lines.", param=param)
    currencies.check_amount(amount["amount"], currency, param=f"{param}[fixed_amount][amount]")
    if "tax_code" in data:
        raise NoSuch("tax_code", data["tax_code"], param=f"{param}[tax_code]")
    metadata.check(data.get("metadata"), param=f"{param}[metadata]")


def first_cost(call: Call, options: list[Thing]) -> int:
    """What the first option of a checked request costs; it counts until another is taken."""
    if not options:
        return 0
    if "shipping_rate" in options[0]:
        rate = call.account.find("shipping_rate", options[0]["shipping_rate"])
        return int(rate["fixed_amount"]["amount"])
    return int(options[0]["shipping_rate_data"]["fixed_amount"]["amount"])


def make(call: Call, options: list[Thing]) -> list[Thing]:
    """The session's `shipping_options`, their rates made where they are new."""
    made = []
    for option in options:
        rate_id = option.get("shipping_rate") or _make_rate(call, option["shipping_rate_data"])
        rate = call.account.find("shipping_rate", rate_id)
        made.append(
            {"shipping_amount": rate["fixed_amount"]["amount"], "shipping_rate": rate["id"]}
        )
    return made


def _make_rate(call: Call, data: Thing) -> str:
    rate = blank(
        "shipping_rate",
        id=new_id("shr_"),
        created=call.now,
        delivery_estimate=data.get("delivery_estimate"),
        display_name=data["display_name"],
        fixed_amount={
            "amount": data["fixed_amount"]["amount"],
            "currency": data["fixed_amount"]["currency"],
        },
        metadata=metadata.check(data.get("metadata")),
        tax_behavior=data.get("tax_behavior", "unspecified"),
    )
    return str(call.account.keep(rate)["id"])


def cost(option: Thing) -> Thing:
    amount = option["shipping_amount"]
    return {
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "shipping_rate": option["shipping_rate"],
    }


def take(session: Thing, rate_id: str) -> None:
    """The buyer takes this option; the total follows. An unknown id changes nothing."""
    for option in session["shipping_options"]:
        if option["shipping_rate"] == rate_id:
            before = session["shipping_cost"]["amount_total"]
            session["shipping_cost"] = cost(option)
            session["amount_total"] += option["shipping_amount"] - before
            session["total_details"]["amount_shipping"] = option["shipping_amount"]
