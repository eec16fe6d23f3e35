"""Behind the counter: goods, orders, settings; and nobody reaches into another shop."""

import re
from io import BytesIO
from typing import Any

from aiohttp import FormData
from PIL import Image
from sqlmodel import select

from core.shops import open_shop
from payments.models import PaymentAttempt, Refund
from storefront import admin
from storefront.models import Product, ProductPicture, Variant
from storefront.orders.placing import place
from storefront.products import get_product, set_state
from storefront.storefronts import edit_storefront, find_storefront
from storefront.variants import find_variant
from tests.storefront.goods import a_basket, a_form, a_product, counters, movements
from tests.storefront.stall import Stall


def a_picture(colour: str = "crimson") -> bytes:
    drawn = BytesIO()
    Image.new("RGB", (60, 60), colour).save(drawn, "PNG")
    return drawn.getvalue()


async def upload(stall: Stall, path: str, status: int, picture: bytes, **fields: str) -> str:
    form = FormData()
    for name, value in fields.items():
        form.add_field(name, value)
    form.add_field("pictures", picture, filename="rosen.png", content_type="image/png")
    answer = await stall.fan.post(
        path, data=form, allow_redirects=False,
        headers={"Origin": str(stall.fan.make_url("")).rstrip("/")},
    )  # fmt: skip
    text = await answer.text()
    assert answer.status == status, text[:2000]
    return answer.headers.get("Location", text)


async def the_product(stall: Stall) -> Product:
    async with stall.db.reading() as session:
        return (await session.exec(select(Product))).one()


async def test_a_product_comes_into_the_world_and_onto_the_shelf(stall: Stall) -> None:
    await stall.sign_in()
    assert "No products yet" in await stall.fan.look("/counter/products")
    where = await upload(stall, "/counter/products", 303, a_picture(), name="Rote Rosen",
                         price="24,90", pieces="12", tax_bp="700", description="Schön.")  # fmt: skip
    page = await stall.fan.look(where)
    assert "Saved as a draft." in page
    assert "Describe every picture in a few words" in page
    await stall.fan.look("/s/blumen/p/rote-rosen", 404)
    assert "Before this can go on sale:" in await stall.fan.send(
        f"{where}/state", 422, state="live"
    )
    async with stall.db.reading() as session:
        [picture] = (await session.exec(select(ProductPicture))).all()
    await stall.fan.send(f"{where}/pictures/{picture.id}/alt", alt="Zwölf rote Rosen")
    await stall.fan.send(f"{where}/state", state="live")
    shown = await stall.fan.look("/s/blumen/p/rote-rosen")
    assert 'alt="Zwölf rote Rosen"' in shown
    assert "€24.90" in shown
    refused = await stall.fan.send(f"{where}/pictures/{picture.id}/alt", 422, alt="")
    assert "Describe the picture in a few words" in refused
    product = await the_product(stall)
    assert (product.state, product.tax_bp) == ("live", 700)


MISFITS: list[tuple[dict[str, str], str]] = [
    ({"price": "viel"}, "Please enter an amount like 12.90."),
    ({"price": "1.234"}, "Please enter an amount like 12.90."),
    ({"price": "-1"}, "This amount is too small or too large."),
    ({"price": "999999999"}, "Please enter an amount like 12.90."),
    ({"name": " "}, "Please give the product a name."),
    ({"pieces": "-3"}, "Please enter how many there are."),
    ({"content": "1,2345"}, "Please enter an amount like 0.25"),
]


async def test_a_form_that_does_not_fit_makes_no_product(stall: Stall) -> None:
    await stall.sign_in()
    fields = {"name": "Rosen", "price": "24,90", "pieces": "1", "description": "Bleibt stehen."}
    for changes, sentence in MISFITS:
        page = await upload(stall, "/counter/products", 422, a_picture(), **(fields | changes))
        assert sentence in page, changes
        assert "Bleibt stehen." in page
    async with stall.db.reading() as session:
        assert (await session.exec(select(Product))).all() == []


async def test_what_is_no_picture_is_said_so_and_nothing_is_kept(stall: Stall) -> None:
    await stall.sign_in()
    page = await upload(stall, "/counter/products", 422, b"<svg onload=alert(1)>", name="Rosen",
                        price="1", pieces="1")  # fmt: skip
    assert "This file is not a picture we can read." in page
    async with stall.db.reading() as session:
        assert (await session.exec(select(Product))).all() == []


