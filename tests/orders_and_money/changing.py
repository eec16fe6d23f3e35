"""What staff and buyers can do with an order that is to be another one after all."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from payments.closing import may_expire
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
from storefront.changes.confirming import confirm
from storefront.changes.paying import drop
from storefront.changes.proposing import propose, waiting_change
from storefront.orders.finding import get_order, lines_of
from storefront.orders.models import OrderLine
from storefront.pay_links import difference_link
from tests.orders_and_money.lives import Life
from tests.orders_and_money.machine import Purchase
from tests.orders_and_money.shops import ON_SALE

WISHES = st.tuples(
    st.sampled_from(
        ["one fewer", "one more", "none", "comes back", "comes back broken", "swap", "add",
         "shipping back", "goodwill", "another price"]
    ),
    st.integers(0, 3),
)  # fmt: skip
Wish = tuple[str, int]


def actions_for(purchase: Purchase, wishes: Sequence[Wish], lines: list[OrderLine]) -> list[Action]:
    return [
        _about_money(purchase, what, number) or _about_goods(purchase, what, number, lines)
        for what, number in wishes
    ]


def _about_money(purchase: Purchase, what: str, number: int) -> Action | None:
    wares = purchase.shop.wares
    if what == "shipping back":
        return GiveBackShipping(amount_minor=wares.shipping - number * wares.smallest)
    return Goodwill(amount_minor=(7 + number) * wares.smallest) if what == "goodwill" else None


def _about_goods(purchase: Purchase, what: str, number: int, lines: list[OrderLine]) -> Action:
    """`number` says which line it is about, and which ware takes its place."""
    line, smallest = lines[number % len(lines)], purchase.shop.wares.smallest
    another = purchase.shop.variants[ON_SALE[number]]
    made: dict[str, Action] = {
        "one fewer": SetQuantity(line_id=line.key, quantity=max(0, line.quantity - 1)),
        "one more": SetQuantity(line_id=line.key, quantity=line.quantity + 1),
        "none": SetQuantity(line_id=line.key, quantity=0),
        "comes back": TakeBack(line_id=line.key, quantity=1),
        "comes back broken": TakeBack(
            line_id=line.key, quantity=1, restock=False, keep_minor=10 * smallest
        ),
        "swap": Swap(line_id=line.key, quantity=1, variant_id=another),
        "add": Add(variant_id=another, quantity=1),
        "another price": SetPrice(line_id=line.key, unit_minor=max(0, line.unit_minor - smallest)),
    }
    return made[what]


async def ask_for(life: Life, purchase: Purchase, wishes: Sequence[Wish], *, by: str) -> int:
    """The draft's id."""
    shop = purchase.shop.shop
    async with life.db.transaction() as session:
        order = await get_order(session, shop.key, purchase.order_id)
        actions = actions_for(purchase, wishes, await lines_of(session, order))
        made = await propose(
            session, shop, order.key, "correction", actions, reason="a slip",
            may_set_prices=True, by=by, now=life.now(),
        )  # fmt: skip
        return made.key


async def agree(life: Life, purchase: Purchase, change_id: int, *, waive: bool, by: str) -> None:
    """As the counter does it: an unpaid order's pay pages are closed before."""
    shop = purchase.shop.shop
    async with life.db.reading() as session:
        is_unpaid = (await get_order(session, shop.key, purchase.order_id)).state == "placed"
    if is_unpaid:
        await may_expire(
            life.db, life.stripes, life.now, shop_id=shop.key, reference=purchase.reference
        )
    async with life.db.transaction() as session:
        await confirm(session, shop, change_id, waive=waive, by=by, now=life.now())


async def call_off(life: Life, purchase: Purchase, *, by: str) -> None:
    shop = purchase.shop.shop
    async with life.db.transaction() as session:
        order = await get_order(session, shop.key, purchase.order_id)
        waiting = await waiting_change(session, order)
        if waiting is not None:
            await drop(session, shop.key, waiting.key, by=by, now=life.now())


async def open_difference(life: Life, purchase: Purchase) -> str | None:
    """None where nothing waits for more money."""
    shop: Any = purchase.shop.shop
    async with life.db.reading() as session:
        order = await get_order(session, shop.key, purchase.order_id)
        waiting = await waiting_change(session, order)
    return await difference_link(life.app, shop, order, waiting) if waiting else None
