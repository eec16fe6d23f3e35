"""Whatever is to be said: what leaves fits the platform, and no word of it is lost."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.limits import fit
from inbox.replies import (
    Button,
    Buttons,
    Card,
    Cards,
    Coupon,
    Picture,
    QuickReply,
    Receipt,
    ReceiptLine,
    Reply,
    Text,
    from_json,
    to_json,
    words,
)
from inbox.wire import to_graph
from sandbox.graph.message_limits import check_message
from sandbox.settings import SandboxPage
from sandbox.things import Page

PLATFORMS = st.sampled_from(["messenger", "instagram"])
SHOP = Page(SandboxPage(page_id="1", name="B", slug="b", page_token="t"))

# Letters of several bytes, emoji of several signs, accents, sentence ends, no white space at all.
signs = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["ä", "👩‍👩‍👧", "🇩🇪", "é", ". ", "!\n\n", "x" * 90, "Wort ", "\x00", "漢"]),
)
texts = st.lists(signs, max_size=40).map("".join)
long_texts = st.builds(lambda text, times: text * times, texts, st.integers(1, 30))
addresses = st.sampled_from(
    ["https://a.example/p?q=1", "http://b.example", "ftp://c", "", "javascript:x"]
)
payloads = st.sampled_from(["P", "x" * 1000, "x" * 1001, "", "ä"])
buttons = st.builds(
    Button, st.sampled_from(["url", "postback"]), texts, st.one_of(addresses, payloads)
)
quick_replies = st.lists(st.builds(QuickReply, texts, payloads), max_size=16).map(tuple)
cards = st.builds(
    Card, texts, texts, st.none() | addresses, st.none() | addresses,
    st.lists(buttons, max_size=5).map(tuple),
)  # fmt: skip
cents = st.integers(0, 10**7)
receipts = st.builds(
    Receipt, texts, texts, st.sampled_from(["B-1", " ", ""]), st.sampled_from(["EUR", "JPY", "BHD"]),
    texts, st.lists(st.builds(ReceiptLine, texts, st.integers(1, 9), cents), max_size=120).map(tuple),
    cents, cents, cents, st.lists(st.tuples(texts, cents), max_size=3).map(tuple),
    st.none() | addresses, st.none() | st.integers(0, 2**31),
)  # fmt: skip
replies: st.SearchStrategy[Reply] = st.one_of(
    st.builds(Text, long_texts, quick_replies),
    st.builds(Buttons, long_texts, st.lists(buttons, max_size=8).map(tuple)),
    st.builds(Cards, st.lists(cards, max_size=25).map(tuple), quick_replies),
    receipts,
    st.builds(Coupon, texts, st.sampled_from(["SOMMER10", "zwei wörter", ""]), long_texts, texts,
              st.none() | addresses, texts),
    st.builds(Picture, addresses, long_texts),
)  # fmt: skip


def bare(text: str) -> str:
    return re.sub(r"\s|\x00", "", text)


@settings(max_examples=150, deadline=None)
@given(said=replies, platform=PLATFORMS)
def test_what_leaves_is_taken_by_the_platform(said: Reply, platform: Any) -> None:
    for piece in fit(said, platform):
        check_message(to_graph(piece), platform, SHOP)


@settings(max_examples=80, deadline=None)
@given(text=long_texts, platform=PLATFORMS)
def test_no_word_of_a_long_text_is_lost(text: str, platform: str) -> None:
    pieces = fit(Text(text), platform)
    assert "".join(bare(words(piece)) for piece in pieces) == bare(text)


@settings(max_examples=60, deadline=None)
@given(said=replies, platform=PLATFORMS)
def test_what_fits_stays_as_it_is_and_survives_the_row(said: Reply, platform: str) -> None:
    for piece in fit(said, platform):
        assert fit(piece, platform) == [piece]
        assert from_json(to_json(piece)) == piece


def test_texts_are_cut_where_a_reader_pauses() -> None:
    sentence = "Die Rosen sind heute frisch gekommen. "
    pieces = [words(piece) for piece in fit(Text(sentence * 120), "messenger")]
    assert len(pieces) == 3
    assert all(piece.endswith("gekommen.") for piece in pieces)
    assert all(piece.startswith("Die Rosen") for piece in pieces)


@pytest.mark.parametrize("sign", ["👩‍👩‍👧", "👍🏽", "e\u0301", "❤️"])
def test_a_cut_does_not_tear_a_sign_apart(sign: str) -> None:
    for padding in range(12):
        for piece in fit(Text("x" * padding + sign * 700), "instagram"):
            assert words(piece).lstrip("x") == sign * (len(words(piece).lstrip("x")) // len(sign))


def test_instagram_counts_bytes_and_messenger_signs() -> None:
    assert len(fit(Text("ä" * 500), "instagram")) == 1
    assert len(fit(Text("ä" * 501), "instagram")) == 2
    assert len(fit(Text("ä" * 1999), "messenger")) == 1
    assert len(fit(Text("ä" * 2000), "messenger")) == 2


def test_a_receipt_becomes_words_with_a_link_on_instagram() -> None:
    receipt = Receipt(
        "Danke! 42,90 €", "Anna", "B-17", "EUR", "Karte", (), 4290, order_url="https://a.example/o"
    )
    assert fit(receipt, "messenger") == [receipt]
    assert fit(receipt, "instagram") == [
        Buttons("Danke! 42,90 €", (Button("url", "B-17", "https://a.example/o"),))
    ]


def test_amounts_of_a_receipt_are_exact_in_every_currency() -> None:
    for currency, amount in (("EUR", 42.9), ("JPY", 4290), ("BHD", 4.29)):
        receipt = Receipt("x", "Anna", "1", currency, "Karte", (), 4290)
        payload = to_graph(receipt)["attachment"]["payload"]
        assert payload["summary"]["total_cost"] == amount


def test_many_buttons_become_several_messages_and_none_is_lost() -> None:
    many = tuple(Button("postback", f"Nr. {number}", f"P{number}") for number in range(7))
    pieces = fit(Buttons("Wählen Sie", many), "messenger")
    found = [button for piece in pieces if isinstance(piece, Buttons) for button in piece.buttons]
    assert found == list(many)
    assert [len(piece.buttons) for piece in pieces if isinstance(piece, Buttons)] == [3, 3, 1]
