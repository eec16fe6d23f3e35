"""What all people around a shop have in common: orders they speak of, and what they say to it."""

from collections.abc import Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import Bundle

from tests.orders_and_money.cases import STAFF
from tests.orders_and_money.dust import Dust
from tests.orders_and_money.machine import Purchase
from tests.orders_and_money.shops import ON_SALE, Stocked

T = TypeVar("T")

ORDERS: Bundle[Purchase] = Bundle("order")
WARE = st.sampled_from(ON_SALE)
SHOP = st.integers(0, 1)
WHICH = st.integers(0, 3)
BY = st.sampled_from(["customer", STAFF])


class People(Dust):
    def shop_at(self, number: int) -> Stocked:
        return self.shops[number % len(self.shops)]

    def do(self, work: Any) -> Any:
        """And what follows from it by itself."""
        done = self.act(work)
        self.go_on()
        return done


def one_of(found: Sequence[T], number: int) -> T | None:
    return found[number % len(found)] if found else None
