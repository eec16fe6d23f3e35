"""May we write to them now? The platform's windows, to the second."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from inbox.reach import SENTENCES, Reachable, Unreachable, reach_chat, reach_private, reach_public

THEN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAY, WEEK = timedelta(hours=24), timedelta(days=7)
ages = st.timedeltas(timedelta(0), timedelta(days=10))


@given(age=ages, by_person=st.booleans())
def test_a_chat_is_open_for_a_day_and_for_people_a_week(age: timedelta, by_person: bool) -> None:
    way = reach_chat(last_customer_at=THEN, by_person=by_person, now=THEN + age)
    if age < DAY:
        assert way == Reachable(tag=None, until=THEN + DAY)
    elif by_person and age < WEEK:
        assert way == Reachable(tag="HUMAN_AGENT", until=THEN + WEEK)
    else:
        assert way == Unreachable("window_closed" if by_person else "window_closed_for_bot")


@given(age=ages)
def test_the_bot_never_gets_a_tag(age: timedelta) -> None:
    way = reach_chat(last_customer_at=THEN, by_person=False, now=THEN + age)
    assert not isinstance(way, Reachable) or way.tag is None


def test_who_never_wrote_is_not_written_to() -> None:
    way = reach_chat(last_customer_at=None, by_person=True, now=THEN)
    assert way == Unreachable("never_wrote")


def test_a_private_reply_is_possible_for_seven_days() -> None:
    just = THEN + WEEK - timedelta(seconds=1)
    assert reach_private(commented_at=THEN, is_removed=False, now=just) == Reachable(
        until=THEN + WEEK
    )
    late = reach_private(commented_at=THEN, is_removed=False, now=THEN + WEEK)
    assert late == Unreachable("private_window_closed")


def test_what_was_removed_cannot_be_answered() -> None:
    assert reach_public(is_removed=True) == Unreachable("comment_removed")
    assert reach_private(commented_at=THEN, is_removed=True, now=THEN) == Unreachable(
        "comment_removed"
    )
    assert reach_public(is_removed=False) == Reachable()


def test_every_reason_has_its_sentence() -> None:
    assert all(Unreachable(reason).sentence for reason in SENTENCES)
