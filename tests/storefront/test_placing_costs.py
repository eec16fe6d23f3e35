"""What an order costs the database, pinned, so that it does not grow unseen."""

from dataclasses import dataclass

from promotions.deals import create_deal
from promotions.issuing import create_code
from storefront.basket_filling import put, use_code
from storefront.basket_views import look_at
from storefront.baskets import find_basket, open_basket
from storefront.models import Basket, Order, Storefront, Variant
from storefront.orders.placing import place
from storefront.references import reference_of
from storefront.storefronts import edit_storefront, find_storefront
from tests.statements import counted
from tests.storefront.goods import a_form, a_product
from tests.storefront.sales import pay_page
from tests.storefront.stall import Stall, reread


@dataclass(frozen=True, slots=True)
class Typical:
    """What a guest's order is like: two kinds of goods, a code for new customers, delivery."""

    window: Storefront
    roses: Variant
    tulips: Variant


async def a_shop(stall: Stall) -> Typical:
    now = stall.clock()
    async with stall.db.transaction() as session:
        window = await edit_storefront(session, stall.shop.key, shipping_fee_minor=490)
        _, roses = await a_product(session, stall.shop, now=now)
        _, tulips = await a_product(session, stall.shop, "Tulpen", now=now)
        deal = await create_deal(
            session, stall.shop.key, title="Zehn Prozent", kind="percent", currency="EUR",
            percent=10, needs_code=True, now=now,
        )  # fmt: skip
        await create_code(
            session, stall.shop.key, deal.key, code="ROSEN10", per_customer_limit=1, now=now
        )
    async with stall.db.reading() as session:
        window = await find_storefront(session, stall.shop.key)
    return Typical(window, roses, tulips)


async def a_full_basket(stall: Stall, goods: Typical) -> Basket:
    now = stall.clock()
    async with stall.db.transaction() as session:
        basket = await open_basket(session, stall.shop.key, now=now)
        await put(session, basket, goods.roses.key, 1, now=now)
        await put(session, basket, goods.tulips.key, 2, now=now)
        await use_code(session, basket, "ROSEN10", now=now)
    return basket


async def order(stall: Stall, goods: Typical, basket: Basket, email: str) -> Order:
    """As the order page's form does it."""
    async with stall.db.transaction() as session:
        found = await find_basket(session, stall.shop.key, basket.token, lock=True)
        assert found is not None
        form = a_form(found, email=email)
        placed = await place(
            session, stall.shop, found, form, now=stall.clock(), window=goods.window
        )
        return placed.order


async def test_placing_a_guests_order_of_two_lines_with_a_code_takes_twenty_statements(
    each_stall: Stall,
) -> None:
    goods = await a_shop(each_stall)
    await order(each_stall, goods, await a_full_basket(each_stall, goods), "first@example.org")
    basket = await a_full_basket(each_stall, goods)
    with counted(each_stall.db) as said:
        placed = await order(each_stall, goods, basket, "anna@example.org")
    assert (placed.code, placed.discount_minor > 0, placed.shipping_minor) == ("ROSEN10", True, 490)
    assert len(said) == 20, "\n".join(said)


async def test_the_order_page_takes_three_statements_and_begins_nothing(each_stall: Stall) -> None:
    goods = await a_shop(each_stall)
    made = await a_full_basket(each_stall, goods)
    with counted(each_stall.db) as said:
        async with each_stall.db.reading() as session:
            basket = await find_basket(session, each_stall.shop.key, made.token)
            assert basket is not None
            view = await look_at(
                session, each_stall.shop, basket, now=each_stall.clock(), window=goods.window
            )
    assert view.code_says is not None
    assert len(said) == 3, "\n".join(said)


async def test_settling_a_payment_takes_twenty_seven_statements(each_stall: Stall) -> None:
    """From the return page: look who is meant, ask Stripe, and all that follows from being paid."""
    goods = await a_shop(each_stall)
    placed = await order(each_stall, goods, await a_full_basket(each_stall, goods), "a@example.org")
    session_id = await pay_page(each_stall, placed)
    await each_stall.till.buyer(session_id, "pay")
    await each_stall.till.sender.settled()
    with counted(each_stall.db) as said:
        await each_stall.till.settle(reference_of(placed.key))
    async with each_stall.db.reading() as session:
        assert (await reread(session, placed)).state == "confirmed"
    assert len(said) == 27, "\n".join(said)
