"""Amounts as Stripe wants them (Stripe docs: currencies). Not what Babel or ISO 4217 say.

Stripe counts most currencies in hundredths and some in whole units. ISK and UGX have no decimals
in the world but are sent in hundredths ending in 00; three-decimal currencies must end in 0.
"""

from core.money import Money, exponent
from payments.errors import AmountNotPayable, AmountTooSmall

WITHOUT_DECIMALS = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "JPY",
        "KMF",
        "KRW",
        "MGA",
        "PYG",
        "RWF",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
WITH_THREE_DECIMALS = frozenset(["BHD", "JOD", "KWD", "OMR", "TND"])
NOT_TAKEN = frozenset(["IQD", "LYD"])

# Other currencies are refused by Stripe itself where the total is below half a dollar or so.
MINIMUM_MINOR = {
    "EUR": 50, "USD": 50, "CHF": 50, "GBP": 30, "DKK": 250, "NOK": 300, "SEK": 300, "JPY": 50,
}  # fmt: skip
LARGEST = 99_999_999


def stripe_exponent(currency: str) -> int:
    if currency in WITHOUT_DECIMALS:
        return 0
    return 3 if currency in WITH_THREE_DECIMALS else 2


def _power(digits: int) -> int:
    return int(10 ** max(0, digits))


def to_stripe(amount: Money) -> int:
    """Raises AmountNotPayable where Stripe cannot say this amount."""
    difference = stripe_exponent(amount.currency) - exponent(amount.currency)
    number, rest = divmod(amount.minor * _power(difference), _power(-difference))
    unsayable = rest or (amount.currency in WITH_THREE_DECIMALS and number % 10)
    if unsayable or amount.currency in NOT_TAKEN or not 0 <= number <= LARGEST:
        raise AmountNotPayable()
    return number


def from_stripe(number: int, currency: str) -> Money:
    """`currency` as Stripe writes it, in small letters."""
    code = currency.upper()
    difference = stripe_exponent(code) - exponent(code)
    whole, rest = divmod(number * _power(-difference), _power(difference))
    if rest:
        raise ValueError(f"Stripe says {number} {currency}, which that currency does not have")
    return Money(whole, code)


def check_payable(amount: Money, locale: str) -> None:
    """Raises AmountTooSmall or AmountNotPayable before anybody is sent to a pay page."""
    to_stripe(amount)
    minimum = Money(MINIMUM_MINOR.get(amount.currency, 1), amount.currency)
    if amount < minimum:
        raise AmountTooSmall(minimum=minimum.text(locale))
