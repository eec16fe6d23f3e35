"""Two at the same moment, where one alone would be right: only a lock keeps them apart."""

from collections.abc import Callable

import pytest

from tests.orders_and_money.machine import Databases
from tests.orders_and_money.story import Story
from tests.orders_and_money.tales import buy


def paid_in_two_tabs_and_both_are_read_at_once(story: Story) -> None:
    order = story.somebody_orders(shop=0, wares={"rose": 2})
    story.the_buyer_opens_the_pay_page(order=order)
    story.worker_is_away = True
    story.the_buyer_pays_in_two_tabs(order=order, tab=0)
    story.all_at_once(order=order, presses=["works", "looks at every page"])
    story.worker_is_away = False


def two_refund_it(story: Story) -> None:
    story.worker_is_away = True
    story.all_at_once(order=buy(story), presses=["refunds", "refunds", "sends"])


def two_give_something_back(story: Story) -> None:
    order = buy(story)
    story.all_at_once(order=order, presses=["gives something back", "refunds", "takes one off"])


def two_try_a_failed_refund_again(story: Story) -> None:
    order = buy(story)
    story.staff_changes_the_order(order=order, wishes=[("goodwill", 0)])
    story.a_refund_goes_on(refund=0, what="fail")
    story.all_at_once(order=order, presses=["refunds again", "refunds again", "pays by transfer"])


def paid_as_it_is_cancelled_and_expires(story: Story) -> None:
    order = story.somebody_orders(shop=0, wares={"vase": 2})
    story.the_buyer_opens_the_pay_page(order=order)
    story.line_is_down = True
    story.the_buyer_pays(order=order, tab=0, card="good")
    story.pass_time(60)
    story.line_is_down = False
    story.all_at_once(order=order, presses=["cancels", "the clock", "comes back"])


def two_want_the_last_piece_with_the_last_use_of_a_code(story: Story) -> None:
    for _ in range(2):
        story.two_order_at_once(shop=0, ware="vase", pieces=1, code="NEUN")


STORIES = (
    paid_in_two_tabs_and_both_are_read_at_once, two_refund_it, two_give_something_back,
    two_try_a_failed_refund_again, paid_as_it_is_cancelled_and_expires,
    two_want_the_last_piece_with_the_last_use_of_a_code,
)  # fmt: skip


@pytest.mark.parametrize(
    "databases", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
@pytest.mark.parametrize("tale", STORIES, ids=lambda tale: tale.__name__)
def test_at_the_same_moment_it_ends_as_one_after_the_other(
    databases: Databases, tale: Callable[[Story], None]
) -> None:
    """On PostgreSQL: SQLite lets one write at a time anyway."""
    story = Story(databases)
    try:
        story.open_shops(["EUR"])
        tale(story)
        story.look_over()
        story.let_the_dust_settle()
        story.check_the_end()
    finally:
        story.bury()
