"""Whatever order things are told in, and however often: the same is stored."""

import itertools

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from inbox.receiving import Happening
from tests.conftest import SetClock, WatchedDatabase
from tests.inbox.story import PAGE, Told, another_inbox

told = Told()
numbers = itertools.count()

VISITORS = f"{PAGE}_900"

# Everything at minutes of its own; edits later than what they edit.
STORY: list[Happening] = [
    # A chat: said, edited twice, one unsent, a tap, a reaction, an answer from elsewhere.
    told.text("m1", "Haben Sie Rosen?", 1),
    told.edited("m1", "Haben Sie rote Rosen?", 2, number=1),
    told.edited("m1", "Haben Sie rote Rosen da?", 3, number=2),
    told.text("m2", "vergessen Sie es", 4),
    told.unsent("m2", 5),
    told.edited("m2", "doch nicht", 4.5),
    told.tapped("MENU", "Menü", 6),
    told.echo("m3", "Ja, zwölf Stück.", 7),
    told.reacted("m3", "love", 8),
    told.reacted("m3", None, 9),
    told.text("m4", "Danke", 10, person="p2"),
    told.unsent("m4", 11, person="p2"),
    # Under a post of the page: two people in one thread, answers to each, one level too deep.
    told.comment("c1", "Was kostet der Strauß?", 20, "a1"),
    told.comment("c2", "Das frage ich mich auch", 21, "a2", parent="c1"),
    told.comment("c3", "19 Euro", 22, PAGE, parent="c1"),
    told.comment("c4", "Und mit Vase?", 23, "a2", parent="c2"),
    told.comment("c5", "24 Euro", 24, PAGE, parent="c4"),
    told.comment_edited("c1", "Was kostet der große Strauß?", 25, "a1"),
    told.comment_edited("c1", "Was kostet der ganz große Strauß?", 26, "a1"),
    told.comment_hidden("c2", 27, "a2"),
    told.comment_hidden("c2", 28, "a2", hidden=False),
    told.comment_hidden("c4", 29, "a2"),
    told.comment_removed("c4", 30, "a2"),
    # Somebody without a name, who gets one with an edit, and is answered.
    told.comment("c6", "Wie lange haben Sie auf?", 31, None),
    told.comment("c7", "Bis acht.", 32, PAGE, parent="c6"),
    told.comment_edited("c6", "Wie lange haben Sie heute auf?", 33, "a3"),
    # Our own comment on our own post, and one under it.
    told.comment("c8", "Link in der Bio", 34, PAGE),
    told.comment("c9", "Welche Bio?", 35, "a1", parent="c8"),
    told.comment("c10", "Diese hier", 36, PAGE, parent="c8"),
    # A visitor's post, an answer, their answer, somebody else's comment on it.
    told.visitor_post(VISITORS, "Tolle Blumen!", 40, "a4"),
    told.visitor_post_edited(VISITORS, "Ganz tolle Blumen!", 41, "a4"),
    told.comment("c11", "Danke!", 42, PAGE, post=VISITORS),
    told.comment("c12", "Gern", 43, "a4", post=VISITORS, parent="c11"),
    told.comment("c13", "Finde ich auch", 44, "a5", post=VISITORS),
    told.comment("c14", "Auch Ihnen danke", 45, PAGE, post=VISITORS, parent="c13"),
    told.comment_removed("c13", 46, None, post=VISITORS),
]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.lists(st.sampled_from(range(len(STORY))), min_size=1, max_size=20))
@example(order=[21, 16])
@example(order=[4, 0])
@example(order=[4, 1])
async def test_every_order_of_the_same_happenings_stores_the_same(
    sqlite_db: WatchedDatabase, clock: SetClock, order: list[int]
) -> None:
    part = sorted(set(order))
    as_it_happened = await another_inbox(sqlite_db, clock, f"s{next(numbers)}")
    await as_it_happened.hears(*(STORY[number] for number in part))
    as_it_was_told = await another_inbox(sqlite_db, clock, f"s{next(numbers)}")
    await as_it_was_told.hears(*(STORY[number] for number in order))
    shown, said = await as_it_happened.snapshot()
    shown_too, said_too = await as_it_was_told.snapshot()
    assert said_too == said
    assert shown_too == shown


@settings(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(len(STORY))))
async def test_the_whole_story_backwards_and_across_stores_the_same(
    sqlite_db: WatchedDatabase, clock: SetClock, order: list[int]
) -> None:
    as_it_happened = await another_inbox(sqlite_db, clock, f"s{next(numbers)}")
    await as_it_happened.hears(*STORY)
    as_it_was_told = await another_inbox(sqlite_db, clock, f"s{next(numbers)}")
    await as_it_was_told.hears(*(STORY[number] for number in order))
    assert await as_it_was_told.snapshot() == await as_it_happened.snapshot()
