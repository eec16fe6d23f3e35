"""People, banks and mishaps around shops, one step at a time, in whatever order."""

import sys
from collections import Counter as Counting
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from hypothesis import currently_in_test_context, note
from hypothesis.stateful import RuleBasedStateMachine

from core.errors import ShopError
from core.vault import VAULT
from sandbox.webhooks import Delivery
from storefront.orders.models import Order
from storefront.references import reference_of
from tests.conftest import SetClock
from tests.orders_and_money.bank import Bank, Merchant, kind_of
from tests.orders_and_money.books import Books, check_always
from tests.orders_and_money.fate import Killed
from tests.orders_and_money.figures import FIGURES
from tests.orders_and_money.lives import Life
from tests.orders_and_money.onlooker import Onlooker
from tests.orders_and_money.settled import check_settled
from tests.orders_and_money.shops import Stocked, open_with_goods

# Hours. The longest pause between two looks at Stripe is six; a change waits for three days.
_UNTIL_QUIET = (0.2, 1, 7, 40, 40, 7)
_ONLOOKER = Onlooker()


class Databases(Protocol):
    def fresh(self) -> AbstractContextManager[str]: ...


@dataclass
class Purchase:
    """An order, and the pay pages its buyer has been sent to."""

    shop: Stocked
    order_id: int
    pages: list[str] = field(default_factory=list)

    @property
    def reference(self) -> str:
        return reference_of(self.order_id)


