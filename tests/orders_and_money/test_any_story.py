"""Orders, payments, refunds and disputes in any order, with lost and doubled events and a process
that is killed between any two steps: the books agree, and nobody waits for ever."""

import os
from functools import partial

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.orders_and_money.figures import FIGURES, told
from tests.orders_and_money.machine import Databases
from tests.orders_and_money.story import Story

IS_LONG = "EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("EXAMPLES", "6"))
STEPS = int(os.environ.get("STEPS", "16"))

PROFILE = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    # In everybody's run always the same few stories; `make proofs` looks for new ones.
    derandomize=not IS_LONG,
    # Each story is told to a real server with a database of its own; that takes its time.
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)


def test_the_books_agree_whatever_happens(databases: Databases) -> None:
    FIGURES.clear()
    run_state_machine_as_test(partial(Story, databases), settings=PROFILE)
    assert FIGURES["steps"] >= EXAMPLES
    print(told())  # noqa: T201 - `make proofs` shows what it has been through
