"""The basket's and the order's pages: every refusal in words, and nothing typed is lost."""

import asyncio
import re
from urllib.parse import urlencode

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from core.money import Money
from core.shops import open_shop
from core.signing import SIGNER
from promotions.deals import create_deal
from promotions.issuing import create_code
from storefront.models import Order, Variant
from storefront.orders.placing import place
from storefront.storefronts import edit_storefront
from storefront.variants import edit_variant
from storefront.visits import Visit
from tests.storefront.goods import ADDRESS, a_basket, a_form, a_product, counters
from tests.storefront.stall import Stall


async def a_full_basket(stall: Stall, *, price: int = 2000, pieces: int = 5) -> tuple[str, Variant]:
    """Where it is, and what is in it."""
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, shipping_fee_minor=490, pickup_offered=True,
                              pickup_text="Marktstraße 12", free_shipping_from_minor=5000)  # fmt: skip
        _, variant = await a_product(
            session, stall.shop, price=price, pieces=pieces, now=stall.clock()
        )
    on = await stall.fan.send("/s/blumen/basket/add", variant=variant.key, quantity=2)
    return on.removesuffix("basket"), variant


async def none_placed(stall: Stall, variant: Variant) -> None:
    assert await stall.placed() == []
    async with stall.db.reading() as session:
        on_hand, held, allocated = await counters(session, variant)
    assert (held, allocated) == (0, 0)
    assert on_hand > 0


async def test_the_order_page_shows_everything_before_the_button(stall: Stall) -> None:
    base, _ = await a_full_basket(stall)
    page = await stall.fan.look(f"{base}order", **{"Accept-Language": "de"})
    for said in ("Zahlungspflichtig bestellen", "44,90 €", "4,90 €", "inkl. 7,17 € MwSt. (19 %)",
                 "Wir liefern nach: Deutschland.", "legal/terms", "legal/withdrawal"):  # fmt: skip
        assert said in page.replace("\u00a0", " ")
    button = re.search(r'<button class="button primary wide order"[^>]*>([^<]*)</button>', page)
    assert button is not None
    assert button[1] == "Zahlungspflichtig bestellen"
    assert 'target="_top"' in page


MISFITS = [
    ("name", "", "Please enter your name."),
    ("email", "anna@", "Please enter an e-mail address like name@example.org."),
    ("email", "anna@example.org\nBcc: all@example.org", "Please enter an e-mail address"),
    ("postcode", "123", "A German postcode has five digits."),
    ("street", " ", "Please enter street and house number."),
    ("country", "XX", "We do not deliver to this country."),
    ("wish_date", "gestern", "Please enter a day like 24.12.2026"),
    ("wish_date", "2020-02-30", "Please enter a day like 24.12.2026"),
    ("card_text", "x" * 501, "This is too long."),
    ("basket_version", "x", "Please open the order page anew."),
    ("basket_version", "9" * 30, "Please open the order page anew."),
]


async def test_a_field_that_does_not_fit_is_marked_and_all_input_stays(stall: Stall) -> None:
    base, variant = await a_full_basket(stall)
    form = await stall.form(stall.fan, base) | {"card_text": "Alles Liebe", "remark": "klingeln"}
    for field, value, sentence in MISFITS:
        page = await stall.fan.send(f"{base}order/place", 422, **(form | {field: value}))
        assert sentence in page, field
        for name in ("name", "email", "street", "town", "remark"):
            if name != field:
                assert form[name] in page
    await none_placed(stall, variant)


async def test_all_that_is_wrong_is_said_at_once(stall: Stall) -> None:
    base, variant = await a_full_basket(stall)
    page = await stall.fan.send(f"{base}order/place", 422, email="anna@", postcode="12")
    for sentence in ("Please enter your name.", "Please enter an e-mail address",
                     "Please enter street and house number.", "Please choose the country."):  # fmt: skip
        assert sentence in page
    await none_placed(stall, variant)