async def test_prices_stock_and_variants_follow_the_forms(stall: Stall) -> None:
    await stall.sign_in()
    async with stall.db.transaction() as session:
        product, variant = await a_product(session, stall.shop, pieces=5, now=stall.clock())
    where = f"/counter/products/{product.key}"
    await stall.fan.send(f"{where}/variants/{variant.key}", price="29.90", name="Kurz", sku="R-1")
    await stall.fan.send(f"{where}/variants", price="34.90", name="Lang", pieces=2)
    await stall.fan.send(f"{where}/variants/{variant.key}/stock", change="-2", reason="verwelkt")
    refused = await stall.fan.send(f"{where}/variants/{variant.key}/stock", 303, change="-9")
    assert "There cannot be fewer than 0 pieces" in await stall.fan.look(refused)
    assert "Please enter how many came in" in await stall.fan.send(
        f"{where}/variants/{variant.key}/stock", 422, change="viele"
    )
    shown = await stall.fan.look("/s/blumen/p/rote-rosen")
    assert "€29.90" in shown
    assert "Lang" in shown
    async with stall.db.reading() as session:
        assert await counters(session, variant) == (3, 0, 0)
        assert (await movements(session, variant))[-1] == ("corrected", -2, 0, 0)
    await stall.fan.send(f"{where}/variants/{variant.key}/offer")
    assert "Kurz" not in await stall.fan.look("/s/blumen/p/rote-rosen")
    await stall.fan.send(f"{where}/variants/{variant.key}/offer", on="1")
    assert "Kurz" in await stall.fan.look("/s/blumen/p/rote-rosen")


async def test_only_what_was_never_sold_can_be_deleted(stall: Stall) -> None:
    await stall.sign_in()
    async with stall.db.transaction() as session:
        sold, variant = await a_product(session, stall.shop, now=stall.clock())
        unsold, other = await a_product(session, stall.shop, "Nelken", now=stall.clock())
        await a_basket(session, stall.shop, other, now=stall.clock())
        basket = await a_basket(session, stall.shop, variant, now=stall.clock())
        await place(session, stall.shop, basket, a_form(basket), now=stall.clock())
    assert await stall.fan.send(f"/counter/products/{unsold.key}/delete") == "/counter/products"
    back = await stall.fan.send(f"/counter/products/{sold.key}/delete")
    assert "This product has been sold" in await stall.fan.look(back)
    assert (await the_product(stall)).id == sold.key


async def a_paid_order(stall: Stall, **changes: str) -> tuple[int, Variant]:
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, pieces=5, now=stall.clock())
    base = (await stall.fan.send("/s/blumen/basket/add", variant=variant.key)).removesuffix(
        "basket"
    )
    form = await stall.form(stall.fan, base) | changes
    link = await stall.fan.send(f"{base}order/place", **form)
    await stall.till.buyer(link.rsplit("/", 1)[1], "pay")
    await stall.till.work()
    return (await stall.last_order()).key, variant


async def test_an_order_is_found_sent_and_noted(stall: Stall) -> None:
    key, variant = await a_paid_order(stall)
    await stall.sign_in("agent")
    for query in ("", "?q=1001", "?q=%231001", "?q=anna", "?show=open", "?q=EXAMPLE.org"):
        assert f'href="/counter/orders/{key}"' in await stall.fan.look(f"/counter/orders{query}")
    for query in ("?q=9999", "?show=unpaid", "?show=attention", "?q=%25", "?before=x&q=zzz"):
        assert f'href="/counter/orders/{key}"' not in await stall.fan.look(
            f"/counter/orders{query}"
        )
    page = await stall.fan.look(f"/counter/orders/{key}")
    for said in ("Anna Blum", "Gartenweg 3", "Mark as sent", "Refund everything", "€24.90"):
        assert said in page
    await stall.fan.send(f"/counter/orders/{key}/note", note="Klingel kaputt")
    await stall.fan.send(f"/counter/orders/{key}/sent")
    page = await stall.fan.look(f"/counter/orders/{key}")
    assert "Klingel kaputt" in page
    assert "On its way" in page
    assert "Mark as sent" not in page
    again = await stall.fan.send(f"/counter/orders/{key}/sent")
    assert "This is not possible in the order's present state." in await stall.fan.look(again)
    async with stall.db.reading() as session:
        assert await counters(session, variant) == (4, 0, 0)


