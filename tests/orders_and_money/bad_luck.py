"""Stripe in trouble, events lost, late and doubled, a worker away, a process that dies; time."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.orders_and_money.figures import FIGURES
from tests.orders_and_money.people import People

# A call that is cut off is as unclear as one that takes too long, and needs no waiting.
TROUBLE = (
    "429", "500", "500_after_success", "503", "409", "lock_timeout", "cut", "cut_after_success",
)  # fmt: skip
CALLS = ("/v1/checkout/sessions", "/v1/refunds", "/v1")
MINUTES = {"a minute": 1, "6 minutes": 6, "an hour": 60, "7 hours": 420, "2 days": 2880}
PLACES = st.lists(st.integers(0, 9), min_size=1, max_size=4)
OLD_PLACES = st.lists(st.integers(0, 40), min_size=1, max_size=6)


class BadLuck(People):
    @rule(kind=st.sampled_from(TROUBLE), calls=st.sampled_from(CALLS), times=st.integers(1, 3))
    def stripe_is_in_trouble(self, kind: str, calls: str, times: int) -> None:
        self.bank.control("/faults", kind=kind, path=calls, times=times)
        FIGURES["Stripe's troubles"] += 1

    @rule()
    def the_line_goes_down_or_comes_back(self) -> None:
        self.line_is_down = not self.line_is_down
        self.go_on()

    @rule()
    def the_worker_leaves_or_comes_back(self) -> None:
        self.worker_is_away = not self.worker_is_away
        self.go_on()

    @precondition(lambda self: self.bank.under_way())
    @rule(which=PLACES, times=st.integers(1, 2))
    def events_arrive(self, which: list[int], times: int) -> None:
        """In any order."""
        self.carry(self.some_under_way(which), times=times)
        self.go_on()

    @precondition(lambda self: self.bank.sent_before())
    @rule(which=OLD_PLACES)
    def old_events_arrive_again(self, which: list[int]) -> None:
        """After newer ones; also those that seemed to be lost."""
        self.carry(self.some_of_old(which))
        self.go_on()

    @precondition(lambda self: self.bank.under_way())
    @rule(which=PLACES)
    def events_are_lost(self, which: list[int]) -> None:
        self.lose(self.some_under_way(which))

    @rule(places=st.integers(0, 40))
    def the_process_will_die(self, places: int) -> None:
        self.kill_later(places)

    @rule(how_much=st.sampled_from(sorted(MINUTES)))
    def time_passes(self, how_much: str) -> None:
        self.pass_time(MINUTES[how_much])
        self.go_on()
