"""How every story ends: the trouble is over, time passes, people do their work."""

import sys

from tests.orders_and_money.always import check_always
from tests.orders_and_money.cases import work_off
from tests.orders_and_money.figures import FIGURES
from tests.orders_and_money.machine import Databases
from tests.orders_and_money.post import Post
from tests.orders_and_money.settled import check_settled

# Hours. The longest pause between two looks at Stripe is six; a change waits for three days.
_UNTIL_QUIET = (0.2, 7, 74, 7)


class Dust(Post):
    def __init__(self, databases: Databases) -> None:
        super().__init__(databases)
        self.last_events_are_lost = True

    def let_the_dust_settle(self) -> None:
        """The shop finds out by itself what it has missed; staff does what waits for staff."""
        self.bank.forget_faults()
        self.kill_later(None)
        self.worker_is_away = False
        if self.last_events_are_lost:
            self.lose(self.bank.under_way())
        self.line_is_down = False
        self._decide_what_is_open()
        for hours in _UNTIL_QUIET:
            self.pass_time(hours * 60)
            self.go_on()
            for shop in self.shops:
                work_off(self, shop)

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

    def check_the_end(self) -> None:
        books = self.books()
        check_always(books)
        check_settled(books, self.bank, self.shops)

    def say_all_again(self) -> None:
        """Everything Stripe has ever said, the newest first: it is all known already."""
        everything = self.bank.sent_before()
        FIGURES["events said again at the end"] += len(everything)
        before = self.books().contents()
        self.carry(everything[::-1])
        self.go_on()
        assert self.books().contents() == before, "an old event has changed something"

    def teardown(self) -> None:
        try:
            if self.shops and sys.exc_info()[0] is None:
                self.let_the_dust_settle()
                self.check_the_end()
                self.say_all_again()
        finally:
            self.bury()
