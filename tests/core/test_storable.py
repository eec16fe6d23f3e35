"""Whatever characters people and platforms send, it is stored."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from core.live import Change, announce
from core.shops import Shop, open_shop
from core.storable import is_storable, storable, to_json
from tests.conftest import SetClock, WatchedDatabase

anything = st.text(st.characters(exclude_categories=()), max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | anything,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(anything, inner, max_size=4),
    max_leaves=10,
)


@given(anything)
def test_a_text_becomes_storable_and_is_changed_only_if_it_must_be(text: str) -> None:
    mended = storable(text)
    assert is_storable(mended)
    assert (mended == text) == is_storable(text)
    mended.encode()
    assert "\0" not in mended


def test_halves_of_a_pair_that_met_again_are_one_character() -> None:
    assert storable("a\ud83c\udf37b") == "a🌷b"
    assert storable("cut \ud83c") == "cut \ufffd"
    assert storable("a\0b") == "a\ufffdb"


@given(json_values)
def test_json_is_kept_but_for_what_no_database_takes(value: Any) -> None:
    text = to_json(value)
    assert "\\u0000" not in text or "\\\\u0000" in text
    plain = json.dumps(value, ensure_ascii=False)
    if "\\u0000" not in plain and is_storable(plain):
        assert json.loads(text) == value


def test_json_that_merely_speaks_of_nul_is_left_alone() -> None:
    assert json.loads(to_json({"a": "\\u0000"})) == {"a": "\\u0000"}
    assert json.loads(to_json({"a\0": ["x\0"]})) == {"a\ufffd": ["x\ufffd"]}


async def test_strange_texts_reach_the_database_mended(
    db: WatchedDatabase, clock: SetClock
) -> None:
    async with db.transaction() as session:
        shop = await open_shop(session, "a", "Blumen\0 \ud83c", now=clock())
        announce(session, shop.key, "x", {"text": "a\0 \ud83c 🌷"}, now=clock())
    async with db.reading() as session:
        assert (await session.exec(select(Shop.name))).one() == "Blumen\ufffd \ufffd"
        assert (await session.exec(select(Change.data))).one() == {"text": "a\ufffd \ufffd 🌷"}
        assert (await session.exec(select(Shop).where(Shop.name == "Blumen\0 \ud83c"))).one()