async def test_a_refund_that_failed_or_waits_is_explained_in_words(stall: Stall) -> None:
    key, _ = await a_paid_order(stall)
    await stall.sign_in()
    await stall.fan.send(f"/counter/orders/{key}/refund", reason="verwelkt")
    explained = {
        ("failed", "expired_or_canceled_card"): "card is expired or cancelled.",
        ("failed", "a_word_of_tomorrow"): "dashboard says more about this refund.",
        ("pending", None): "The banks are working on it.",
        ("requires_action", None): "Stripe has written to the customer",
    }
    for (state, failure), sentence in explained.items():
        async with stall.db.transaction() as session:
            refund = (await session.exec(select(Refund))).one()
            refund.state, refund.failure = state, failure
            session.add(refund)
        page = await stall.fan.look(f"/counter/orders/{key}")
        assert sentence in page
        assert "a_word_of_tomorrow" not in page


async def test_a_refund_of_a_bank_debit_wants_somebody_to_be_sure(stall: Stall) -> None:
    """SEPA: for eight weeks the buyer's bank can call the money back without a reason."""
    key, _ = await a_paid_order(stall)
    async with stall.db.transaction() as session:
        attempt = (await session.exec(select(PaymentAttempt))).one()
        attempt.delayed_at = stall.till.clock()
        session.add(attempt)
    await stall.sign_in()
    assert "can still call the money back" in await stall.fan.look(f"/counter/orders/{key}")
    back = await stall.fan.send(f"/counter/orders/{key}/refund", reason="verwelkt")
    assert "Refund only if you are sure." in await stall.fan.look(back)
    async with stall.db.reading() as session:
        assert (await session.exec(select(Refund))).all() == []
    await stall.fan.send(f"/counter/orders/{key}/refund", reason="verwelkt", sure="1")
    async with stall.db.reading() as session:
        assert len((await session.exec(select(Refund))).all()) == 1


async def test_a_refund_from_the_counter_reaches_stripe_and_the_buyer(stall: Stall) -> None:
    key, variant = await a_paid_order(stall)
    await stall.sign_in()
    await stall.fan.send(f"/counter/orders/{key}/refund", reason="verwelkt")
    await stall.till.work()
    stall.till.pass_time(seconds=30)
    await stall.till.work()
    assert [one["amount"] for one in stall.till.at_stripe("refund")] == [2490]
    page = await stall.fan.look(f"/counter/orders/{key}")
    assert "Refunded" in page
    assert "verwelkt" in page
    assert (await stall.mails())[-1].subject == "We have refunded your order 1001"
    back = await stall.fan.send(f"/counter/orders/{key}/refund", reason="noch einmal")
    assert "There is nothing left to refund." in await stall.fan.look(back)
    assert len(stall.till.at_stripe("refund")) == 1
    async with stall.db.reading() as session:
        assert await counters(session, variant) == (5, 0, 0)


async def test_an_order_to_be_picked_up_is_made_ready_first(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, pickup_offered=True)
    key, _ = await a_paid_order(stall, delivery="pickup")
    await stall.sign_in()
    assert "Ready for pick-up" in await stall.fan.look(f"/counter/orders/{key}")
    await stall.fan.send(f"/counter/orders/{key}/ready")
    assert (await stall.last_order()).ready_at is not None
    await stall.fan.send(f"/counter/orders/{key}/sent")
    assert "Picked up" in await stall.fan.look(f"/counter/orders/{key}")


async def test_an_unpaid_order_can_be_called_off(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, pieces=5, now=stall.clock())
        basket = await a_basket(session, stall.shop, variant, now=stall.clock())
        order = (await place(session, stall.shop, basket, a_form(basket), now=stall.clock())).order
    await stall.sign_in()
    await stall.fan.send(f"/counter/orders/{order.key}/cancel", reason="Anruf")
    assert (await stall.last_order()).state == "cancelled"
    async with stall.db.reading() as session:
        assert await counters(session, variant) == (5, 0, 0)


