"""Everything at the same moment: two people press, events arrive, several workers are at it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import MultipleResults, multiple, rule

from core.errors import ShopError
from payments.failed_refunds import note_paid_elsewhere, retry_refund
from payments.payables import attempts_of, find_payable
from payments.settling import settle, settle_reference
from storefront.orders.ending import cancel, expire_unpaid_orders
from tests.orders_and_money import cases
from tests.orders_and_money.buyers import CODES, Buyers
from tests.orders_and_money.counter_staff import after_a_failed_refund, change, refund
from tests.orders_and_money.figures import FIGURES
from tests.orders_and_money.lives import Life
from tests.orders_and_money.machine import Purchase
from tests.orders_and_money.packers import send_all
from tests.orders_and_money.people import ORDERS, SHOP, WARE
from tests.orders_and_money.shopping import Wish, fill, open_page, order

Press = Callable[[Life, Purchase], Coroutine[Any, Any, Any]]


async def _come_back(life: Life, one: Purchase) -> None:
    await settle_reference(
        life.db, life.stripes, life.now, shop_id=one.shop.key, reference=one.reference
    )


async def _look_at_every_page(life: Life, one: Purchase) -> None:
    async with life.db.reading() as session:
        payable = await find_payable(session, one.shop.key, one.reference)
        attempts = await attempts_of(session, payable.key) if payable else []
    await asyncio.gather(
        *(settle(life.db, life.stripes, life.now, attempt_id=each.key) for each in attempts)
    )


async def _cancel(life: Life, one: Purchase) -> None:
    async with life.db.transaction() as session:
        await cancel(session, one.shop.key, one.order_id, by=cases.STAFF, now=life.now())


async def _expire(life: Life, one: Purchase) -> None:
    await expire_unpaid_orders(life.db, life.stripes, life.now)


async def _give_back_a_case(life: Life, one: Purchase) -> None:
    for case in await cases.on_the_list(life, one.shop):
        await cases.give_money_back(life, one.shop, case.key)


PRESSES: dict[str, Press] = {
    "comes back": _come_back,
    "looks at every page": _look_at_every_page,
    "opens the page": open_page,
    "refunds": refund,
    "cancels": _cancel,
    "the clock": _expire,
    "sends": send_all,
    "gives something back": lambda life, one: change(life, one, [("goodwill", 0)]),
    "takes one off": lambda life, one: change(life, one, [("one fewer", 0)]),
    "adds one": lambda life, one: change(life, one, [("one more", 0)]),
    "pays a case back": _give_back_a_case,
    "refunds again": lambda life, one: after_a_failed_refund(life, one.shop, 0, retry_refund),
    "pays by transfer": lambda life, one: after_a_failed_refund(
        life, one.shop, 0, note_paid_elsewhere
    ),
    "works": lambda life, one: life.crew.drain(),
}


class Crowd(Buyers):
    @rule(order=ORDERS, presses=st.lists(st.sampled_from(sorted(PRESSES)), min_size=2, max_size=3))
    def all_at_once(self, order: Purchase, presses: list[str]) -> None:
        """And the events arrive."""
        waiting = [] if self.line_is_down else self.bank.under_way()
        sent = [self.bank.as_sent(one, self.bank.now()) for one in waiting]

        async def at_once(life: Life) -> list[int]:
            told = asyncio.gather(*(life.hear(*one) for one in sent))
            pressed = [self._politely(PRESSES[each](life, order)) for each in presses]
            answers, *_ = await asyncio.gather(told, *pressed)
            return answers

        self.note_answers(waiting, self.act(at_once) or [])
        FIGURES["at once"] += 1
        self.look_over()
        self.go_on()

    @rule(target=ORDERS, shop=SHOP, ware=WARE, pieces=st.integers(1, 3), code=CODES)
    def two_order_at_once(
        self, shop: int, ware: str, pieces: int, code: str
    ) -> Purchase | MultipleResults[Purchase]:
        """Perhaps the last pieces, perhaps with the last use of a code."""
        wishes = [Wish(self.shop_at(shop), {ware: pieces}, who, code) for who in ("Anna", "Ben")]
        baskets = [self.act(lambda life: fill(life, each)) for each in wishes]  # noqa: B023

        async def at_once(life: Life) -> list[int | None]:
            pairs = zip(wishes, baskets, strict=True)
            placed = [self._politely(order(life, *pair)) for pair in pairs if pair[1] is not None]
            return await asyncio.gather(*placed)

        made = self.act(at_once) or []
        self.go_on()
        known = [one for one in baskets if one is not None]
        return multiple(
            *(
                self.note_order(Purchase(wishes[0].shop, order_id, basket.key))
                for order_id, basket in zip(made, known, strict=False)
                if order_id is not None
            )
        )

    async def _politely(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Who is refused has had an answer too."""
        try:
            return await work
        except ShopError as refused:
            self.note_refusal(refused)
            return None
