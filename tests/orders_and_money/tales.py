"""Stories that were found worth telling: each is one path of orders and money, from end to end."""

from typing import Any

from tests.orders_and_money.cases import STAFF
from tests.orders_and_money.shops import CODE, CODE_OF_EACH
from tests.orders_and_money.story import Story


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
    """One more of the same costs what was agreed, though it has become dearer."""
    order = buy(story)
    wares = story.shops[0].wares
    story.a_price_changes(shop=0, ware="rose", percent=150)
    story.staff_changes_the_order(order=order, wishes=[("one more", 0)])
    story.the_buyer_pays_the_difference(order=order, tab=0)
    lines = [(one.unit_minor, one.quantity) for one in story.books().lines]
    assert lines == [(wares.rose, 3)]
    story.staff_sends(order=order)
    story.staff_changes_the_order(order=order, wishes=[("comes back", 0)])


def one_more_that_is_never_paid(story: Story) -> None:
    order = buy(story)
    story.staff_changes_the_order(order=order, wishes=[("add", 0)])
    story.somebody_drops_the_change(order=order, by="customer")


def a_gift_is_withdrawn_from_after_it_was_sent(story: Story) -> None:
    """A bundle: its parts go and come back."""
    order = buy(story, "gift")
    story.staff_packs_a_part(order=order, line=0, pieces=1)
    story.a_parcel_arrives(order=order, parcel=0, by="customer")
    story.the_buyer_withdraws(order=order, line=0, pieces=1)
    story.staff_accepts_a_case(case=0, line=0, pieces=1)
    story.the_goods_come_back(case=0, missing=0, broken=0, lost=0)
    story.staff_gives_the_money_back(case=0)


def given_back_before_the_goods_are_here(story: Story) -> None:
    order = buy(story)
    story.staff_sends(order=order)
    story.the_buyer_withdraws(order=order, line=3, pieces=1)
    story.staff_accepts_a_case(case=0, line=0, pieces=1)
    story.staff_gives_the_money_back(case=0)
    story.the_goods_come_back(case=0, missing=0, broken=1, lost=0)


def withdrawn_from_before_it_was_sent(story: Story) -> None:
    order = buy(story)
    story.the_buyer_writes_a_withdrawal(order=order)
    story.staff_accepts_a_case(case=0, line=0, pieces=1)


def picked_up_in_two_goes(story: Story) -> None:
    order = story.somebody_orders(shop=0, wares={"gift": 1, "rose": 3}, is_picked_up=True)
    story.the_buyer_pays(order=order, tab=0, card="good")
    story.staff_packs_a_part(order=order, line=1, pieces=2)
    story.what_lies_ready_is_picked_up(order=order, parcel=0)
    story.staff_packs_a_part(order=order, line=1, pieces=1)
    story.a_parcel_never_left(order=order, parcel=1)
    story.staff_sends(order=order)


def her_two_orders_for_the_last_pieces(story: Story) -> None:
    first = story.somebody_orders(shop=0, wares={"vase": 2}, who="Anna")
    second = story.the_same_buyer_orders_again(order=first, wares={"vase": 2}, code=CODE_OF_EACH)
    story.the_buyer_opens_the_pay_page(order=second)
    story.the_buyer_pays(order=first, tab=0, card="good")
    story.the_buyer_pays(order=second, tab=0, card="good")


def who_pays_first_gets_the_last(story: Story) -> None:
    story.the_shop_says_who_gets_its_goods(shop=0, policy="first_paid")
    first = story.somebody_orders(shop=0, wares={"vase": 2}, code=CODE)
    second = story.somebody_orders(shop=0, wares={"vase": 1, "card": 1}, code=CODE)
    story.the_buyer_pays(order=second, tab=0, card="good")
    story.the_buyer_pays(order=first, tab=0, card="good")


def a_refund_that_failed_is_paid_by_transfer(story: Story) -> None:
    order = buy(story)
    story.staff_changes_the_order(order=order, wishes=[("goodwill", 0)])
    story.a_refund_goes_on(refund=0, what="fail")
    story.staff_pays_a_failed_refund_by_bank_transfer(shop=0, number=0)


def a_refund_that_failed_is_made_again_in_the_dashboard(story: Story) -> None:
    """And nothing is left to do here."""
    order = buy(story)
    story.staff_refunds(order=order)
    story.a_refund_goes_on(refund=0, what="fail")
    story.somebody_refunds_in_the_dashboard(order=order, payment=0, percent=100)
    story.staff_pays_a_failed_refund_by_bank_transfer(shop=0, number=0)


def one_more_at_the_price_that_was_agreed(story: Story) -> None:
    """And paid after the price has changed."""
    order = buy(story, "gift")
    wares = story.shops[0].wares
    story.staff_changes_the_order(order=order, wishes=[("add", 2)])
    story.a_price_changes(shop=0, ware="rose", percent=150)
    story.a_price_changes(shop=0, ware="gift", percent=60)
    story.the_buyer_pays_the_difference(order=order, tab=0)
    story.staff_changes_the_order(order=order, wishes=[("one fewer", 0)])
    lines = [(one.unit_minor, one.quantity) for one in story.books().lines]
    assert lines == [(wares.gift, 1), (wares.rose, 1)]


TALES = (
    bought_and_sent, refunded, paid_in_two_tabs, a_debit_bounces_and_a_card_pays,
    cancelled_while_a_debit_is_under_way, never_paid, a_refund_comes_back_and_is_made_again,
    disputed_and_lost, refunded_in_the_dashboard, one_fewer_and_a_little_goodwill,
    one_more_and_the_difference_is_paid, one_more_that_is_never_paid,
    a_gift_is_withdrawn_from_after_it_was_sent, given_back_before_the_goods_are_here,
    withdrawn_from_before_it_was_sent, picked_up_in_two_goes, her_two_orders_for_the_last_pieces,
    who_pays_first_gets_the_last, a_refund_that_failed_is_paid_by_transfer,
    a_refund_that_failed_is_made_again_in_the_dashboard, one_more_at_the_price_that_was_agreed,
)  # fmt: skip
