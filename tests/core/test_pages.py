"""Pages: escaped, in the reader's language, with numbers and times as they write them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import jinja2
import pytest

from core.money import Money
from core.pages import ROOT, Pages, headers_for, static_url
from core.translations import Translations


@dataclass
class OfZone:
    timezone: str


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "de").mkdir()
    (tmp_path / "de/a.po").write_text('msgid "Hello %(name)s"\nmsgstr "Hallo %(name)s"\n')
    return tmp_path


def render(
    folder: Path, template: str, locale: str, name: str = "x.html", **context: object
) -> str:
    (folder / name).write_text(template)
    return Pages(Translations(folder), folder=folder).text(name, locale, **context)


def test_html_is_escaped_and_text_is_not(folder: Path) -> None:
    assert render(folder, "{{ a }}", "de", a="<b>&") == "&lt;b&gt;&amp;"
    assert render(folder, "{{ a }}", "de", "x.txt", a="<b>&") == "<b>&"


def test_sentences_are_translated_and_their_values_escaped(folder: Path) -> None:
    template = "{{ _('Hello %(name)s', name=who) }}"
    assert render(folder, template, "de", who="<Anna>") == "Hallo &lt;Anna&gt;"
    assert render(folder, template, "en", who="Anna") == "Hello Anna"


def test_amounts_and_times_are_written_as_the_reader_does(folder: Path) -> None:
    template = "{{ price|money }} {{ at|date }} {{ at|datetime }}"
    at = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    values = {"price": Money(129000, "EUR"), "at": at}
    german = render(folder, template, "de", **values, shop=OfZone("Europe/Berlin"))
    assert german == "1.290,00\u00a0€ 02.07.2026 02.07.2026, 00:30"
    english = render(folder, template, "en", **values, shop=OfZone("UTC")).replace("\u202f", " ")
    assert english == "€1,290.00 Jul 1, 2026 Jul 1, 2026, 10:30 PM"


def test_a_missing_value_is_a_mistake(folder: Path) -> None:
    with pytest.raises(jinja2.UndefinedError):
        render(folder, "{{ nothing }}", "de")


def test_the_policy_allows_no_inline_script_and_only_named_frames() -> None:
    policy = headers_for()["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert policy.endswith("frame-ancestors 'none'")
    named = headers_for(frames="https://www.facebook.com", forms="https://checkout.stripe.com")
    assert "frame-ancestors https://www.facebook.com" in named["Content-Security-Policy"]
    assert "form-action 'self' https://checkout.stripe.com;" in named["Content-Security-Policy"]


def test_an_address_of_a_static_file_carries_its_digest() -> None:
    name = next(path.name for path in sorted((ROOT / "static").glob("*.css")))
    assert static_url(name).startswith(f"/static/{name}?v=")
    assert len(static_url(name).rpartition("=")[2]) == 10