class Counter(RuleBasedStateMachine):
    """Both sides of it. In good weather events arrive at once and the jobs keep up."""

    def __init__(self, databases: Databases) -> None:
        super().__init__()
        self._things = ExitStack()
        self._url = self._things.enter_context(databases.fresh())
        self._life: Life | None = None
        self._doom: int | None = None
        self._places = 0
        self.clock = SetClock()
        self._next_tick = self.clock.now
        self.shops: list[Stocked] = []
        self.purchases: list[Purchase] = []
        self.line_is_down = self.worker_is_away = False
        self.last_events_are_lost = True
        FIGURES["examples"] += 1

    def open_shops(self, currencies: list[str]) -> None:
        self.bank = Bank([Merchant(one.lower()) for one in currencies])
        self._things.callback(self.bank.close)
        for currency in currencies:
            self.shops.append(
                self.life.do(
                    open_with_goods(self.life.db, self.life.app[VAULT], self.clock, currency)
                )
            )

    # --- the shop's process

    @property
    def life(self) -> Life:
        """The running process; a new one where the last was killed."""
        if self._life is None:
            self._life = Life(self._url, self.bank.url, self.clock)
            self._life.fate.doom = self._doom
        return self._life

    @property
    def places(self) -> int:
        """At how many places the process could have died so far."""
        return self._places + self.life.fate.met

    def kill_later(self, places: int) -> None:
        self._doom = self.life.fate.doom = places

    def act(self, work: Callable[[Life], Coroutine[Any, Any, Any]]) -> Any:
        """What came of it; None where it was refused in words.

        Whoever gets no answer, because the process died over it, asks once more.
        """
        self.clock.now = self.bank.now()
        life = self.life
        try:
            return life.do(work(life))
        except ShopError as refused:
            FIGURES[f"refused: {type(refused).__name__}"] += 1
            self.say(f"refused: {type(refused).__name__}")
            return None
        except Killed as killed:
            self._die(killed)
        return self.act(work)

    def say(self, what: str) -> None:
        """Printed under the step, where a story has gone wrong."""
        if currently_in_test_context():
            note(f"    # {what}")

    def _die(self, killed: Killed) -> None:
        FIGURES["crashes"] += 1
        FIGURES[f"crash {_kind_of_place(str(killed))}"] += 1
        self.say(f"the process is killed {killed}")
        assert self._life is not None
        self._places += self._life.fate.met
        self._life.bury()
        self._life = self._doom = None

    # --- what goes on by itself

    def go_on(self) -> None:
        """Events arrive and jobs are done, if nothing is in their way."""
        for _ in range(4):
            if not self.line_is_down:
                self.carry(range(len(self.bank.under_way())))
            if not self.worker_is_away:
                self.act(self._work)
            if self.line_is_down or not self.bank.under_way():
                return

    async def _work(self, life: Life) -> None:
        if self.clock.now >= self._next_tick:
            await life.tick()
            self._next_tick = self.clock.now + timedelta(minutes=1)
        await life.jobs.drain()

    def carry(self, places: Any, *, times: int = 1) -> None:
        """Deliver these of the events under way; what is not answered with 200 comes again."""
        waiting = self.bank.under_way()
        chosen = [waiting[place % len(waiting)] for place in places if waiting]
        for one in chosen:
            for number in range(times):
                path, body, headers = self.bank.as_sent(one, self.clock.now)
                status = self.act(lambda life: life.hear(path, body, headers))  # noqa: B023
                if status == 200:
                    one.state = "delivered"
                    FIGURES["events delivered"] += 1
                    FIGURES["events doubled"] += number > 0

    def note_answers(self, waiting: list[Delivery], answers: list[int]) -> None:
        for one, status in zip(waiting, answers, strict=False):
            if status == 200:
                one.state = "delivered"
                FIGURES["events delivered"] += 1

    def lose(self, places: Any) -> None:
        waiting = self.bank.under_way()
        for place in places:
            if waiting:
                chosen = waiting[place % len(waiting)]
                chosen.state = "dropped"
                self.say(f"{kind_of(chosen)} is lost")
                FIGURES["events lost"] += 1

    def pass_time(self, minutes: float) -> None:
        self.bank.pass_time(minutes * 60)
        self.clock.now = self.bank.now()

    # --- what is asked of it

    def books(self) -> Books:
        _ONLOOKER.at = self._url
        return _ONLOOKER.look()

    def order_of(self, purchase: Purchase) -> Order:
        return next(one for one in self.books().orders if one.key == purchase.order_id)

    def look_over(self) -> None:
        """After every step, from the outside: no process has to be alive for it."""
        if self.shops:
            FIGURES["steps"] += 1
            check_always(self.books())
            self._check_pages()

    def _check_pages(self) -> None:
        """Of the pay pages people have in their hands, one at most can pay for the same thing."""
        known = {page for purchase in self.purchases for page in purchase.pages}
        is_open = Counting(
            (one["metadata"]["tresen"], one["metadata"]["tresen_reference"])
            for one in self.bank.things("checkout.session")
            if one["status"] == "open" and one["id"] in known
        )
        assert [what for what, pages in is_open.items() if pages > 1] == []

    def let_the_dust_settle(self) -> None:
        """The trouble ends, time passes, and the shop finds out by itself what it has missed."""
        self.bank.forget_faults()
        self._doom = self.life.fate.doom = None
        self.worker_is_away = False
        if self.last_events_are_lost:
            self.lose([0] * len(self.bank.under_way()))
        self.line_is_down = False
        self._decide_what_is_open()
        for hours in _UNTIL_QUIET:
            self.pass_time(hours * 60)
            self.go_on()

    def _decide_what_is_open(self) -> None:
        """The banks answer: one debit arrives, the next does not; refunds get through."""
        for place, one in enumerate(self.bank.things("checkout.session")):
            self.bank.control(f"/sessions/{one['id']}/{('settle', 'fail')[place % 2]}")
        for shop in self.shops:
            self.bank.control(
                "/balances", account=shop.merchant.account_id,
                currency=shop.wares.currency.lower(), amount_minor=90_000_000,
            )  # fmt: skip
        for one in self.bank.things("refund"):
            if one["status"] in ("pending", "requires_action"):
                self.bank.control(f"/refunds/{one['id']}/succeed")

    def teardown(self) -> None:
        try:
            if self.shops and sys.exc_info()[0] is None:
                self.let_the_dust_settle()
                books = self.books()
                check_always(books)
                check_settled(books, self.bank, self.shops)
        finally:
            self.bury()

    def bury(self) -> None:
        if self._life is not None:
            self._life.bury()
            self._life = None
        self._things.close()


def _kind_of_place(place: str) -> str:
    if "/v1/" in place:
        return place.split("/v1/", maxsplit=1)[0]
    return place.split(" of ", maxsplit=1)[0]