async def test_picking_up_costs_nothing_and_needs_no_address(stall: Stall) -> None:
    base, _ = await a_full_basket(stall)
    form = await stall.form(stall.fan, base)
    page = await stall.fan.send(f"{base}order", 200, **(form | {"switch": "pickup"}))
    assert "Marktstraße 12" in page
    assert 'value="Anna Blum"' in page
    assert "€40.00" in page
    assert 'name="street"' not in page
    hidden = dict(re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', page))
    await stall.fan.send(f"{base}order/place", **(ADDRESS | hidden))
    order = await stall.last_order()
    assert (order.delivery, order.total_minor, order.street) == ("pickup", 4000, "")


async def test_a_price_that_changed_under_the_button_is_shown_before_it_is_owed(
    stall: Stall,
) -> None:
    base, variant = await a_full_basket(stall)
    form = await stall.form(stall.fan, base)
    async with stall.db.transaction() as session:
        await edit_variant(session, stall.shop, variant.key, price=Money(2100, "EUR"), name="",
                           sku="", content_thousandths=None, now=stall.clock())  # fmt: skip
    page = await stall.fan.send(f"{base}order/place", 409, **form)
    assert "The total has changed from €44.90 to €46.90." in page
    assert "The price of Rote Rosen has changed from €20.00 to €21.00." in page
    await none_placed(stall, variant)
    assert "has changed from" in await stall.fan.look(f"{base}basket")
    await stall.fan.send(f"{base}basket/seen")
    assert "has changed from" not in await stall.fan.look(f"{base}basket")
    await stall.fan.send(f"{base}order/place", **(await stall.form(stall.fan, base)))
    assert (await stall.last_order()).total_minor == 4690


async def test_goods_that_went_away_are_said_so_and_can_be_taken_out(stall: Stall) -> None:
    base, variant = await a_full_basket(stall, pieces=3)
    form = await stall.form(stall.fan, base)
    async with stall.db.transaction() as session:
        rival = await a_basket(session, stall.shop, variant, 2, now=stall.clock())
        await place(session, stall.shop, rival, a_form(rival, street="Weg 1"), now=stall.clock())
    page = await stall.fan.send(f"{base}order/place", 409, **form)
    assert "Only 1 of Rote Rosen are left. Please choose fewer." in page
    assert "order with obligation" not in page.lower()
    assert len(await stall.placed()) == 1
    refused = await stall.fan.send(f"{base}basket/set", 409, variant=variant.key, quantity=3)
    assert "Only 1 of Rote Rosen are left." in refused
    await stall.fan.send(f"{base}basket/set", variant=variant.key, quantity=1)
    await stall.fan.send(f"{base}order/place", **(await stall.form(stall.fan, base)))
    assert len(await stall.placed()) == 2


async def test_pressing_twice_orders_once(stall: Stall) -> None:
    base, variant = await a_full_basket(stall)
    form = await stall.form(stall.fan, base)
    first, second = await asyncio.gather(
        stall.fan.send(f"{base}order/place", **form), stall.fan.send(f"{base}order/place", **form)
    )
    assert first == second
    [order] = await stall.placed()
    assert len(stall.till.open_sessions()) == 1
    async with stall.db.reading() as session:
        assert await counters(session, variant) == (5, 2, 0)
    assert order.number == 1001


async def a_code(stall: Stall, code: str, **more: object) -> None:
    async with stall.db.transaction() as session:
        deal = await create_deal(session, stall.shop.key, title="Zehn Prozent", kind="percent",
                                 currency="EUR", percent=10, needs_code=True, now=stall.clock(),
                                 minimum=Money(6000, "EUR") if more.pop("big", None) else None)  # fmt: skip
        await create_code(session, stall.shop.key, deal.key, code=code, now=stall.clock(), **more)  # type: ignore[arg-type]


async def test_a_code_takes_off_what_it_promises_and_says_when_it_does_not(stall: Stall) -> None:
    base, _ = await a_full_basket(stall)
    await a_code(stall, "ROSEN10", per_customer_limit=1)
    await a_code(stall, "VIEL10", big=True)
    refused = await stall.fan.send(f"{base}basket/code", 422, code="GIBTSNICHT")
    assert "We do not know this code." in refused
    assert 'value="GIBTSNICHT"' in refused
    assert "We do not know this code." in await stall.fan.send(f"{base}basket/code", 422, code=" ")
    on = await stall.fan.send(f"{base}basket/code", code="viel 10")
    assert "goods for €20.00 more must be in the basket" in await stall.fan.look(on)
    await stall.fan.send(f"{base}basket/code", remove="1")
    on = await stall.fan.send(f"{base}basket/code", code="rosen10")
    page = await stall.fan.look(on)
    assert "The code ROSEN10 takes €4.00 off." in page
    assert "€40.90" in page
    await stall.fan.send(f"{base}order/place", **(await stall.form(stall.fan, base)))
    order = await stall.last_order()
    assert (order.discount_minor, order.total_minor, order.code) == (400, 4090, "ROSEN10")
    base, _ = await a_full_basket(stall)
    await stall.fan.send(f"{base}basket/code", code="rosen10")
    page = await stall.fan.send(f"{base}order/place", 422, **(await stall.form(stall.fan, base)))
    assert "This code is part of an order of yours that is not paid yet." in page
    assert len(await stall.placed()) == 1


async def test_another_shops_goods_and_orders_stay_where_they_are(stall: Stall) -> None:
    base, variant = await a_full_basket(stall)
    async with stall.db.transaction() as session:
        other = await open_shop(session, "vasen", "Vasen", now=stall.clock())
        await a_product(session, other, "Vase", now=stall.clock())
    await stall.fan.send("/s/vasen/basket/add", 404, variant=variant.key)
    assert await stall.fan.look(base.replace("blumen", "vasen") + "basket/count") == ""
    await stall.fan.send(f"{base}order/place", **(await stall.form(stall.fan, base)))
    order = await stall.last_order()
    await stall.fan.look(f"/s/vasen/o/{order.token}", 404)
    for what in ("pay", "cancel", "again"):
        await stall.fan.send(f"/s/vasen/o/{order.token}/{what}", 404)
    assert (await stall.last_order()).state == "placed"


async def test_the_status_page_lets_a_buyer_pay_later_or_give_up(stall: Stall) -> None:
    base, variant = await a_full_basket(stall)
    link = await stall.fan.send(f"{base}order/place", **(await stall.form(stall.fan, base)))
    order = await stall.last_order()
    page = await stall.fan.look(f"/s/blumen/o/{order.token}?back=cancelled")
    assert "You have not paid yet." in page
    assert await stall.fan.send(f"/s/blumen/o/{order.token}/pay") == link
    await stall.fan.send(f"/s/blumen/o/{order.token}/cancel")
    assert "This order was cancelled. Nothing is charged." in await stall.fan.look(
        f"/s/blumen/o/{order.token}"
    )
    assert "This order can no longer be paid." in await stall.fan.send(
        f"/s/blumen/o/{order.token}/pay", 410
    )
    on = await stall.fan.send(f"/s/blumen/o/{order.token}/again")
    assert "Rote Rosen" in await stall.fan.look(on)
    async with stall.db.reading() as session:
        assert await counters(session, variant) == (5, 0, 0)


async def test_without_a_way_to_the_pay_page_the_order_stands_and_says_so(stall: Stall) -> None:
    base, variant = await a_full_basket(stall)
    await stall.till.fault("503", times=3)
    on = await stall.fan.send(f"{base}order/place", **(await stall.form(stall.fan, base)))
    order = await stall.last_order()
    assert on == f"/s/blumen/o/{order.token}?trouble=PaymentsUnavailable"
    assert "The pay page cannot be reached just now. Your order is kept" in await stall.fan.look(on)
    async with stall.db.reading() as session:
        assert await counters(session, variant) == (5, 2, 0)


async def test_the_buyer_who_comes_back_sees_the_truth(stall: Stall) -> None:
    base, _ = await a_full_basket(stall)
    link = await stall.fan.send(f"{base}order/place", **(await stall.form(stall.fan, base)))
    order = await stall.last_order()
    status = f"/s/blumen/o/{order.token}?back=paid"
    page = await stall.fan.look(status)
    assert "Your payment is being confirmed…" in page
    assert '<meta http-equiv="refresh" content="4">' in page
    await stall.till.buyer(link.rsplit("/", 1)[1], "delay")
    page = await stall.fan.look(status)
    assert "With some banks this takes a few days." in page
    assert "http-equiv" not in page
    assert "so it cannot be cancelled" in await stall.fan.send(
        f"/s/blumen/o/{order.token}/cancel", 409
    )
    await stall.till.buyer(link.rsplit("/", 1)[1], "settle")
    assert "Thank you! Your order is paid." in await stall.fan.look(status)


async def test_200_buyers_with_browsers_race_for_10_pieces(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, pieces=10, now=stall.clock())
        baskets = [
            await a_basket(session, stall.shop, variant, now=stall.clock()) for _ in range(200)
        ]
    stall.fan.takes_cookies = False

    async def buy(number: int) -> int:
        visit = Visit().with_basket(stall.app[SIGNER], baskets[number])
        form = ADDRESS | {"basket_version": str(baskets[number].version)}
        answer = await stall.fan.post(
            f"/s/blumen/{visit.segment}order/place",
            data=form | {"email": f"buyer-{number}@example.org"},
            headers={"Origin": str(stall.fan.make_url("")).rstrip("/")}, allow_redirects=False,
        )  # fmt: skip
        return answer.status

    statuses = await asyncio.gather(*map(buy, range(200)))
    assert (statuses.count(303), statuses.count(409)) == (10, 190)
    async with stall.db.reading() as session:
        assert await counters(session, variant) == (10, 10, 0)
        assert len((await session.exec(select(Order))).all()) == 10


FIELDS = ["basket_version", "total_minor", "delivery", "country", "wish_date", *ADDRESS]
TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["", "0", "-1", "1e9", "9" * 40, "null", "\x00", "<b>", "%s", "{{7*7}}", "😀" * 9]
    ),
)


@settings(max_examples=40, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.dictionaries(st.sampled_from(FIELDS), TEXTS, max_size=5))
@example({"total_minor": "1" + 28 * "0"})
async def test_no_form_however_odd_breaks_the_order_page(stall: Stall, odd: dict[str, str]) -> None:
    if not await stall.placed() and not hasattr(stall, "base"):
        stall.base, _ = await a_full_basket(stall, pieces=500)  # type: ignore[attr-defined]
    base = stall.base  # type: ignore[attr-defined]
    async with stall.db.reading() as session:
        [variant] = (await session.exec(select(Variant))).all()
    await stall.fan.send(f"{base}basket/set", variant=variant.key, quantity=1)
    form = await stall.form(stall.fan, base) | odd
    answer = await stall.fan.post(
        f"{base}order/place",
        data=urlencode(form),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": str(stall.fan.make_url("")).rstrip("/"),
        },
        allow_redirects=False,
    )
    assert answer.status in (303, 409, 422)
