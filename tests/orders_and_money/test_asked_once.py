"""A process dies just as it asks Stripe for money back: it is given back once."""

import pytest

from tests.orders_and_money.figures import FIGURES
from tests.orders_and_money.machine import Databases
from tests.orders_and_money.story import Story
from tests.orders_and_money.tales import buy

WAYS = (
    ("sqlite", "after", ""), ("sqlite", "before", "cut_after_success"),
    ("sqlite", "before", "cut"), ("sqlite", "before", "500_after_success"),
    pytest.param("postgres", "after", "500_after_success", marks=pytest.mark.postgres),
)  # fmt: skip


@pytest.mark.parametrize(("databases", "moment", "trouble"), WAYS, indirect=["databases"])
def test_a_part_of_the_money_goes_back_once(
    databases: Databases, moment: str, trouble: str
) -> None:
    """A part of it, so that Stripe itself would not refuse to give it once more."""
    story = Story(databases)
    try:
        story.open_shops(["EUR"])
        order = buy(story)
        if trouble:
            story.stripe_is_in_trouble(kind=trouble, calls="/v1/refunds", times=1)
        crashes = FIGURES["crashes"]
        story.life.fate.dreaded = f"{moment} POST /stripe/v1/refunds"
        story.staff_changes_the_order(order=order, wishes=[("goodwill", 0)])
        assert FIGURES["crashes"] == crashes + 1
        story.let_the_dust_settle()
        story.check_the_end()
        [refund] = story.books().refunds
        assert (refund.state, refund.cause, refund.amount_minor) == ("succeeded", "asked", 7)
        assert story.order_of(order).credited_minor == 7
    finally:
        story.bury()
