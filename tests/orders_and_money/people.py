"""What buyers, staff, banks and bad luck can do: the steps of a story."""

import asyncio
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from payments.failed_refunds import list_failed, retry_refund
from payments.settling import settle_reference
from storefront import stock
from storefront.baskets import lock_basket, open_basket, put, use_code
from storefront.forms import CorrectionForm
from storefront.models import Basket
from storefront.orders import ending
from storefront.orders.correcting import correct, fingerprint
from storefront.orders.finding import get_order
from storefront.orders.placing import place
from storefront.orders.refunding import refund_order
from storefront.orders.sending import mark_sent
from storefront.pay_links import pay_link
from tests.orders_and_money.changing import (
    WISHES,
    Wish,
    agree,
    ask_for,
    call_off,
    open_difference,
)
from tests.orders_and_money.figures import FIGURES
from tests.orders_and_money.lives import Life
from tests.orders_and_money.machine import Counter, Purchase
from tests.orders_and_money.shops import CODE, PIECES, WARES, Stocked
from tests.storefront.goods import ADDRESS, a_form

CARDS = {
    "good": "4242424242424242",
    "refunds take their time": "4000000000007726",
    "refunds fail later": "4000000000005126",
    "owner disputes": "4000000000000259",
    "owner asks the bank": "4000000000001976",
}
# A call that is cut off is as unclear as one that takes too long, and needs no waiting.
TROUBLE = (
    "429", "500", "500_after_success", "503", "409", "lock_timeout", "cut", "cut_after_success",
)  # fmt: skip
CALLS = ("/v1/checkout/sessions", "/v1/refunds", "/v1")
MINUTES = {"a minute": 1, "6 minutes": 6, "an hour": 60, "7 hours": 420, "2 days": 2880}
WARE = st.sampled_from(sorted(PIECES))
PLACES = st.lists(st.integers(0, 9), min_size=1, max_size=4)
STAFF = "Mia"


