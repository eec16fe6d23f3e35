"""What staff does with orders and money: refunds, changes, corrections."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from payments.failed_refunds import list_failed, note_paid_elsewhere, retry_refund
from storefront.forms import CorrectionForm
from storefront.orders.correcting import correct, fingerprint
from storefront.orders.finding import get_order
from storefront.orders.refunding import refund_order
from tests.orders_and_money.cases import STAFF
from tests.orders_and_money.changing import WISHES, Wish, agree, ask_for, call_off
from tests.orders_and_money.lives import Life
from tests.orders_and_money.machine import Purchase
from tests.orders_and_money.people import BY, ORDERS, SHOP, WHICH, People, one_of
from tests.orders_and_money.shops import Stocked
from tests.storefront.goods import ADDRESS


async def refund(life: Life, order: Purchase) -> None:
    async with life.db.transaction() as session:
        await refund_order(
            session, order.shop.key, order.order_id, reason="", by=STAFF, now=life.now()
        )


async def after_a_failed_refund(life: Life, shop: Stocked, number: int, verb: Any) -> None:
    async with life.db.transaction() as session:
        failed = one_of(await list_failed(session, shop.key), number)
        if failed is not None:
            await verb(session, shop.key, failed.refund.key, by=STAFF, now=life.now())


async def change(life: Life, order: Purchase, wishes: list[Wish]) -> None:
    draft = await ask_for(life, order, wishes, by=STAFF)
    await agree(life, order, draft, waive=False, by=STAFF)


class CounterStaff(People):
    @rule(order=ORDERS)
    def staff_refunds(self, order: Purchase) -> None:
        self.do(lambda life: refund(life, order))

    @precondition(lambda self: self.bank.has("refund"))
    @rule(shop=SHOP, number=WHICH)
    def staff_tries_a_failed_refund_again(self, shop: int, number: int) -> None:
        stocked = self.shop_at(shop)
        self.do(lambda life: after_a_failed_refund(life, stocked, number, retry_refund))

    @precondition(lambda self: self.bank.has("refund"))
    @rule(shop=SHOP, number=WHICH)
    def staff_pays_a_failed_refund_by_bank_transfer(self, shop: int, number: int) -> None:
        stocked = self.shop_at(shop)
        self.do(lambda life: after_a_failed_refund(life, stocked, number, note_paid_elsewhere))

    @rule(order=ORDERS, wishes=st.lists(WISHES, min_size=1, max_size=2), waive=st.booleans())
    def staff_changes_the_order(
        self, order: Purchase, wishes: list[Wish], waive: bool = False
    ) -> None:
        draft = self.act(lambda life: ask_for(life, order, wishes, by=STAFF))
        if draft is not None:
            self.act(lambda life: agree(life, order, draft, waive=waive, by=STAFF))
        self.go_on()

    @rule(order=ORDERS, by=BY)
    def somebody_drops_the_change(self, order: Purchase, by: str) -> None:
        self.do(lambda life: call_off(life, order, by=by))

    @rule(order=ORDERS, name=st.sampled_from(["Anna Blum", "Anna Bloom"]))
    def staff_mends_the_name(self, order: Purchase, name: str) -> None:
        async def mend(life: Life) -> None:
            async with life.db.transaction() as session:
                found = await get_order(session, order.shop.key, order.order_id)
                form = CorrectionForm.read(ADDRESS | {"name": name, "seen": fingerprint(found)})
                await correct(
                    session, order.shop.shop, order.order_id, form, by=STAFF, now=self.clock()
                )

        self.do(mend)
