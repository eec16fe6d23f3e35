"""The original-price rule, on plain values: examples by name, and properties over thousands."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money, step
from promotions.taxes import tax_in
from storefront.changes.actions import (
    Action,
    Add,
    GiveBackShipping,
    Goodwill,
    SetPrice,
    SetQuantity,
    Swap,
    TakeBack,
)
from storefront.changes.errors import LineUnknown, MoreThanPaid, NotThatMany, SentAlready
from storefront.changes.order_states import LineState, OrderState, Reckoned, Ware
from storefront.changes.reckoning import reckon

ROSES, TWO_DOZEN, VASE = 1, 2, 3


def a_line(**values: Any) -> LineState:
    told: dict[str, Any] = {
        "line_id": 1, "variant_id": ROSES, "product_id": 10, "name": "Roses", "quantity": 2,
        "unit_minor": 2000, "discount_minor": 0, "tax_bp": 700, "tax_minor": 0,
    }  # fmt: skip
    line = LineState(**told | values)
    return replace(line, tax_minor=tax_in(Money(line.total_minor, "EUR"), line.tax_bp).minor)


def an_order(*lines: LineState, **values: Any) -> OrderState:
    told: dict[str, Any] = {
        "currency": "EUR", "lines": lines or (a_line(),), "shipping_minor": 490,
        "shipping_discount_minor": 0, "shipping_tax_bp": 1900, "shipping_tax_minor": 78,
        "credited_minor": 0,
    }  # fmt: skip
    return OrderState(**told | values)


def a_ware(variant_id: int = ROSES, today: int = 2500, then: int = 2000, **more: Any) -> Ware:
    told: dict[str, Any] = {"product_id": 10, "name": f"Ware {variant_id}", "tax_bp": 700}
    return Ware(variant_id=variant_id, today_minor=today, then_minor=then, **told | more)


def reckoned(
    order: OrderState, *actions: Action, within: bool = True, wares: tuple[Ware, ...] = ()
) -> Reckoned:
    known = {ware.variant_id: ware for ware in (a_ware(), *wares)}
    return reckon(order, actions, known, is_within_window=within)


def test_one_more_costs_what_was_agreed_though_it_costs_more_today() -> None:
    done = reckoned(an_order(), SetQuantity(line_id=1, quantity=3))
    assert done.difference_minor == 2000
    assert [(row.quantity, row.unit_minor, row.total_minor) for row in done.rows] == [
        (1, 2000, 2000)
    ]


def test_one_more_costs_what_it_costs_today_if_that_is_less() -> None:
    done = reckoned(
        an_order(), SetQuantity(line_id=1, quantity=3), wares=(a_ware(today=1500),)
    )  # fmt: skip
    assert done.difference_minor == 1500
    assert done.after.lines[0].unit_minor == 2000


def test_after_the_window_more_is_bought_at_todays_price_in_a_line_of_its_own() -> None:
    done = reckoned(an_order(), SetQuantity(line_id=1, quantity=3), within=False)
    assert done.difference_minor == 2500
    assert [(line.quantity, line.unit_minor) for line in done.after.lines] == [(2, 2000), (1, 2500)]


def test_more_of_what_had_a_percentage_off_has_it_too() -> None:
    order = an_order(a_line(discount_minor=400, percent=10))
    assert reckoned(order, SetQuantity(line_id=1, quantity=4)).difference_minor == 3600


def test_an_amount_that_came_off_once_does_not_come_off_again() -> None:
    order = an_order(a_line(discount_minor=500))
    assert reckoned(order, SetQuantity(line_id=1, quantity=3)).difference_minor == 2000


def test_fewer_pieces_give_back_what_was_paid_for_them() -> None:
    order = an_order(a_line(quantity=3, discount_minor=500))
    done = reckoned(order, SetQuantity(line_id=1, quantity=2))
    assert done.difference_minor == -(2000 - 167)
    assert done.after.lines[0].discount_minor == 333


def test_what_is_with_the_customer_cannot_be_taken_off_the_order() -> None:
    with pytest.raises(SentAlready):
        reckoned(an_order(a_line(here=2)), SetQuantity(line_id=1, quantity=1))


def test_a_broken_piece_is_replaced_for_nothing_however_late() -> None:
    order = an_order(a_line(here=2, discount_minor=500))
    done = reckoned(
        order, TakeBack(line_id=1, quantity=1, restock=False), Add(variant_id=ROSES, quantity=1),
        within=False,
    )  # fmt: skip
    assert (done.difference_minor, done.rows) == (0, ())
    assert (done.after.lines[0].quantity, done.after.lines[0].here) == (2, 1)


def test_what_was_taken_back_whole_and_is_sent_anew_costs_what_it_cost() -> None:
    order = an_order(a_line(quantity=1, here=1, discount_minor=500))
    done = reckoned(order, TakeBack(line_id=1, quantity=1), Add(variant_id=ROSES, quantity=1))
    assert done.difference_minor == 0


def test_the_wrong_size_becomes_the_right_one_at_the_price_of_that_day() -> None:
    order = an_order(a_line(quantity=1, discount_minor=200, percent=10))
    done = reckoned(
        order, Swap(line_id=1, quantity=1, variant_id=TWO_DOZEN),
        wares=(a_ware(TWO_DOZEN, today=4500, then=3500),),
    )  # fmt: skip
    assert done.after.lines[1].total_minor == 3150
    assert done.difference_minor == 3150 - 1800


def test_another_product_costs_what_it_costs_today() -> None:
    order = an_order(a_line(quantity=1))
    done = reckoned(
        order, Swap(line_id=1, quantity=1, variant_id=VASE),
        wares=(a_ware(VASE, today=3000, then=1000, product_id=99),),
    )  # fmt: skip
    assert done.difference_minor == 1000


def test_nobody_swaps_what_has_been_sent() -> None:
    with pytest.raises(NotThatMany):
        reckoned(
            an_order(a_line(here=1)), Swap(line_id=1, quantity=2, variant_id=VASE),
            wares=(a_ware(VASE),),
        )  # fmt: skip


def test_what_a_returned_piece_has_lost_stays_with_the_shop() -> None:
    done = reckoned(
        an_order(a_line(here=2)), TakeBack(line_id=1, quantity=1, keep_minor=300),
    )  # fmt: skip
    assert done.difference_minor == -1700
    assert [(row.kind, row.total_minor) for row in done.rows] == [("goods", -2000), ("kept", 300)]
    again = reckoned(done.after, TakeBack(line_id=1, quantity=1))
    assert again.difference_minor == -2000


def test_vat_that_only_rounding_has_moved_is_told_with_what_is_kept() -> None:
    order = an_order(a_line(quantity=1, unit_minor=597, discount_minor=588, here=1, tax_bp=1900))
    done = reckoned(
        order, TakeBack(line_id=1, quantity=1, keep_minor=1), SetQuantity(line_id=1, quantity=1),
        wares=(a_ware(today=597),),
    )  # fmt: skip
    assert [line.tax_minor for line in (order.lines[0], done.after.lines[0])] == [1, 2]
    assert [(row.kind, row.total_minor, row.tax_minor) for row in done.rows] == [("kept", 1, 1)]


def test_no_more_can_be_kept_than_the_piece_had_cost() -> None:
    with pytest.raises(MoreThanPaid):
        reckoned(an_order(a_line(here=2)), TakeBack(line_id=1, quantity=1, keep_minor=2001))


def test_who_had_a_part_let_go_gives_goods_back_for_what_they_really_cost() -> None:
    order = an_order(shipping_minor=0, shipping_tax_minor=0, credited_minor=1000)
    done = reckoned(order, SetQuantity(line_id=1, quantity=1))
    assert done.difference_minor == -1500
    assert reckoned(order, SetQuantity(line_id=1, quantity=0)).difference_minor == -3000


def test_no_more_is_let_go_than_is_owed() -> None:
    with pytest.raises(MoreThanPaid):
        reckoned(an_order(), Goodwill(amount_minor=4491))
    assert reckoned(an_order(), Goodwill(amount_minor=4490)).after.owed_minor == 0


def test_no_more_is_let_go_than_is_owed_in_the_end() -> None:
    order = an_order(shipping_minor=0, shipping_tax_minor=0)
    done = reckoned(order, Goodwill(amount_minor=3000), SetQuantity(line_id=1, quantity=1))
    assert (done.after.total_minor, done.after.credited_minor) == (2000, 2000)
    assert done.difference_minor == sum(row.total_minor for row in done.rows) == -4000


def test_another_price_leaves_the_discount_of_what_is_replaced_too() -> None:
    done = reckoned(
        an_order(a_line(quantity=1, discount_minor=1500)),
        Swap(line_id=1, quantity=1, variant_id=VASE), SetPrice(line_id=1, unit_minor=1000),
        SetQuantity(line_id=1, quantity=1), wares=(a_ware(VASE, product_id=99),),
    )  # fmt: skip
    assert [(one.total_minor, one.discount_minor) for one in done.after.lines] == [
        (1000, 0), (2500, 0),
    ]  # fmt: skip


def test_an_order_knows_only_its_own_lines() -> None:
    with pytest.raises(LineUnknown):
        reckoned(an_order(), SetQuantity(line_id=7, quantity=1))


amounts = st.integers(0, 9999)


@st.composite
def lines(draw: st.DrawFn, line_id: int, size: int) -> LineState:
    quantity, unit = draw(st.integers(1, 6)), draw(amounts) * size
    gross = quantity * unit
    percent = draw(st.sampled_from([0, 0, 10, 33]))
    off = (
        gross * percent // 100 // size * size
        if percent
        else draw(st.integers(0, gross // size)) * size
    )
    return a_line(
        line_id=line_id, variant_id=line_id, quantity=quantity, unit_minor=unit, percent=percent,
        discount_minor=off, here=draw(st.integers(0, quantity)),
        tax_bp=draw(st.sampled_from([0, 700, 1900])),
    )  # fmt: skip


Story = tuple[OrderState, list[Action], dict[int, Ware], bool]


@st.composite
def stories(draw: st.DrawFn, *, prices: bool = True) -> Story:
    """Only what can be done with the order as the story has left it so far."""
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD", "ISK", "HUF"]))
    size = step(currency)
    goods = tuple(draw(lines(number, size)) for number in range(1, draw(st.integers(1, 3)) + 1))
    shipping = draw(st.sampled_from([0, 490])) * size
    order = an_order(
        *goods, currency=currency, shipping_minor=shipping,
        shipping_tax_minor=tax_in(Money(shipping, currency), 1900).minor,
    )  # fmt: skip
    order = replace(
        order, credited_minor=draw(st.integers(0, order.total_minor // size)) * size
    )  # fmt: skip
    wares = {
        number: a_ware(number, draw(amounts) * size, draw(amounts) * size, product_id=number % 2)
        for number in range(1, 6)
    }
    within, actions = draw(st.booleans()), list[Action]()
    for _ in range(draw(st.integers(1, 5))):
        desk = Desk(order, actions, wares, within, size)
        actions.append(draw(st.one_of(desk.possible(prices=prices))))
    return order, actions, wares, within


@dataclass(frozen=True)
class Desk:
    """The order after some actions, and what more can be done with it."""

    order: OrderState
    actions: list[Action]
    wares: dict[int, Ware]
    within: bool
    size: int

    def after(self, *more: Action) -> OrderState:
        done = reckon(self.order, [*self.actions, *more], self.wares, is_within_window=self.within)
        return done.after

    def possible(self, *, prices: bool) -> list[st.SearchStrategy[Action]]:
        now = self.after()
        let_go = sum(one.amount_minor for one in self.actions if isinstance(one, Goodwill))
        owed = now.total_minor - self.order.credited_minor - let_go
        charged = now.shipping_minor - now.shipping_discount_minor
        found: list[st.SearchStrategy[Action]] = [
            st.builds(Add, variant_id=st.integers(1, 5), quantity=st.integers(1, 4))
        ]
        if charged > 0:
            found.append(st.builds(GiveBackShipping, amount_minor=self.minor(1, charged)))
        if owed > 0:
            found.append(st.builds(Goodwill, amount_minor=self.minor(1, owed)))
        for line in now.lines:
            if line.line_id is not None:
                found += self.with_line(line, line.line_id, prices=prices)
        return found

    def with_line(
        self, line: LineState, line_id: int, *, prices: bool
    ) -> list[st.SearchStrategy[Action]]:
        this, free = st.just(line_id), line.quantity - line.here
        found: list[st.SearchStrategy[Action]] = [
            st.builds(SetQuantity, line_id=this, quantity=st.integers(line.here, line.here + 8))
        ]
        if prices:
            found.append(
                st.builds(SetPrice, line_id=this, unit_minor=self.minor(1, 3000 * self.size))
            )
        if free:
            pieces = st.integers(1, min(4, free))
            found.append(
                st.builds(Swap, line_id=this, quantity=pieces, variant_id=st.integers(1, 5))
            )
        if line.here:
            found.append(
                st.integers(1, min(4, line.here)).flatmap(
                    lambda many: self.back(line, line_id, many)
                )
            )
        return found

    def back(self, line: LineState, line_id: int, many: int) -> st.SearchStrategy[Action]:
        """No more is kept of what comes back than it had cost."""
        left = self.after(TakeBack(line_id=line_id, quantity=many))
        [less] = [one.total_minor for one in left.lines if one.line_id == line_id]
        keep = self.minor(0, line.total_minor - less)
        return st.builds(
            TakeBack, line_id=st.just(line_id), quantity=st.just(many), keep_minor=keep
        )

    def minor(self, least: int, most: int) -> st.SearchStrategy[int]:
        """In whole steps of the currency; at least one of them where one is asked for."""
        return st.integers(least, most // self.size).map(lambda steps: steps * self.size)


@given(stories())
def test_whatever_is_changed_adds_up(story: Story) -> None:
    order, actions, wares, within = story
    done = reckon(order, actions, wares, is_within_window=within)
    after, size = done.after, step(order.currency)
    assert sum(row.total_minor for row in done.rows) == done.difference_minor
    assert done.difference_minor % size == 0
    assert done.to_pay.minor - done.to_refund.minor == done.difference_minor
    for row in done.rows:
        assert row.unit_minor * row.quantity - row.discount_minor == row.total_minor
    for line in after.lines:
        assert 0 <= line.here <= line.quantity
        assert line.total_minor >= 0
        assert 0 <= line.tax_minor <= line.total_minor
    assert 0 <= after.credited_minor <= after.total_minor
    assert 0 <= after.shipping_discount_minor <= after.shipping_minor
    taxes = [
        sum(line.tax_minor for line in state.lines) + state.shipping_tax_minor
        for state in (order, after)
    ]
    told = sum(row.tax_minor for row in done.rows if row.kind != "goodwill")
    assert taxes[0] + told == taxes[1]


@given(stories())
def test_every_line_is_taxed_for_its_total_and_without_a_row_as_before(story: Story) -> None:
    order, actions, wares, within = story
    done = reckon(order, actions, wares, is_within_window=within)
    former = {line.line_id: line for line in order.lines}
    told = {row.line_id for row in done.rows}
    for line in done.after.lines:
        gross = Money(line.total_minor, order.currency)
        assert line.tax_minor == tax_in(gross, line.tax_bp).minor
        if line.line_id is not None and line.line_id not in told:
            before = former[line.line_id]
            assert (line.total_minor, line.tax_minor) == (before.total_minor, before.tax_minor)


@given(stories(prices=False))
def test_prices_of_what_is_kept_stay_as_they_were(story: Story) -> None:
    order, actions, wares, within = story
    done = reckon(order, actions, wares, is_within_window=within)
    former = {line.line_id: line for line in order.lines}
    for line in done.after.lines:
        if line.line_id is not None:
            assert line.unit_minor == former[line.line_id].unit_minor
            assert line.tax_bp == former[line.line_id].tax_bp
