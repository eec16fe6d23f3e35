"""Stripe's events on their way: in good weather they arrive at once, and the jobs keep up."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sandbox.webhooks import Delivery
from tests.orders_and_money.bank import kind_of
from tests.orders_and_money.figures import FIGURES
from tests.orders_and_money.lives import Life
from tests.orders_and_money.machine import Databases, Machine


class Post(Machine):
    def __init__(self, databases: Databases) -> None:
        super().__init__(databases)
        self._next_tick = self.clock.now
        self.line_is_down = self.worker_is_away = False

    def go_on(self) -> None:
        """Events arrive and jobs are done, if nothing is in their way."""
        for _ in range(4):
            if not self.line_is_down:
                self.carry(self.bank.under_way())
            if not self.worker_is_away:
                self.act(self._work)
            if self.line_is_down or not self.bank.under_way():
                return

    async def _work(self, life: Life) -> None:
        if self.clock.now >= self._next_tick:
            await life.tick()
            self._next_tick = self.clock.now + timedelta(minutes=1)
        await life.jobs.drain()

    def carry(self, chosen: Sequence[Delivery], *, times: int = 1) -> None:
        """One after the other; what is not answered with 200 comes again another time."""
        for one in chosen:
            for _ in range(times):
                path, body, headers = self.bank.as_sent(one, self.clock.now)
                status = self.act(lambda life: life.hear(path, body, headers))  # noqa: B023
                self.note_answers([one], [status])

    def note_answers(self, sent: Iterable[Delivery], answers: Iterable[int | None]) -> None:
        for one, status in zip(sent, answers, strict=False):
            if status == 200:
                FIGURES["events doubled" if one.state == "delivered" else "events delivered"] += 1
                one.state = "delivered"

    def lose(self, chosen: Iterable[Delivery]) -> None:
        for one in chosen:
            if one.state == "held":
                one.state = "dropped"
                self.say(f"{kind_of(one)} is lost")
                FIGURES["events lost"] += 1

    def some_under_way(self, places: Iterable[int]) -> list[Delivery]:
        return _some(self.bank.under_way(), places)

    def some_of_old(self, places: Iterable[int]) -> list[Delivery]:
        """Those that were heard already, and those that were thought lost."""
        return _some(self.bank.sent_before(), places)


def _some(found: list[Delivery], places: Iterable[int]) -> list[Delivery]:
    return [found[place % len(found)] for place in places] if found else []