class Story(Counter):
    """Every step may be refused in words; what must hold is looked over after each."""

    orders: Bundle[Purchase] = Bundle("order")

    @initialize(
        target=orders,
        currencies=st.lists(st.sampled_from(sorted(WARES)), min_size=1, max_size=2, unique=True),
        last_events_are_lost=st.booleans(),
        first=st.dictionaries(WARE, st.integers(1, 3), min_size=1, max_size=2),
    )
    def the_shops_open(
        self, currencies: list[str], last_events_are_lost: bool, first: dict[str, int]
    ) -> Purchase | MultipleResults[Purchase]:
        """And somebody orders."""
        self.last_events_are_lost = last_events_are_lost
        self.open_shops(currencies)
        return self._order(self.shops[0], first, with_code=False)

    @invariant()
    def the_books_are_right(self) -> None:
        self.look_over()

    # --- buyers

    @rule(
        target=orders,
        shop=st.integers(0, 1),
        wares=st.dictionaries(WARE, st.integers(1, 3), min_size=1, max_size=3),
        with_code=st.booleans(),
    )
    def somebody_orders(
        self, shop: int, wares: dict[str, int], with_code: bool
    ) -> Purchase | MultipleResults[Purchase]:
        return self._order(self.shops[shop % len(self.shops)], wares, with_code=with_code)

    def _order(
        self, stocked: Stocked, wares: dict[str, int], *, with_code: bool
    ) -> Purchase | MultipleResults[Purchase]:
        basket = self.act(lambda life: _fill(life, stocked, wares, with_code))
        if basket is None:
            return multiple()
        order_id = self.act(lambda life: _place(life, stocked, basket))
        self.go_on()
        if order_id is None:
            return multiple()
        purchase = Purchase(stocked, order_id)
        self.purchases.append(purchase)
        return purchase

    @rule(
        target=orders,
        shop=st.integers(0, 1),
        ware=WARE,
        pieces=st.integers(1, 3),
        card=st.sampled_from(sorted(CARDS)),
    )
    def somebody_buys(
        self, shop: int, ware: str, pieces: int, card: str
    ) -> Purchase | MultipleResults[Purchase]:
        """What happens most: ordered, and paid at once."""
        stocked = self.shops[shop % len(self.shops)]
        bought = self._order(stocked, {ware: pieces}, with_code=False)
        if isinstance(bought, Purchase):
            self._buy(bought, 0, "pay", card=CARDS[card])
        return bought

    @rule(order=orders)
    def the_buyer_opens_the_pay_page(self, order: Purchase) -> None:
        self._open(order)
        self.go_on()

    @rule(order=orders, tab=st.integers(0, 3), card=st.sampled_from(sorted(CARDS)))
    def the_buyer_pays(self, order: Purchase, tab: int, card: str) -> None:
        self._buy(order, tab, "pay", card=CARDS[card])

    @rule(order=orders, tab=st.integers(0, 3))
    def the_buyer_pays_in_two_tabs(self, order: Purchase, tab: int) -> None:
        self._buy(order, tab, "pay_twice")

    @rule(order=orders, tab=st.integers(0, 3))
    def the_buyer_is_declined(self, order: Purchase, tab: int) -> None:
        self._buy(order, tab, "decline")

    @rule(order=orders, tab=st.integers(0, 3))
    def the_buyer_pays_by_debit(self, order: Purchase, tab: int) -> None:
        self._buy(order, tab, "delay")

    @rule(order=orders)
    def the_buyer_comes_back(self, order: Purchase) -> None:
        shop = order.shop.shop.key
        self.act(
            lambda life: settle_reference(
                life.db, life.stripes, self.clock, shop_id=shop, reference=order.reference
            )
        )
        self.go_on()

    @rule(order=orders)
    def the_buyer_comes_back_as_the_events_arrive(self, order: Purchase) -> None:
        """All of it at the same moment, and the worker is at it too."""
        shop = order.shop.shop.key
        waiting = self.bank.under_way()
        sent = [self.bank.as_sent(one, self.bank.now()) for one in waiting]

        async def at_once(life: Life) -> list[int]:
            back = [
                settle_reference(
                    life.db, life.stripes, self.clock, shop_id=shop, reference=order.reference
                )
                for _ in range(2)
            ]
            told = asyncio.gather(*(life.hear(*one) for one in sent))
            *_, answers = await asyncio.gather(*back, life.jobs.drain(), told)
            return answers

        self.note_answers(waiting, self.act(at_once) or [])
        self.go_on()

    @rule(order=orders, by=st.sampled_from(["customer", STAFF]))
    def somebody_cancels(self, order: Purchase, by: str) -> None:
        async def cancel(life: Life) -> None:
            async with life.db.transaction() as session:
                await ending.cancel(
                    session, order.shop.shop.key, order.order_id, by=by, now=self.clock()
                )

        self._do(cancel)

    def _open(self, order: Purchase) -> None:
        self._note_page(order, self.act(lambda life: _open_page(life, order)))

    def _note_page(self, order: Purchase, url: str | None) -> None:
        if url is not None:
            page = url.rsplit("/", 1)[1]
            if page not in order.pages:
                order.pages.append(page)

    def _buy(self, order: Purchase, tab: int, action: str, **how: Any) -> None:
        """What the page no longer allows is refused there and changes nothing."""
        if not order.pages:
            self._open(order)
        if order.pages:
            page = order.pages[-1 - tab % len(order.pages)]
            done = self.bank.control(f"/sessions/{page}/{action}", **how)
            FIGURES[f"{action}{'' if done else ' (not possible)'}"] += 1
        self.go_on()

    # --- staff

    @rule(order=orders)
    def staff_refunds(self, order: Purchase) -> None:
        async def refund(life: Life) -> None:
            async with life.db.transaction() as session:
                await refund_order(
                    session, order.shop.shop.key, order.order_id, reason="", by=STAFF,
                    now=self.clock(),
                )  # fmt: skip

        self._do(refund)

    @precondition(lambda self: self.bank.has("refund"))
    @rule(shop=st.integers(0, 1), number=st.integers(0, 3))
    def staff_tries_a_failed_refund_again(self, shop: int, number: int) -> None:
        shop_id = self.shops[shop % len(self.shops)].shop.key

        async def again(life: Life) -> None:
            async with life.db.transaction() as session:
                failed = await list_failed(session, shop_id)
                if failed:
                    refund_id = failed[number % len(failed)].key
                    await retry_refund(session, shop_id, refund_id, by=STAFF, now=self.clock())

        self._do(again)

    @rule(order=orders)
    def staff_sends(self, order: Purchase) -> None:
        async def send(life: Life) -> None:
            async with life.db.transaction() as session:
                await mark_sent(
                    session, order.shop.shop.key, order.order_id, by=STAFF, now=self.clock()
                )

        self._do(send)

    @rule(order=orders, wishes=st.lists(WISHES, min_size=1, max_size=2), waive=st.booleans())
    def staff_changes_the_order(self, order: Purchase, wishes: list[Wish], waive: bool) -> None:
        draft = self.act(lambda life: ask_for(life, order, wishes, by=STAFF))
        if draft is not None:
            self.act(lambda life: agree(life, order, draft, waive=waive, by=STAFF))
        self.go_on()

    @rule(order=orders, by=st.sampled_from(["customer", STAFF]))
    def somebody_drops_the_change(self, order: Purchase, by: str) -> None:
        self._do(lambda life: call_off(life, order, by=by))

    @rule(order=orders, tab=st.integers(0, 3))
    def the_buyer_pays_the_difference(self, order: Purchase, tab: int) -> None:
        self._note_page(order, self.act(lambda life: open_difference(life, order)))
        self._buy(order, tab, "pay")

    @rule(order=orders, name=st.sampled_from(["Anna Blum", "Anna Bloom"]))
    def staff_mends_the_name(self, order: Purchase, name: str) -> None:
        async def mend(life: Life) -> None:
            async with life.db.transaction() as session:
                found = await get_order(session, order.shop.shop.key, order.order_id)
                form = CorrectionForm.read(ADDRESS | {"name": name, "seen": fingerprint(found)})
                await correct(
                    session, order.shop.shop, order.order_id, form, by=STAFF, now=self.clock()
                )

        self._do(mend)

    @rule(
        shop=st.integers(0, 1),
        ware=WARE,
        change=st.sampled_from([-2, -1, 1, 2]),
    )
    def staff_counts_the_shelf(self, shop: int, ware: str, change: int) -> None:
        stocked = self.shops[shop % len(self.shops)]

        async def count(life: Life) -> None:
            async with life.db.transaction() as session:
                await stock.adjust(
                    session, stocked.shop.key, stocked.variants[ware], change, reason="counted",
                    by=STAFF, now=self.clock(),
                )  # fmt: skip

        self._do(count)

    def _do(self, work: Any) -> None:
        self.act(work)
        self.go_on()

    # --- Stripe and the banks

    @precondition(lambda self: self.bank.has("charge"))
    @rule(order=orders, page=st.integers(0, 3), arrives=st.booleans())
    def the_bank_decides(self, order: Purchase, page: int, arrives: bool) -> None:
        if order.pages:
            chosen = order.pages[-1 - page % len(order.pages)]
            self.bank.control(f"/sessions/{chosen}/{'settle' if arrives else 'fail'}")
        self.go_on()

    @precondition(lambda self: self.bank.has("charge"))
    @rule(order=orders, payment=st.integers(0, 3), percent=st.integers(1, 100))
    def somebody_refunds_in_the_dashboard(
        self, order: Purchase, payment: int, percent: int
    ) -> None:
        paid = self._payments(order)
        if paid:
            chosen = paid[payment % len(paid)]
            step = order.shop.wares.smallest * order.shop.wares.at_stripe
            amount = max(step, chosen["amount_received"] * percent // 100 // step * step)
            account = order.shop.merchant.account_id
            self.bank.refund_in_the_dashboard(account, chosen["id"], amount)
        self.go_on()

    @precondition(lambda self: self.bank.has("charge"))
    @rule(order=orders, payment=st.integers(0, 3), reason=st.sampled_from(["fraudulent", "inquiry"]))  # fmt: skip
    def the_buyer_disputes(self, order: Purchase, payment: int, reason: str) -> None:
        paid = self._payments(order)
        if paid:
            charge = paid[payment % len(paid)]["latest_charge"]
            self.bank.control(f"/charges/{charge}/dispute", reason=reason)
        self.go_on()

    @precondition(lambda self: self.bank.has("dispute"))
    @rule(dispute=st.integers(0, 3), what=st.sampled_from(["review", "win", "lose"]))
    def a_dispute_goes_on(self, dispute: int, what: str) -> None:
        found = self.bank.things("dispute")
        if found:
            self.bank.control(f"/disputes/{found[dispute % len(found)]['id']}/{what}")
        self.go_on()

    @precondition(lambda self: self.bank.has("refund"))
    @rule(refund=st.integers(0, 3), what=st.sampled_from(["succeed", "fail", "require_action"]))
    def a_refund_goes_on(self, refund: int, what: str) -> None:
        found = self.bank.things("refund")
        if found:
            self.bank.control(f"/refunds/{found[refund % len(found)]['id']}/{what}")
        self.go_on()

    @precondition(lambda self: self.bank.has("charge"))
    @rule(shop=st.integers(0, 1), is_empty=st.booleans())
    def the_balance_is(self, shop: int, is_empty: bool) -> None:
        stocked = self.shops[shop % len(self.shops)]
        self.bank.control(
            "/balances", account=stocked.merchant.account_id,
            currency=stocked.wares.currency.lower(),
            amount_minor=0 if is_empty else 50_000_000,
        )  # fmt: skip
        self.go_on()

    def _payments(self, order: Purchase) -> list[Any]:
        return [
            one
            for one in self.bank.things("payment_intent", order.shop.merchant.account_id)
            if one["amount_received"]
            and one["metadata"].get("tresen_reference", "").startswith(order.reference)
        ]

    # --- bad luck

    @rule(kind=st.sampled_from(TROUBLE), calls=st.sampled_from(CALLS), times=st.integers(1, 3))
    def stripe_is_in_trouble(self, kind: str, calls: str, times: int) -> None:
        self.bank.control("/faults", kind=kind, path=calls, times=times)
        FIGURES["Stripe's troubles"] += 1

    @rule()
    def the_line_goes_down_or_comes_back(self) -> None:
        self.line_is_down = not self.line_is_down
        self.go_on()

    @rule()
    def the_worker_leaves_or_comes_back(self) -> None:
        self.worker_is_away = not self.worker_is_away
        self.go_on()

    @precondition(lambda self: self.bank.under_way())
    @rule(which=PLACES, times=st.integers(1, 2))
    def events_arrive(self, which: list[int], times: int) -> None:
        self.carry(which, times=times)
        self.go_on()

    @precondition(lambda self: self.bank.under_way())
    @rule(which=PLACES)
    def events_are_lost(self, which: list[int]) -> None:
        self.lose(which)

    @rule(places=st.integers(0, 40))
    def the_process_will_die(self, places: int) -> None:
        self.kill_later(places)

    @rule(how_much=st.sampled_from(sorted(MINUTES)))
    def time_passes(self, how_much: str) -> None:
        self.pass_time(MINUTES[how_much])
        self.go_on()


async def _fill(life: Life, shop: Stocked, wares: dict[str, int], with_code: bool) -> Basket:
    now = life.now()
    async with life.db.transaction() as session:
        basket = await open_basket(session, shop.shop.key, now=now)
        for ware, pieces in wares.items():
            await put(session, basket, shop.variants[ware], pieces, now=now)
        if with_code:
            await use_code(session, basket, CODE, now=now)
        return await lock_basket(session, basket)


async def _place(life: Life, shop: Stocked, basket: Basket) -> int:
    async with life.db.transaction() as session:
        order = await place(session, shop.shop, basket, a_form(basket), now=life.now())
        return order.key


async def _open_page(life: Life, purchase: Purchase) -> str:
    async with life.db.reading() as session:
        order = await get_order(session, purchase.shop.shop.key, purchase.order_id)
    return await pay_link(life.app, purchase.shop.shop, order)
