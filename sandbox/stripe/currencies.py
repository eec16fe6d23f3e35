"""Amounts as Stripe sends them; the rules differ from ISO 4217 (Stripe docs: currencies)."""

from decimal import Decimal

from babel.numbers import format_currency

from sandbox.stripe.errors import Invalid

CODES = (
    "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn "
    "bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd "
    "gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak "
    "lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd "
    "omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std "
    "szl thb tjs tnd top try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd xof xpf yer zar "
    "zmw"
)
NO_DECIMALS = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
SUPPORTED = frozenset(CODES.split())
WITHOUT_DECIMALS = frozenset(NO_DECIMALS.split())
THREE_DECIMALS = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))
# Two decimals on the wire though the money has none: the last two digits must be 00.
WHOLE_ONLY = frozenset(("isk", "ugx"))

# What one payment must come to at least; other currencies are not checked here.
MINIMUM = {
    **dict.fromkeys(("eur", "usd", "chf", "cad", "aud", "nzd", "sgd", "brl"), 50),
    "gbp": 30,
    "dkk": 250,
    "nok": 300,
    "sek": 300,
    "jpy": 50,
}
MAXIMUM = 99_999_999


def check(currency: str, *, param: str) -> None:
    if currency not in SUPPORTED:
        raise Invalid(
            f"Invalid currency: {currency[:20]}. Send a supported three-letter code in lowercase.",
            param=param,
        )


def check_amount(amount: int, currency: str, *, param: str) -> None:
    """One price: not negative, at most eight digits, and no fraction the currency lacks."""
    if amount < 0:
        raise Invalid(
            f"Invalid non-negative integer: {amount}",
            param=param,
            code="parameter_invalid_integer",
        )
    if amount > MAXIMUM:
        raise Invalid(
            f"Amounts have at most eight digits: {amount}", param=param, code="amount_too_large"
        )
    step = 100 if currency in WHOLE_ONLY else 10 if currency in THREE_DECIMALS else 1
    if amount % step:
        raise Invalid(
            f"Invalid amount in {currency}: it must be a multiple of {step}.", param=param
        )


def check_total(amount: int, currency: str) -> None:
    if amount > MAXIMUM:
        raise Invalid(
            f"The total must not be above {text(MAXIMUM, currency, 'en')}.",
            code="amount_too_large",
        )
    if 0 < amount < MINIMUM.get(currency, 1):
        raise Invalid(
            f"The total must be at least {text(MINIMUM[currency], currency, 'en')}, or zero.",
            code="amount_too_small",
        )


def text(amount: int, currency: str, language: str) -> str:
    """For people: `12,90 €`."""
    digits = 0 if currency in WITHOUT_DECIMALS else 3 if currency in THREE_DECIMALS else 2
    shown = 0 if currency in WHOLE_ONLY else digits
    number = "#,##0" + ("." + "0" * shown if shown else "")
    return format_currency(
        Decimal(amount).scaleb(-digits),
        currency.upper(),
        format=f"{number}\u00a0¤" if language == "de" else f"¤{number}",
        locale=language,
        currency_digits=False,
    )
