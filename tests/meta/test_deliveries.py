"""Bodies taken apart: every event kept, each once, none able to spoil another."""

import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meta.deliveries import Delivered, split
from meta.happenings import ChatHappening, Unsupported
from meta.incoming import read
from meta.wall_happenings import WallHappening
from tests.meta import payloads
from tests.meta.mutations import mutated
from tests.meta.payloads import ALL, HAPPENED_MS, INSTAGRAM, PAGE, POST, PSID

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
THEN = datetime.fromtimestamp(HAPPENED_MS / 1000, UTC)


def as_meta_writes(body: Any) -> bytes:
    return json.dumps(body).replace("/", "\\/").encode()


def taken(body: Any) -> list[Delivered]:
    return split(as_meta_writes(body), now=NOW)


def only(body: Any) -> Delivered:
    [event] = taken(body)
    return event


def test_a_message_is_one_event_of_its_person() -> None:
    event = only(payloads.CHATS["text"])
    assert (event.thread, event.kind, event.account_id) == (
        f"{PAGE}:{PSID}", "messenger.messaging", PAGE,
    )  # fmt: skip
    assert event.happened_at == THEN
    assert event.ignored is None
    assert json.loads(event.body)["event"]["message"]["text"] == "Habt ihr Rosen? ä \U0001f339"


def test_what_both_sides_say_and_do_in_a_chat_is_one_thread() -> None:
    names = ("text", "echo", "postback", "read", "delivery", "reaction", "unsent", "standby_text")
    assert {only(payloads.CHATS[name]).thread for name in names} == {f"{PAGE}:{PSID}"}


def test_everything_under_one_post_is_one_thread() -> None:
    names = ("comment", "comment_reply", "comment_removed", "comment_of_ours", "visitor_post",
             "comment_without_author", "status_edited")  # fmt: skip
    assert {only(payloads.WALLS[name]).thread for name in names} == {f"{PAGE}:{POST}"}
    assert only(payloads.WALLS["ig_comment"]).thread == f"{INSTAGRAM}:4455"


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_shape_is_kept(name: str) -> None:
    """Read, or ignored with a reason; never lost and never in two minds about its key."""
    events = taken(ALL[name])
    assert events
    for event in events:
        assert 0 < len(event.key) <= 200
        assert len(event.thread) <= 300
        assert len(event.kind) <= 40
        assert event.happened_at.tzinfo is not None
        happening = read(event.kind, json.loads(event.body))
        if event.ignored is None:
            assert isinstance(happening, ChatHappening | WallHappening | Unsupported)
        else:
            assert 0 < len(event.ignored) <= 200
    assert [event.key for event in taken(ALL[name])] == [event.key for event in events]


@pytest.mark.parametrize("name", sorted(payloads.CHATS | payloads.WALLS))
def test_what_is_sent_again_later_has_the_same_key(name: str) -> None:
    body = copy.deepcopy((payloads.CHATS | payloads.WALLS)[name])
    before = [event.key for event in taken(body)]
    for entry in body["entry"]:
        entry["time"] += 30
    again = split(as_meta_writes(body), now=NOW + timedelta(hours=1))
    assert [event.key for event in again] == before


def test_different_events_have_different_keys() -> None:
    """Of one message: it, its echo's twin, its edits, its removal, its reactions."""
    names = ("text", "edited", "edited_number_as_text", "unsent", "echo", "reaction",
             "reaction_taken_back", "postback", "read", "delivery")  # fmt: skip
    keys = [only(payloads.CHATS[name]).key for name in names]
    assert len(set(keys)) == len(names)
    verbs = ("comment", "comment_edited", "comment_removed", "comment_hidden",
             "comment_shown_again", "reaction_to_reply")  # fmt: skip
    keys = [only(payloads.WALLS[name]).key for name in verbs]
    assert len(set(keys)) == len(verbs)


def test_a_comment_edited_back_and_forth_is_three_events() -> None:
    edits = [
        payloads.comment("edited", message=text, created_time=at)
        for text, at in (("Rot", 1_763_805_700), ("Blau", 1_763_805_710), ("Rot", 1_763_805_720))
    ]
    assert len({only(edit).key for edit in edits}) == 3


def test_the_same_text_said_twice_is_two_messages() -> None:
    first, second = (payloads.page(payloads.said({"message": {"mid": m, "text": "ja"}}))
                     for m in ("m_1", "m_2"))  # fmt: skip
    assert only(first).key != only(second).key


def test_parts_of_a_key_cannot_be_shifted_into_each_other() -> None:
    one = payloads.feed("mention", post_id="1", comment_id="23", message="x")
    other = payloads.feed("mention", post_id="12", comment_id="3", message="x")
    assert only(one).key != only(other).key


def test_the_test_button_makes_no_customer() -> None:
    for name in ("test_button_message", "test_button_page_id", "test_button_feed"):
        assert only(payloads.ODD[name]).ignored == "sent by the dashboard's test button"