async def test_the_owner_sets_the_shop_up_and_the_to_do_list_shrinks(stall: Stall) -> None:
    await stall.sign_in()
    page = await stall.fan.look("/counter/settings")
    assert "Complete your legal texts: Imprint, Terms, Privacy" in page
    assert "Say how customers reach you." in page
    await stall.fan.send(
        "/counter/settings/shop", welcome="Guten Tag!", contact_email="laden@example.org",
        shipping_fee="4,90", free_from="50", shipping_tax_bp="700", hold_minutes="60",
        countries="DE",
    )  # fmt: skip
    async with stall.db.reading() as session:
        window = await find_storefront(session, stall.shop.key)
    assert (window.shipping_fee_minor, window.free_shipping_from_minor) == (490, 5000)
    assert (window.hold_minutes, window.delivery_countries) == (60, ["DE"])
    assert "Guten Tag!" in await stall.fan.look("/s/blumen/")
    page = await stall.fan.send("/counter/settings/shop", 422, hold_minutes="5", welcome="Bleibt")
    assert "at least 30" in page
    assert 'value="Bleibt"' in page
    for name in ("imprint", "terms", "privacy", "withdrawal", "accessibility"):
        await stall.fan.send(
            "/counter/settings/texts", save=name, **{name: f"# {name}\n\nUnser Text."}
        )
    page = await stall.fan.look("/counter/settings")
    assert "Complete your legal texts" not in page
    assert "Unser Text." in await stall.fan.look("/s/blumen/legal/imprint")


async def test_settings_are_the_owners(stall: Stall) -> None:
    await stall.sign_in("agent")
    for path in ("/counter/settings/shop", "/counter/settings/texts"):
        await stall.fan.look(path, 403)
        await stall.fan.send(path, 403, welcome="x", save="imprint", imprint="x")


def counter_paths() -> list[tuple[str, str]]:
    return sorted({(route.method, route.path) for route in admin.routes})  # type: ignore[attr-defined]


def filled_in(path: str, ids: dict[str, object]) -> str:
    """An address with these ids in it: `{order_id:\\d{1,9}}` becomes `7`, what is not told `1`."""
    return re.sub(
        r"\{([a-z_]+)(?::(?:[^{}]|\{[^{}]*\})*)?\}", lambda found: str(ids.get(found[1], 1)), path
    )


async def test_every_page_of_the_counter_wants_somebody_who_is_signed_in(stall: Stall) -> None:
    ids: dict[str, object] = {}
    for method, path in counter_paths():
        what = "remove" if "remove" in path else "sent"
        answer = await stall.fan.request(
            method, filled_in(path, ids | {"what": what}), allow_redirects=False,
            headers={"Accept": "text/html", "Origin": str(stall.fan.make_url("")).rstrip("/")},
        )  # fmt: skip
        assert answer.status == 303
        assert answer.headers["Location"].startswith("/counter/sign-in")


async def test_no_address_reaches_into_another_shop(stall: Stall) -> None:
    """Every route of the counter is walked with the ids of a shop next door."""
    now: Any = stall.clock()
    async with stall.db.transaction() as session:
        other = await open_shop(session, "vasen", "Vasen", now=now)
        product, variant = await a_product(session, other, "Vase", now=now)
        picture = ProductPicture(shop_id=other.key, product_id=product.key, digest="x" * 64)
        session.add(picture)
        basket = await a_basket(session, other, variant, now=now)
        order = (await place(session, other, basket, a_form(basket), now=now)).order
        await set_state(session, other.key, product.key, "hidden", now=now)
    ids: dict[str, object] = {"product_id": product.key, "variant_id": variant.key, "picture_id": picture.id,
           "order_id": order.key, "number": "2026-000001"}  # fmt: skip
    await stall.sign_in()
    walked = 0
    for method, path in counter_paths():
        if "{" not in path:
            continue
        concrete = filled_in(path, ids | {"what": "remove" if "remove" in path else "sent"})
        walked += 1
        if method == "GET":
            await stall.fan.look(concrete, 404)
        else:
            await stall.fan.send(
                concrete, 404, name="x", price="1", change="1", state="live", note="x"
            )
    assert walked > 12
    async with stall.db.reading() as session:
        assert (await get_product(session, other.key, product.key)).state == "hidden"
        assert (await find_variant(session, other.key, variant.key)).price_minor == 2490
        assert await counters(session, variant) == (10, 1, 0)
