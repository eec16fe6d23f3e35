"""The same story again and again, each time killed one place later: it always ends alike."""

import os
import zlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.orders_and_money.cases import STAFF
from tests.orders_and_money.machine import Databases
from tests.orders_and_money.shops import CODE
from tests.orders_and_money.story import Story

# In everybody's run each story dies once, on either database somewhere else; `make proofs`
# tries every place.
STRIDE = int(os.environ.get("STRIDE", "0"))


def buy(story: Story, ware: str = "rose", card: str = "good") -> Any:
    return story.somebody_buys(shop=0, ware=ware, pieces=2, card=card)


def bought_and_sent(story: Story) -> None:
    order = buy(story)
    story.staff_mends_the_name(order=order, name="Anna Bloom")
    story.staff_sends(order=order)


def refunded(story: Story) -> None:
    story.staff_refunds(order=buy(story))


def paid_in_two_tabs(story: Story) -> None:
    order = story.somebody_orders(shop=0, wares={"rose": 1, "card": 3}, code=CODE)
    story.the_buyer_pays_in_two_tabs(order=order, tab=0)
    story.staff_sends(order=order)


def a_debit_bounces_and_a_card_pays(story: Story) -> None:
    order = story.somebody_orders(shop=0, wares={"vase": 2})
    story.the_buyer_pays_by_debit(order=order, tab=0)
    story.the_bank_decides(order=order, page=0, arrives=False)
    story.the_buyer_opens_the_pay_page(order=order)
    story.the_buyer_pays(order=order, tab=0, card="good")


def cancelled_while_a_debit_is_under_way(story: Story) -> None:
    order = story.somebody_orders(shop=0, wares={"vase": 2}, code=CODE)
    story.the_buyer_pays_by_debit(order=order, tab=0)
    story.somebody_cancels(order=order, by=STAFF)
    story.the_bank_decides(order=order, page=0, arrives=True)


def never_paid(story: Story) -> None:
    order = story.somebody_orders(shop=0, wares={"vase": 1}, code=CODE)
    story.the_buyer_opens_the_pay_page(order=order)
    story.the_buyer_is_declined(order=order, tab=0)
    story.time_passes(how_much="7 hours")


def a_refund_comes_back_and_is_made_again(story: Story) -> None:
    order = buy(story)
    story.staff_refunds(order=order)
    story.a_refund_goes_on(refund=0, what="fail")
    story.staff_refunds(order=order)


def disputed_and_lost(story: Story) -> None:
    order = buy(story)
    story.staff_sends(order=order)
    story.the_buyer_disputes(order=order, payment=0, reason="fraudulent")
    story.a_dispute_goes_on(dispute=0, what="lose")


def refunded_in_the_dashboard(story: Story) -> None:
    order = buy(story)
    story.somebody_refunds_in_the_dashboard(order=order, payment=0, percent=30)
    story.somebody_refunds_in_the_dashboard(order=order, payment=0, percent=70)


def one_fewer_and_a_little_goodwill(story: Story) -> None:
    order = buy(story)
    story.staff_changes_the_order(order=order, wishes=[("one fewer", 0)])
    story.staff_changes_the_order(order=order, wishes=[("goodwill", 1)])


def one_more_and_the_difference_is_paid(story: Story) -> None:
    order = buy(story)
    story.staff_changes_the_order(order=order, wishes=[("one more", 0)])
    story.the_buyer_pays_the_difference(order=order, tab=0)
    story.staff_sends(order=order)
    story.staff_changes_the_order(order=order, wishes=[("comes back", 0)])


def one_more_that_is_never_paid(story: Story) -> None:
    order = buy(story)
    story.staff_changes_the_order(order=order, wishes=[("add", 0)])
    story.somebody_drops_the_change(order=order, by="customer")


STORIES = (
    bought_and_sent, refunded, paid_in_two_tabs, a_debit_bounces_and_a_card_pays,
    cancelled_while_a_debit_is_under_way, never_paid, a_refund_comes_back_and_is_made_again,
    disputed_and_lost, refunded_in_the_dashboard, one_fewer_and_a_little_goodwill,
    one_more_and_the_difference_is_paid, one_more_that_is_never_paid,
)  # fmt: skip


def tell(databases: Databases, tale: Callable[[Story], None], place: int | None) -> tuple[Any, int]:
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
    """All that a person could tell apart. Who asked twice may have been answered twice."""
    return (
        [
            (one.state, one.paid_minor, one.refunded_minor, one.credited_minor, one.needs_attention)
            for one in books.orders
        ],
        [(one.on_hand, one.held, one.allocated) for one in books.variants],
        [(one.kind, one.amount_minor) for one in books.entries],
        [(one.state, one.amount_minor, one.cause) for one in books.refunds],
        [one.taken for one in books.codes],
        [(one.kind, one.total_minor) for one in books.invoices],
        Counter(one.about for one in books.mails),
    )


@pytest.mark.parametrize("tale", STORIES, ids=lambda tale: tale.__name__)
def test_wherever_the_process_is_killed_it_ends_as_if_nothing_had_been(
    databases: Databases, tale: Callable[[Story], None]
) -> None:
    calm, places = tell(databases, tale, None)
    assert places >= 10
    for place in _places(places, tale.__name__ + type(databases).__name__):
        assert tell(databases, tale, place)[0] == calm, f"killed at place {place}"


def _places(number: int, name: str) -> range:
    chosen = zlib.crc32(name.encode()) % number
    return range(0, number, STRIDE) if STRIDE else range(chosen, chosen + 1)