def test_reasons_are_plain() -> None:
    reasons = {
        name: [event.ignored for event in taken(body)] for name, body in payloads.ODD.items()
    }
    assert reasons["only_field_names"] == ["no values, only field names: feed,ratings"]
    assert reasons["change_without_value"] == [
        "change without a value", "not followed: payment_options",
    ]  # fmt: skip
    assert reasons["value_as_text"] == ["malformed value"]
    assert reasons["unknown_object"] == ["unknown object: permissions"]
    assert reasons["no_object"] == ["unknown object: "]
    assert reasons["unknown_event"] == ["unknown event: recipient,sender,telepathy,timestamp"]
    assert reasons["wrong_types"] == [
        "malformed messaging", "malformed standby", "malformed changes",
    ]  # fmt: skip
    assert reasons["no_entries"] == ["unreadable: no entries"]
    assert reasons["two_of_everything"] == [
        None, None, "malformed event", "malformed event", None, "malformed change",
        "malformed entry", "malformed entry", "malformed entry",
    ]  # fmt: skip
    assert only(payloads.WALLS["like"]).ignored == "a reaction"
    assert only(payloads.WALLS["label"]).ignored == "not followed: inbox_labels"


def test_what_stands_beside_field_and_value_is_kept() -> None:
    change = {"id": "0", "time": 7, "field": "page"}
    [event] = taken({"object": "page", "entry": [{"id": payloads.PAGE, "changes": [change]}]})
    assert event.ignored == "change without a value"
    assert json.loads(event.body)["more"] == {"id": "0", "time": 7}


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe\x00", b"null", b"7", b'"x"', b"[" * 9000])
def test_what_is_no_json_is_kept_as_it_came(raw: bytes) -> None:
    [event] = split(raw, now=NOW)
    assert (event.ignored or "").startswith("unreadable")
    assert json.loads(event.body)["raw"] == raw.decode("utf-8", "backslashreplace")
    assert split(raw, now=NOW + timedelta(days=1))[0].key == event.key


def test_a_torn_emoji_costs_nobody_their_message() -> None:
    raw = as_meta_writes(payloads.message(text="TEXT")).replace(b"TEXT", b"Blumen \\ud83d")
    [event] = split(
        b'{"object":"page","entry":[{"id":"1","time":1,"messaging":[' + raw + b"]}]}", now=NOW
    )
    assert event.ignored is None
    assert json.loads(event.body)["event"]["message"]["text"] == "Blumen ?"


def test_a_nul_is_taken_out_because_no_database_keeps_it() -> None:
    event = only(payloads.page(payloads.said({"message": {"mid": "m\x00_1", "text": "a\x00b"}})))
    assert json.loads(event.body)["event"]["message"] == {"mid": "m_1", "text": "ab"}


def test_one_event_nested_too_deeply_does_not_spoil_the_others() -> None:
    deep = b"[" * 400 + b"]" * 400
    good = as_meta_writes(payloads.said({"message": {"mid": "m_1", "text": "da"}}))
    entries = b'{"id":"9","messaging":[{"x":%b}]},{"id":"1","messaging":[%b]}' % (deep, good)
    events = split(b'{"object":"page","entry":[' + entries + b"]}", now=NOW)
    assert [event.ignored is None for event in events] == [False, True]


def test_a_full_batch_of_a_thousand_is_a_thousand_events() -> None:
    entry = {"id": PAGE, "time": payloads.SENT_S, "changes": [
        payloads.comment(comment_id=f"555_{number}")["entry"][0]["changes"][0]
        for number in range(1000)]}  # fmt: skip
    events = taken({"object": "page", "entry": [entry]})
    assert len({event.key for event in events}) == 1000


def test_times_that_are_none_become_now() -> None:
    for stamp in (0, -5, "soon", None, 10**18, True, [], 4_000_000_000):
        event = only(payloads.page(payloads.said({"message": {"mid": "m"}}, timestamp=stamp)))
        assert event.happened_at == NOW


def test_removals_without_a_time_take_that_of_their_sending() -> None:
    event = only(payloads.WALLS["comment_removed"])
    assert event.happened_at == datetime.fromtimestamp(payloads.SENT_S, UTC)


@settings(max_examples=600, deadline=None)
@given(mutated())
def test_no_mutated_body_raises_or_is_lost(body: Any) -> None:
    raw = json.dumps(body).encode()
    events = split(raw, now=NOW)
    assert events
    for event in events:
        event.body.encode()
        event.key.encode()
        event.thread.encode()
        assert "\x00" not in event.thread + event.key + event.kind
        happening = read(event.kind, json.loads(event.body))
        if event.ignored is None:
            assert isinstance(happening, ChatHappening | WallHappening | Unsupported)
    assert [event.key for event in split(raw, now=NOW)] == [event.key for event in events]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_raise_or_are_lost(raw: bytes) -> None:
    assert split(raw, now=NOW)


@given(st.lists(st.sampled_from(sorted(payloads.CHATS)), min_size=1, max_size=6))
def test_a_batch_is_the_sum_of_its_parts(names: list[str]) -> None:
    bodies = [payloads.CHATS[name] for name in names if payloads.CHATS[name]["object"] == "page"]
    together = {"object": "page", "entry": [entry for body in bodies for entry in body["entry"]]}
    alone = [event.key for body in bodies for event in taken(body)]
    if bodies:
        assert [event.key for event in taken(together)] == alone
