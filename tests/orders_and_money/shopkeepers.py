"""What shopkeepers do with their goods: count them, price them anew, say who gets the last."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from core.money import Money
from storefront.packing import put_part
from storefront.products import edit_product
from storefront.stocktaking import adjust
from storefront.storefronts import edit_storefront
from storefront.variants import edit_variant, find_variant
from tests.orders_and_money.cases import STAFF
from tests.orders_and_money.lives import Life
from tests.orders_and_money.people import SHOP, WARE, People
from tests.orders_and_money.shops import IN_A_GIFT, PIECES

ON_THE_SHELF = st.sampled_from(sorted(PIECES))
POLICY = st.sampled_from(["hold", "first_paid"])


class Shopkeepers(People):
    @rule(shop=SHOP, ware=ON_THE_SHELF, change=st.sampled_from([-2, -1, 1, 2]))
    def staff_counts_the_shelf(self, shop: int, ware: str, change: int) -> None:
        stocked = self.shop_at(shop)

        async def count(session: Any) -> None:
            await adjust(
                session, stocked.key, stocked.variants[ware], change, reason="counted",
                by=STAFF, now=self.clock(),
            )  # fmt: skip

        self._write(count)

    @rule(shop=SHOP, ware=WARE, percent=st.sampled_from([60, 90, 110, 150]))
    def a_price_changes(self, shop: int, ware: str, percent: int) -> None:
        stocked = self.shop_at(shop)
        step = stocked.wares.smallest
        price = getattr(stocked.wares, ware) * percent // 100 // step * step

        async def reprice(session: Any) -> None:
            variant = await find_variant(session, stocked.key, stocked.variants[ware])
            await edit_variant(
                session, stocked.shop, variant.key, price=Money(price, stocked.wares.currency),
                name=variant.name, sku=variant.sku,
                content_thousandths=variant.content_thousandths, now=self.clock(),
            )  # fmt: skip

        self._write(reprice)

    @rule(shop=SHOP, policy=POLICY)
    def the_shop_says_who_gets_its_goods(self, shop: int, policy: str) -> None:
        """Whoever orders first, or whoever pays first."""
        stocked = self.shop_at(shop)
        self._write(lambda session: edit_storefront(session, stocked.key, hold_policy=policy))

    @rule(shop=SHOP, ware=WARE, policy=POLICY)
    def one_ware_has_a_way_of_its_own(self, shop: int, ware: str, policy: str) -> None:
        stocked = self.shop_at(shop)

        async def say(session: Any) -> None:
            variant = await find_variant(session, stocked.key, stocked.variants[ware])
            await edit_product(
                session, stocked.key, variant.product_id, {"hold_policy": policy},
                now=self.clock(),
            )  # fmt: skip

        self._write(say)

    @rule(shop=SHOP, part=st.sampled_from(sorted(IN_A_GIFT)), pieces=st.integers(1, 3))
    def the_gift_is_packed_differently(self, shop: int, part: str, pieces: int) -> None:
        """From now on; what is ordered stays as it was."""
        stocked = self.shop_at(shop)
        bundle, inside = stocked.variants["gift"], stocked.variants[part]
        self._write(
            lambda session: put_part(
                session, stocked.key, bundle, inside, pieces, now=self.clock()
            )
        )  # fmt: skip

    def _write(self, verb: Any) -> None:
        async def write(life: Life) -> None:
            async with life.db.transaction() as session:
                await verb(session)

        self.do(write)
