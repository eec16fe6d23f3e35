"""Parcels: packed in parts, sent, laid ready, picked up, arrived, and taken back as a mistake."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from storefront.orders.sending import mark_sent
from storefront.shipping import packing
from storefront.shipping.arriving import mark_delivered, take_back_delivered
from storefront.shipping.undoing import undo
from tests.orders_and_money.cases import STAFF
from tests.orders_and_money.lives import Life
from tests.orders_and_money.machine import Purchase
from tests.orders_and_money.people import BY, ORDERS, WHICH, People, one_of


async def send_all(life: Life, order: Purchase) -> None:
    async with life.db.transaction() as session:
        await mark_sent(session, order.shop.key, order.order_id, by=STAFF, now=life.now())


class Packers(People):
    @rule(order=ORDERS)
    def staff_sends(self, order: Purchase) -> None:
        self.do(lambda life: send_all(life, order))

    @rule(order=ORDERS, line=WHICH, pieces=st.integers(1, 2))
    def staff_packs_a_part(self, order: Purchase, line: int, pieces: int) -> None:
        """It leaves, or lies ready to be picked up. The form knows how many parcels there were."""
        books = self.books()
        chosen = one_of([one for one in books.lines if one.order_id == order.order_id], line)
        seen = sum(one.order_id == order.order_id for one in books.shipments)
        is_picked_up = self.order_of(order).delivery == "pickup"
        verb: Any = packing.make_ready if is_picked_up else packing.send
        if chosen is not None:
            self._press(verb, order, {chosen.key: pieces}, seen=seen)

    @rule(order=ORDERS, parcel=WHICH)
    def what_lies_ready_is_picked_up(self, order: Purchase, parcel: int) -> None:
        self._of_parcel(packing.hand_over, order, parcel)

    @rule(order=ORDERS, parcel=WHICH, by=BY)
    def a_parcel_arrives(self, order: Purchase, parcel: int, by: str) -> None:
        self._of_parcel(mark_delivered, order, parcel, by=by)

    @rule(order=ORDERS, parcel=WHICH, by=BY)
    def a_parcel_has_not_arrived_after_all(self, order: Purchase, parcel: int, by: str) -> None:
        self._of_parcel(take_back_delivered, order, parcel, by=by)

    @rule(order=ORDERS, parcel=WHICH)
    def a_parcel_never_left(self, order: Purchase, parcel: int) -> None:
        self._of_parcel(undo, order, parcel)

    def _of_parcel(self, verb: Any, order: Purchase, parcel: int, *, by: str = STAFF) -> None:
        made = [one for one in self.books().shipments if one.order_id == order.order_id]
        chosen = one_of(made, parcel)
        if chosen is not None:
            self._press(verb, order, chosen.key, by=by)

    def _press(self, verb: Any, order: Purchase, *what: Any, by: str = STAFF, **more: Any) -> None:
        async def press(life: Life) -> None:
            async with life.db.transaction() as session:
                await verb(
                    session, order.shop.key, order.order_id, *what, by=by, now=self.clock(), **more
                )

        self.do(press)
