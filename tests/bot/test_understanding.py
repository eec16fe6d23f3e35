"""What people write, and what they want: tables, because that is what the code is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.languages import spoken_in
from bot.payloads import Tap, read, write
from bot.understanding import understand


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Hallo", "greeting"),
        ("Guten Morgen!", "greeting"),
        ("hi there", "greeting"),
        ("Wo ist meine Bestellung?", "orders"),
        ("wann kommt mein Paket??", "orders"),
        ("Where is my order", "orders"),
        ("Ist die Sendung schon unterwegs?", "orders"),
        ("Ich möchte mit einem Menschen sprechen", "person"),
        ("kann ich bitte mit jemandem sprechen", "person"),
        ("I want to talk to a human", "person"),
        ("Die Vase kam kaputt an!", "person"),
        ("Gibt es gerade Angebote?", "deals"),
        ("any deals today?", "deals"),
        ("Was habt ihr denn so?", "browse"),
        ("show me everything", "browse"),
        ("Warenkorb", "basket"),
        ("what's in my cart?", "basket"),
        ("Ich möchte bezahlen", "checkout"),
        ("checkout please", "checkout"),
        ("Ich habe einen Gutscheincode", "ask_code"),
        ("how do I redeem a voucher", "ask_code"),
        ("Vielen Dank", "thanks"),
        ("thanks so much!", "thanks"),
        ("ok 👍", "silence"),
        ("👍👍", "silence"),
        ("alles klar danke", "silence"),
        ("Hilfe", "menu"),
        ("Blaues Hemd?", "search"),
        ("Habt ihr noch Pfingstrosen?", "search"),
        ("do you sell orchids?", "search"),
    ],
)
def test_a_wish_is_read_from_its_words(text: str, wish: str) -> None:
    assert understand(text).wish == wish


@pytest.mark.parametrize(
    ("text", "former", "locale"),
    [
        ("Wo ist meine Bestellung?", "en", "de"),
        ("Where is my order?", "de", "en"),
        ("Sträuße", "en", "de"),
        ("ROSEN10", "en", "en"),
        ("👍", "de", "de"),
        ("Monstera", "en", "en"),
        ("do you have roses", "de", "en"),
        ("Haben Sie Lavendel da?", "en", "de"),
    ],
)
def test_the_language_is_the_customers_own(text: str, former: str, locale: str) -> None:
    assert spoken_in(text, former=former) == locale


@given(st.text(max_size=300))
def test_anything_can_be_said(text: str) -> None:
    assert understand(text).wish
    assert spoken_in(text, former="de") in {"de", "en"}


@given(st.text(max_size=60))
def test_a_payload_of_any_make_is_read_or_left(text: str) -> None:
    tap = read(text)
    assert tap is None or write(tap.verb, tap.number, tap.word).startswith("1:")


def test_a_payload_comes_back_as_it_went() -> None:
    assert read(write("use_code", 0, "ROSEN:10")) == Tap("use_code", 0, "ROSEN:10")
    assert read(write("put", 17)) == Tap("put", 17)
    assert read("0:put:17:") is None
    assert read("1:fly:17:") is None
    assert read("1:put:-1:") is None
    assert read(None) is None
