"""A shop's process, to be killed at any moment, and the world around it: banks, clock, books."""

from collections import Counter as Counting
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

from hypothesis import currently_in_test_context, note
from hypothesis.stateful import RuleBasedStateMachine

from core.errors import ShopError
from core.vault import VAULT
from storefront.orders.models import Order
from storefront.references import reference_of
from tests.conftest import SetClock
from tests.orders_and_money.always import check_always
from tests.orders_and_money.bank import Bank, Merchant
from tests.orders_and_money.books import Books
from tests.orders_and_money.fate import Killed
from tests.orders_and_money.figures import FIGURES
from tests.orders_and_money.frozen import Frozen
from tests.orders_and_money.lives import Life
from tests.orders_and_money.onlooker import Onlooker
from tests.orders_and_money.shops import Stocked, open_with_goods

_ONLOOKER = Onlooker()


class Databases(Protocol):
    def fresh(self) -> AbstractContextManager[str]: ...


@dataclass
class Purchase:
    """An order, whose basket it was, and the pay pages its buyer has been sent to."""

    shop: Stocked
    order_id: int
    basket_id: int
    pages: list[str] = field(default_factory=list)

    @property
    def reference(self) -> str:
        return reference_of(self.order_id)


class Machine(RuleBasedStateMachine):
    def __init__(self, databases: Databases) -> None:
        super().__init__()
        self._things = ExitStack()
        self._url = self._things.enter_context(databases.fresh())
        self._life: Life | None = None
        self._doom: int | None = None
        self._places = 0
        self.clock = SetClock()
        self.shops: list[Stocked] = []
        self.purchases: list[Purchase] = []
        self._frozen = Frozen()
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

    def kill_later(self, places: int | None) -> None:
        """None: it is spared."""
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
            self.note_refusal(refused)
            return None
        except Killed as killed:
            self._die(killed)
        return self.act(work)

    def note_refusal(self, refused: ShopError) -> None:
        FIGURES[f"refused: {type(refused).__name__}"] += 1
        self.say(f"refused: {type(refused).__name__}")

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

    def bury(self) -> None:
        if self._life is not None:
            self._life.bury()
            self._life = None
        self._things.close()

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
            books = self.books()
            check_always(books)
            self._frozen.check(books)
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


def _kind_of_place(place: str) -> str:
    if "/v1/" in place:
        return place.split("/v1/", maxsplit=1)[0]
    return place.split(" of ", maxsplit=1)[0]
