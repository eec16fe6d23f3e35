"""All of them together: a story is any of their steps, in any order."""

from hypothesis.stateful import invariant

from tests.orders_and_money.bad_luck import BadLuck
from tests.orders_and_money.banks import Banks
from tests.orders_and_money.counter_staff import CounterStaff
from tests.orders_and_money.crowd import Crowd
from tests.orders_and_money.packers import Packers
from tests.orders_and_money.returners import Returners
from tests.orders_and_money.shopkeepers import Shopkeepers


class Story(Crowd, CounterStaff, Packers, Returners, Shopkeepers, Banks, BadLuck):
    """Every step may be refused in words; what must hold is looked over after each."""

    @invariant()
    def the_books_are_right(self) -> None:
        self.look_over()
