"""Meta's numbers, in families somebody can act on."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meta.errors import SENTENCES, GraphRefused, GraphUnavailable
from meta.families import error_in, to_exception
from tests.meta.mutations import ANYTHING

FINAL = [
    ((10, 2018278), "window"),
    ((10, 2534022), "window"),
    ((100, 1893061), "window"),
    ((10, 2018065), "permission"),
    ((10, 2018108), "permission"),
    ((10, 2018336), "permission"),
    ((230, 0), "permission"),
    ((200, 0), "permission"),
    ((299, 0), "permission"),
    ((200, 1545041), "unreachable"),
    ((200, 2018028), "unreachable"),
    ((200, 2534041), "unreachable"),
    ((551, 1545041), "unreachable"),
    ((551, 0), "unreachable"),
    ((100, 2018001), "unreachable"),
    ((10903, 0), "unreachable"),
    ((2018218, 0), "missing"),
    ((100, 33), "missing"),
    ((100, 2534025), "missing"),
    ((100, 0), "bad_parameter"),
    ((100, 2018008), "bad_parameter"),
    ((100, 2018047), "bad_parameter"),
    ((2018300, 0), "thread_owned"),
    ((100, 2534037), "thread_owned"),
    ((27, 0), "thread_owned"),
    ((10900, 0), "answered_before"),
    ((102, 0), "token_dead"),
    ((190, 0), "token_dead"),
    ((190, 460), "token_dead"),
    ((190, 463), "token_dead"),
    ((368, 0), "blocked"),
    ((506, 0), "duplicate"),
    ((2022, 0), "unknown"),
    ((20, 1772107), "unknown"),
]  # fmt: skip
AGAIN = [
    ((1, 0), "temporary"),
    ((2, 0), "temporary"),
    ((4, 0), "rate"),
    ((4, 2018354), "rate"),
    ((9, 2018352), "rate"),
    ((17, 0), "rate"),
    ((32, 0), "rate"),
    ((341, 0), "rate"),
    ((613, 0), "rate"),
    ((613, 1893016), "rate"),
    ((613, 2018338), "rate"),
    ((613, 2534040), "rate"),
    ((80001, 0), "rate"),
    ((80002, 0), "rate"),
    ((80006, 0), "rate"),
    ((1609005, 0), "link_preview"),
]


def problem(
    code: int, subcode: int = 0, *, status: int = 400, **more: Any
) -> GraphRefused | GraphUnavailable:
    error = {"message": "said", "code": code, "error_subcode": subcode, **more}
    return to_exception(error, status)


@pytest.mark.parametrize(("numbers", "family"), FINAL)
def test_final_refusals(numbers: tuple[int, int], family: str) -> None:
    refused = problem(*numbers)
    assert isinstance(refused, GraphRefused)
    assert (refused.family, refused.graph_code, refused.subcode) == (family, *numbers)


@pytest.mark.parametrize(("numbers", "family"), AGAIN)
def test_what_is_worth_another_try(numbers: tuple[int, int], family: str) -> None:
    unavailable = problem(*numbers)
    assert isinstance(unavailable, GraphUnavailable)
    assert unavailable.family == family


def test_a_missing_permission_is_no_dead_token() -> None:
    said = "Any of the pages_messaging permission(s) must be granted before impersonating a user's page."
    assert problem(190, message=said).family == "token_scope"
    assert problem(190, message="Session has expired").family == "token_dead"


def test_what_meta_calls_transient_is_tried_again_unless_its_number_says_more() -> None:
    assert isinstance(problem(100, is_transient=True), GraphUnavailable)
    assert isinstance(problem(10, 2018278, is_transient=True), GraphRefused)
    assert isinstance(problem(0, status=503), GraphUnavailable)
    assert problem(0, status=429).family == "rate"
    assert problem(0, status=404).family == "unknown"


def test_every_family_has_its_sentence_in_german_too() -> None:
    from core.pages import ROOT
    from core.translations import Translations

    german = Translations(ROOT / "templates" / "locale").translator("de")
    used = {family for _, family in FINAL + AGAIN} | {"token_scope"}
    assert used == set(SENTENCES)
    assert [family for family in SENTENCES if german(SENTENCES[family]) == SENTENCES[family]] == []


def test_instagrams_flat_errors_are_understood() -> None:
    flat = {"error_type": "OAuthException", "code": 190, "error_message": "expired"}
    assert to_exception(error_in(flat), 400).family == "token_dead"
    kind = {"error": {"message": "x", "type": "IGApiException", "code": 100, "fbtrace_id": "A1"}}
    refused = to_exception(error_in(kind), 400)
    assert isinstance(refused, GraphRefused)
    assert refused.trace_id == "A1"
    assert to_exception(error_in({"error": "invalid_request"}), 400).reason == "invalid_request"
    assert error_in({"id": "5", "message": "no error at all"}) == {}


def test_what_meta_shows_to_people_is_the_reason() -> None:
    assert problem(100, error_user_msg="Bitte kürzen.").reason == "Bitte kürzen."


@given(ANYTHING, st.integers(200, 599))
def test_no_error_body_raises_anything_else(body: Any, status: int) -> None:
    made = to_exception(error_in(body), status)
    assert isinstance(made, GraphRefused | GraphUnavailable)
    assert re.fullmatch(r"[a-z_]+", made.family)
