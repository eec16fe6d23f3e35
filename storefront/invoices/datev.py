"""The DATEV format, postings batch: EXTF 700, category 21, format version 13.

After DATEV's own description (developer.datev.de, "DATEV-Format", Einstieg and Buchungsstapel):
a header of 31 fields, 125 columns, semicolons, texts in quotation marks, CR LF, Windows-1252,
amounts positive with a comma, the side (S/H) about the column Konto.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from core.money import Money

ENCODING = "cp1252"
_TEXT = 60
_REFERENCE = 36

COLUMNS = (
    "Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs", "Basis-Umsatz",
    "WKZ Basis-Umsatz", "Konto", "Gegenkonto (ohne BU-Schlüssel)", "BU-Schlüssel", "Belegdatum",
    "Belegfeld 1", "Belegfeld 2", "Skonto", "Buchungstext", "Postensperre",
    "Diverse Adressnummer", "Geschäftspartnerbank", "Sachverhalt", "Zinssperre", "Beleglink",
    *(f"Beleginfo - {what} {n}" for n in range(1, 9) for what in ("Art", "Inhalt")),
    "KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "Kost-Menge", "EU-Land u. UStID (Bestimmung)",
    "EU-Steuersatz (Bestimmung)", "Abw. Versteuerungsart", "Sachverhalt L+L",
    "Funktionsergänzung L+L", "BU 49 Hauptfunktionstyp", "BU 49 Hauptfunktionsnummer",
    "BU 49 Funktionsergänzung",
    *(f"Zusatzinformation - {what} {n}" for n in range(1, 21) for what in ("Art", "Inhalt")),
    "Stück", "Gewicht", "Zahlweise", "Forderungsart", "Veranlagungsjahr",
    "Zugeordnete Fälligkeit", "Skontotyp", "Auftragsnummer", "Buchungstyp",
    "USt-Schlüssel (Anzahlungen)", "EU-Mitgliedstaat (Anzahlungen)",
    "Sachverhalt L+L (Anzahlungen)", "EU-Steuersatz (Anzahlungen)", "Erlöskonto (Anzahlungen)",
    "Herkunft-Kz", "Leerfeld", "KOST-Datum", "SEPA-Mandatsreferenz", "Skontosperre",
    "Gesellschaftername", "Beteiligtennummer", "Identifikationsnummer", "Zeichnernummer",
    "Postensperre bis", "Bezeichnung SoBil-Sachverhalt", "Kennzeichen SoBil-Buchung",
    "Festschreibung", "Leistungsdatum", "Datum Zuord. Steuerperiode", "Fälligkeit",
    "Generalumkehr (GU)", "Steuersatz", "Land", "Abrechnungsreferenz", "BVV-Position",
    "EU-Land u. UStID (Ursprung)", "EU-Steuersatz (Ursprung)", "Abw. Skontokonto",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Posting:
    """`amount` is positive; `side` is that of `account` (S debit, H credit)."""

    amount: Money
    side: Literal["S", "H"]
    account: str
    counter_account: str
    tax_key: str
    day: date
    reference: str
    text: str


@dataclass(frozen=True, slots=True)
class Batch:
    """For whom, for which days of which fiscal year. `chart` is 03 or 04 (SKR)."""

    consultant: int
    client: int
    year_begins: date
    account_length: int
    first: date
    last: date
    chart: str
    currency: str
    made_at: datetime


def as_extf(batch: Batch, postings: Iterable[Posting]) -> bytes:
    lines = [_head(batch), ";".join(COLUMNS), *(_line(one) for one in postings)]
    return "".join(f"{line}\r\n" for line in lines).encode(ENCODING)


def _head(batch: Batch) -> str:
    made_at = f"{batch.made_at:%Y%m%d%H%M%S}{batch.made_at.microsecond // 1000:03d}"
    fields: Sequence[str] = (
        _quoted("EXTF"), "700", "21", _quoted("Buchungsstapel"), "13", made_at, "",
        _quoted("RE"), _quoted("Tresen"), _quoted(""), str(batch.consultant), str(batch.client),
        f"{batch.year_begins:%Y%m%d}", str(batch.account_length), f"{batch.first:%Y%m%d}",
        f"{batch.last:%Y%m%d}", _quoted(f"Rechnungen {batch.first:%m/%Y}"), _quoted(""), "1", "0",
        "0", _quoted(batch.currency), "", _quoted(""), "", "", _quoted(batch.chart), "", "",
        _quoted(""), _quoted(""),
    )  # fmt: skip
    return ";".join(fields)


def _line(one: Posting) -> str:
    told = {
        "Umsatz (ohne Soll/Haben-Kz)": f"{one.amount.amount:.2f}".replace(".", ","),
        "Soll/Haben-Kennzeichen": _quoted(one.side),
        "WKZ Umsatz": _quoted(one.amount.currency),
        "Konto": one.account,
        "Gegenkonto (ohne BU-Schlüssel)": one.counter_account,
        "BU-Schlüssel": _quoted(one.tax_key),
        "Belegdatum": f"{one.day:%d%m}",
        "Belegfeld 1": _quoted(one.reference[:_REFERENCE]),
        "Buchungstext": _quoted(one.text, _TEXT),
        "Festschreibung": "0",
    }
    return ";".join(told.get(name, "") for name in COLUMNS)


def _quoted(text: str, longest: int = 60) -> str:
    kept = " ".join(_writable(text).split())[:longest]
    return '"' + kept.replace('"', '""') + '"'


def _writable(text: str) -> str:
    """Letters Windows-1252 does not have lose their marks; what is left of others is a ?."""
    return "".join(one if _fits(one) else _plainer(one) for one in text)


def _plainer(letter: str) -> str:
    bare = "".join(one for one in unicodedata.normalize("NFKD", letter) if _fits(one))
    return bare or "?"


def _fits(letter: str) -> bool:
    try:
        letter.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return letter >= " "
