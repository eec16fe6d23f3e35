"""What buyers do: order, open pay pages, pay or fail to, come back, give up."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import MultipleResults, initialize, multiple, rule

from payments.settling import settle_reference
from storefront.orders import ending
from tests.orders_and_money.changing import open_difference
from tests.orders_and_money.figures import FIGURES
from tests.orders_and_money.lives import Life
from tests.orders_and_money.machine import Purchase
from tests.orders_and_money.people import BY, ORDERS, SHOP, WARE, WHICH, People
from tests.orders_and_money.shopping import Wish, fill, open_page, order
from tests.orders_and_money.shops import CODE, CODE_OF_EACH, WARES

CARDS = {
    "good": "4242424242424242",
    "refunds take their time": "4000000000007726",
    "refunds fail later": "4000000000005126",
    "owner disputes": "4000000000000259",
    "owner asks the bank": "4000000000001976",
}
CARD = st.sampled_from(sorted(CARDS))
WHO = st.sampled_from(["", "", "Anna", "Ben"])
CODES = st.sampled_from(["", "", CODE, CODE_OF_EACH])
Bought = Purchase | MultipleResults[Purchase]


def wares(most: int) -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(WARE, st.integers(1, 3), min_size=1, max_size=most)


class Buyers(People):
    @initialize(
        target=ORDERS,
        currencies=st.lists(st.sampled_from(sorted(WARES)), min_size=1, max_size=2, unique=True),
        last_events_are_lost=st.booleans(),
        first=wares(2),
    )
    def the_shops_open(
        self, currencies: list[str], last_events_are_lost: bool, first: dict[str, int]
    ) -> Bought:
        """And somebody orders."""
        self.last_events_are_lost = last_events_are_lost
        self.open_shops(currencies)
        return self._order(Wish(self.shops[0], first))

    @rule(target=ORDERS, shop=SHOP, wares=wares(3), who=WHO, code=CODES, is_picked_up=st.booleans())
    def somebody_orders(
        self,
        shop: int,
        wares: Mapping[str, int],
        who: str = "",
        code: str = "",
        is_picked_up: bool = False,
    ) -> Bought:
        return self._order(Wish(self.shop_at(shop), wares, who, code, is_picked_up))

    @rule(target=ORDERS, order=ORDERS, wares=wares(2), code=CODES)
    def the_same_buyer_orders_again(
        self, order: Purchase, wares: Mapping[str, int], code: str = ""
    ) -> Bought:
        """Perhaps for the same last pieces, and before the first order is paid."""
        return self._order(Wish(order.shop, wares, code=code, basket_id=order.basket_id))

    def _order(self, wish: Wish) -> Bought:
        basket = self.act(lambda life: fill(life, wish))
        if basket is None:
            return multiple()
        order_id = self.do(lambda life: order(life, wish, basket))
        if order_id is None:
            return multiple()
        return self.note_order(Purchase(wish.shop, order_id, basket.key))

    def note_order(self, purchase: Purchase) -> Purchase:
        self.purchases.append(purchase)
        return purchase

    @rule(target=ORDERS, shop=SHOP, ware=WARE, pieces=st.integers(1, 3), card=CARD)
    def somebody_buys(self, shop: int, ware: str, pieces: int, card: str) -> Bought:
        """What happens most: ordered, and paid at once."""
        bought = self._order(Wish(self.shop_at(shop), {ware: pieces}))
        if isinstance(bought, Purchase):
            self._buy(bought, 0, "pay", card=CARDS[card])
        return bought

    @rule(order=ORDERS)
    def the_buyer_opens_the_pay_page(self, order: Purchase) -> None:
        self._open(order)
        self.go_on()

    @rule(order=ORDERS, tab=WHICH, card=CARD)
    def the_buyer_pays(self, order: Purchase, tab: int, card: str) -> None:
        self._buy(order, tab, "pay", card=CARDS[card])

    @rule(order=ORDERS, tab=WHICH)
    def the_buyer_pays_in_two_tabs(self, order: Purchase, tab: int) -> None:
        self._buy(order, tab, "pay_twice")

    @rule(order=ORDERS, tab=WHICH)
    def the_buyer_is_declined(self, order: Purchase, tab: int) -> None:
        self._buy(order, tab, "decline")

    @rule(order=ORDERS, tab=WHICH)
    def the_buyer_pays_by_debit(self, order: Purchase, tab: int) -> None:
        self._buy(order, tab, "delay")

    @rule(order=ORDERS, tab=WHICH)
    def the_buyer_pays_the_difference(self, order: Purchase, tab: int) -> None:
        self._note_page(order, self.act(lambda life: open_difference(life, order)))
        self._buy(order, tab, "pay")

    @rule(order=ORDERS)
    def the_buyer_comes_back(self, order: Purchase) -> None:
        self.do(
            lambda life: settle_reference(
                life.db, life.stripes, self.clock, shop_id=order.shop.key,
                reference=order.reference,
            )
        )  # fmt: skip

    @rule(order=ORDERS, by=BY)
    def somebody_cancels(self, order: Purchase, by: str) -> None:
        async def cancel(life: Life) -> None:
            async with life.db.transaction() as session:
                await ending.cancel(
                    session, order.shop.key, order.order_id, by=by, now=self.clock()
                )

        self.do(cancel)

    def _open(self, order: Purchase) -> None:
        self._note_page(order, self.act(lambda life: open_page(life, order)))

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
