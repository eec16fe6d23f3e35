"""Who carries a parcel, and the link under which it can be followed.

Links are built from the addresses below and a checked number: nothing anybody types becomes one.
"""

import re
from dataclasses import dataclass

from storefront.errors import TrackingUnreadable

_NUMBER = re.compile(r"(?=.*\d)[A-Z0-9]{6,40}")


@dataclass(frozen=True, slots=True)
class Carrier:
    """`name` is a msgid; `address` has a place for the number, and one for the language."""

    name: str
    address: str = ""


CARRIERS: dict[str, Carrier] = {
    "dhl": Carrier(
        "DHL", "https://www.dhl.de/{locale}/privatkunden/pakete-empfangen/verfolgen.html?piececode={number}"
    ),
    "dpd": Carrier("DPD", "https://tracking.dpd.de/status/{region}/parcel/{number}"),
    "hermes": Carrier(
        "Hermes", "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation#{number}"
    ),
    "gls": Carrier("GLS", "https://gls-group.com/DE/{locale}/paketverfolgung?match={number}"),
    "ups": Carrier("UPS", "https://www.ups.com/track?loc={region}&tracknum={number}"),
    "post": Carrier(
        "Deutsche Post", "https://www.deutschepost.de/{locale}/s/sendungsverfolgung.html?piececode={number}"
    ),
    "own": Carrier("Our own delivery"),
    "other": Carrier("Another carrier"),
}  # fmt: skip


def read_number(text: str) -> str:
    """Spaces and hyphens are how labels print it. Raises TrackingUnreadable."""
    number = re.sub(r"[\s.-]+", "", text).upper()
    if number and not _NUMBER.fullmatch(number):
        raise TrackingUnreadable()
    return number


def tracking_link(carrier: str, number: str, locale: str) -> str | None:
    known = CARRIERS.get(carrier)
    if known is None or not known.address or not _NUMBER.fullmatch(number):
        return None
    language = "de" if locale.startswith("de") else "en"
    region = "de_DE" if language == "de" else "en_US"
    return known.address.format(number=number, locale=language, region=region)
