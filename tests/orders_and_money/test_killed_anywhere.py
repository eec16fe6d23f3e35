"""The same story again and again, each time killed one place later: it always ends alike."""

import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.orders_and_money.figures import FIGURES
from tests.orders_and_money.machine import Databases
from tests.orders_and_money.story import Story
from tests.orders_and_money.tales import TALES

Tale = Callable[[Story], None]

# In everybody's run two of three tales die once, in turn on either database; `make proofs` tries
# every place of each on both.
STRIDE = int(os.environ.get("STRIDE", "0"))
KINDS = ("sqlite", "postgres")
FEWEST = 25
"""At so many places, or more, the process can die in every tale."""


def _told_here() -> Iterator[Any]:
    for number, tale in enumerate(TALES):
        for kind in KINDS if STRIDE else KINDS[number % 3 : number % 3 + 1]:
            marks = [pytest.mark.postgres] if kind == "postgres" else []
            yield pytest.param(kind, tale, marks=marks, id=f"{tale.__name__}-{kind}")


def tell(databases: Databases, tale: Tale, place: int | None) -> tuple[Any, int]:
    """How it ended, and at how many places the process could have died."""
    story = Story(databases)
    try:
        story.open_shops(["EUR"])
        before = story.places
        if place is not None:
            story.kill_later(place)
        tale(story)
        places = story.places - before
        story.look_over()
        story.let_the_dust_settle()
        story.check_the_end()
        return _end(story.books()), places
    finally:
        story.bury()


def _end(books: Any) -> tuple[Any, ...]:
    """All that a person could tell apart. Who asked twice may have been answered twice, and what
    was not kept may have used up an id."""
    places = {one.key: place for place, one in enumerate(books.orders)}
    return (
        [
            (
                one.state,
                one.paid_minor,
                one.refunded_minor,
                one.credited_minor,
                sorted(one.concerns),
            )
            for one in books.orders
        ],
        [(one.on_hand, one.held, one.allocated) for one in books.variants],
        [(one.kind, one.amount_minor) for one in books.entries],
        [(one.state, one.amount_minor, one.cause) for one in books.refunds],
        [one.taken for one in books.codes],
        [(places[one.order_id], one.number, one.state) for one in books.shipments],
        [(one.kind, one.paid_back_minor, one.handled_at is None) for one in books.cases],
        [(one.kind, one.total_minor) for one in books.invoices],
        Counter(_about(one.about, places) for one in books.mails),
    )


def _about(about: str, places: dict[int, int]) -> tuple[object, ...]:
    """Which order a letter is about, and what it tells; without the id of a parcel or change."""
    subject, number, *kind = about.split(":")
    return (subject, places[int(number)] if subject == "order" else None, *kind[:1])


@pytest.mark.parametrize(("databases", "tale"), list(_told_here()), indirect=["databases"])
def test_wherever_the_process_is_killed_it_ends_as_if_nothing_had_been(
    databases: Databases, tale: Tale
) -> None:
    """In everybody's run once, and then the books must agree."""
    if not STRIDE:
        crashes = FIGURES["crashes"]
        tell(databases, tale, zlib.crc32(tale.__name__.encode()) % FEWEST)
        assert FIGURES["crashes"] == crashes + 1
        return
    calm, places = tell(databases, tale, None)
    assert places >= FEWEST
    for place in range(0, places, STRIDE):
        assert tell(databases, tale, place)[0] == calm, f"killed at place {place}"
