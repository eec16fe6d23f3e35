"""What people type on the payment page, checked with a sentence for each field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sandbox.stripe import methods, urls
from sandbox.stripe.buying import Buyer
from sandbox.stripe.errors import Declined
from sandbox.stripe.things import Thing

FIELDS = [
    "email",
    "way",
    "card",
    "expiry",
    "cvc",
    "iban",
    "outcome",
    "name",
    "country",
    "line1",
    "postal_code",
    "city",
    "phone",
    "shipping_rate",
    "seen",
]
LONGEST = 200

TRY_CARDS = (
    ("4242424242424242", "works"),
    ("4000000000000002", "is declined"),
    ("4000000000009995", "has no money"),
    ("4000000000000259", "is disputed later"),
    ("4000000000007726", "is refunded slowly"),
    ("4000000000005126", "cannot be refunded"),
)
TRY_IBANS = (
    (methods.FINE_IBAN, "has money"),
    (methods.BOUNCING_IBAN, "bounces"),
)
DECLINES = {
    "insufficient_funds": "There is not enough money on this card. Please try another one.",
    "expired_card": "This card has expired. Please try another one.",
    "incorrect_cvc": "The security code is wrong.",
    "incorrect_number": "Please enter the card number.",
    "test_mode_live_card": "Only test numbers work here. Please take one of those below.",
    "invalid_bank_account_iban": "This IBAN is not right. Please check it.",
}
DECLINED = "Your bank has declined this payment. Please try another card."


@dataclass
class PayForm:
    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def buyer(self) -> Buyer:
        names = Buyer.__dataclass_fields__.keys()
        return Buyer(**{name: self.values[name] for name in names})


def fresh(session: Thing) -> PayForm:
    """An empty form for this session; what the shop already told is filled in."""
    values = dict.fromkeys(FIELDS, "")
    details = session["customer_details"] or {}
    cost = session["shipping_cost"] or {}
    values |= {
        "email": session["customer_email"] or details.get("email") or "",
        "name": details.get("name") or "",
        "country": countries(session)[0],
        "outcome": "soon",
        "shipping_rate": cost.get("shipping_rate", ""),
        "way": session["payment_method_types"][0],
    }
    return PayForm(values)


def countries(session: Thing) -> list[str]:
    wanted = session["shipping_address_collection"]
    if wanted:
        return list(wanted["allowed_countries"])
    return ["DE", "AT", "CH", "BE", "DK", "ES", "FR", "IT", "LU", "NL", "PL", "SE"]


def typed(session: Thing, posted: Mapping[str, object]) -> PayForm:
    """Everything as it was typed, cut to a sane length; nothing is checked yet."""
    form = fresh(session)
    for name in FIELDS:
        if isinstance(value := posted.get(name), str):
            form.values[name] = value.strip()[:LONGEST]
    if session["customer_email"]:
        form.values["email"] = session["customer_email"]
    if form.values["country"] not in countries(session):
        form.values["country"] = countries(session)[0]
    if form.values["way"] not in session["payment_method_types"]:
        form.values["way"] = session["payment_method_types"][0]
    return form


def fill(form: PayForm, number: str) -> None:
    """A test number with the rest of what its form needs."""
    if number[:2].isalpha():
        form.values |= {"way": "sepa_debit", "iban": number}
    else:
        form.values |= {"way": "card", "card": number, "expiry": "12 / 34", "cvc": "123"}
    form.values["name"] = form.values["name"] or "Mia Krüger"
    form.values["email"] = form.values["email"] or "mia.krueger@example.com"


def check(form: PayForm, session: Thing) -> bool:
    """Fills in `errors`; true when the form may be sent on."""
    values, errors = form.values, form.errors
    if not urls.is_email(values["email"]):
        errors["email"] = "Please enter your e-mail address."
    if session["amount_total"] and not values["name"]:
        errors["name"] = "Please enter your name."
    if session["shipping_address_collection"]:
        for name in ("line1", "postal_code", "city"):
            if not values[name]:
                errors[name] = "This is needed for the delivery."
    if session["phone_number_collection"]["enabled"] and len(values["phone"]) < 5:
        errors["phone"] = "Please enter your phone number."
    if session["amount_total"]:
        _check_method(form)
    return not errors


def has_seen_total(form: PayForm, session: Thing) -> bool:
    """Another way of shipping changes the total; nobody pays a total they were not shown."""
    if len(session["shipping_options"]) < 2 or form.values["seen"] == str(session["amount_total"]):
        return True
    form.errors["shipping_rate"] = "The total has changed. Please look at it and press once more."
    return False


def _check_method(form: PayForm) -> None:
    values, errors = form.values, form.errors
    try:
        if values["way"] != "card":
            methods.iban(values["iban"])
            return
        methods.card(values["card"])
    except Declined as declined:
        errors["card" if values["way"] == "card" else "iban"] = sentence(declined)
    if values["way"] == "card" and not _is_ahead(values["expiry"]):
        errors["expiry"] = "Month and year, not in the past."
    if values["way"] == "card" and not (values["cvc"].isdigit() and 3 <= len(values["cvc"]) <= 4):
        errors["cvc"] = "The three or four digits on the back."


def _is_ahead(expiry: str) -> bool:
    month, _, year = expiry.replace(" ", "").partition("/")
    if not (month.isdigit() and year.isdigit() and 1 <= int(month) <= 12 and len(year) in (2, 4)):
        return False
    now = datetime.now(UTC)
    return (2000 + int(year) % 100, int(month)) >= (now.year, now.month)


def sentence(declined: Declined) -> str:
    """The msgid people read for what the bank said."""
    code = declined.details.get("decline_code") or declined.details["code"]
    return DECLINES.get(str(code), DECLINED)
