"""Withdrawals by line, other returns, and what staff does with them."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from storefront.forms import WithdrawalForm
from storefront.orders.finding import get_order
from storefront.withdrawals.models import Withdrawal
from storefront.withdrawals.opening import open_case
from storefront.withdrawals.receiving import (
    Declaration,
    declare_for_order,
    receive_withdrawal,
)
from tests.orders_and_money import cases
from tests.orders_and_money.cases import STAFF
from tests.orders_and_money.lives import Life
from tests.orders_and_money.machine import Purchase
from tests.orders_and_money.people import ORDERS, WHICH, People, one_of
from tests.orders_and_money.shops import Stocked

KIND: Any = st.sampled_from(["withdrawal", "return", "exchange", "claim"])


class Returners(People):
    @rule(order=ORDERS, line=WHICH, pieces=st.integers(1, 3))
    def the_buyer_withdraws(self, order: Purchase, line: int, pieces: int) -> None:
        """From some pieces, by the order's page; the fourth of them stands for all."""
        chosen = self._pieces(order, line, pieces)

        async def declare(life: Life) -> None:
            async with life.db.transaction() as session:
                found = await get_order(session, order.shop.key, order.order_id)
                declared = Declaration(_form(found.number))
                await declare_for_order(session, found, declared, chosen, now=self.clock())

        if chosen:
            self.do(declare)

    @rule(order=ORDERS)
    def the_buyer_writes_a_withdrawal(self, order: Purchase) -> None:
        """Without the secret link: which order it is about is found out by a job."""
        number = self.order_of(order).number

        async def declare(life: Life) -> None:
            async with life.db.transaction() as session:
                declared = Declaration(_form(number))
                await receive_withdrawal(session, order.shop.key, declared, now=self.clock())

        self.do(declare)

    @rule(order=ORDERS, kind=KIND, line=WHICH, pieces=st.integers(1, 3))
    def staff_opens_a_return(self, order: Purchase, kind: Any, line: int, pieces: int) -> None:
        chosen = self._pieces(order, line, pieces)

        async def open_it(life: Life) -> None:
            async with life.db.transaction() as session:
                await open_case(
                    session, order.shop.key, order.order_id, kind, chosen, by=STAFF,
                    now=self.clock(),
                )  # fmt: skip

        self.do(open_it)

    @precondition(lambda self: self.has_cases)
    @rule(case=WHICH, line=WHICH, pieces=st.integers(1, 3))
    def staff_accepts_a_case(self, case: int, line: int, pieces: int) -> None:
        """About the goods that were named, or else as was made out with the buyer."""
        found = one_of(self._open_cases(), case)
        if found is None:
            return
        named = {one.order_line_id: one.quantity for one in self.books().claimed_in(found)}
        bought = [one for one in self.purchases if one.order_id == found.order_id]
        chosen = named or (self._pieces(bought[0], line, pieces) if bought else {})
        shop = self._shop_of(found)
        self.act(lambda life: cases.take(life, shop, found.key, chosen))
        self.do(lambda life: cases.give_back_if_nothing_was_sent(life, shop, found.key))

    @precondition(lambda self: self.has_cases)
    @rule(case=WHICH)
    def staff_turns_a_case_down(self, case: int) -> None:
        self._with_case(case, cases.turn_down)

    @precondition(lambda self: self.has_cases)
    @rule(case=WHICH)
    def the_buyer_shows_that_it_was_sent(self, case: int) -> None:
        self._with_case(case, cases.see_proof)

    @precondition(lambda self: self.has_cases)
    @rule(case=WHICH, missing=st.integers(0, 1), broken=st.integers(0, 1), lost=st.integers(0, 7))
    def the_goods_come_back(self, case: int, missing: int, broken: int, lost: int) -> None:
        found = one_of(self._open_cases(), case)
        if found is None:
            return
        shop = self._shop_of(found)
        told = {"missing": missing, "broken": broken, "lost": lost * shop.wares.smallest}
        self.do(lambda life: cases.unpack(life, shop, found.key, **told))

    @precondition(lambda self: self.has_cases)
    @rule(case=WHICH)
    def staff_gives_the_money_back(self, case: int) -> None:
        self._with_case(case, cases.give_money_back)

    @precondition(lambda self: self.has_cases)
    @rule(case=WHICH)
    def staff_closes_a_case(self, case: int) -> None:
        self._with_case(case, cases.end)

    @property
    def has_cases(self) -> bool:
        return bool(self._open_cases())

    def _open_cases(self) -> list[Withdrawal]:
        return [one for one in self.books().cases if one.handled_at is None] if self.shops else []

    def _with_case(self, number: int, verb: Any) -> None:
        found = one_of(self._open_cases(), number)
        if found is not None:
            shop = self._shop_of(found)
            self.do(lambda life: verb(life, shop, found.key))

    def _shop_of(self, case: Withdrawal) -> Stocked:
        return next(one for one in self.shops if one.key == case.shop_id)

    def _pieces(self, order: Purchase, line: int, pieces: int) -> dict[int, int]:
        lines = [
            one for one in self.books().lines if one.order_id == order.order_id and one.quantity
        ]
        if line == ALL_LINES:
            return {one.key: one.quantity for one in lines}
        chosen = one_of(lines, line)
        return {chosen.key: min(pieces, chosen.quantity)} if chosen else {}


ALL_LINES = 3


def _form(number: int) -> WithdrawalForm:
    told = {"name": "Anna Blum", "contract": str(number), "email": "anna@example.org"}
    return WithdrawalForm.read(told)
