"""Asking for reviews: only who agreed, once, some days after everything has arrived."""

from typing import Any

from sqlmodel import select

from storefront.orders.models import Order
from storefront.shipping.arriving import mark_delivered
from storefront.shipping.models import ReviewConsent
from storefront.shipping.reviews import WORDING, ask_for_reviews
from storefront.storefronts import edit_storefront
from tests.storefront.parcels import a_paid_order, do, send
from tests.storefront.stall import Stall

LINK = "https://reviews.example/us"


async def delivered(stall: Stall, **form: Any) -> Order:
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, review_link=LINK)
    order, [first, _] = await a_paid_order(stall, 1, 1, **({"review_wanted": "1"} | form))
    first_parcel = await send(stall, order, {first.key: 1})
    second_parcel = await send(stall, order)
    await do(stall, mark_delivered, order, first_parcel)
    stall.clock.advance(days=2)
    await do(stall, mark_delivered, order, second_parcel)
    return order


async def asked(stall: Stall, order: Order) -> list[str]:
    """The texts of the letters that ask."""
    await ask_for_reviews(stall.db, stall.clock)
    await stall.till.work()
    return [one.text for one in await stall.mails() if one.about == f"order:{order.key}:review"]


async def test_who_agreed_is_asked_once_some_days_after_the_last_parcel(stall: Stall) -> None:
    order = await delivered(stall, locale="en")
    async with stall.db.reading() as session:
        consent = (await session.exec(select(ReviewConsent))).one()
    assert (consent.wording, consent.given_at) == (WORDING, order.placed_at)
    stall.clock.advance(days=6, hours=23)
    assert await asked(stall, order) == []
    stall.clock.advance(hours=1)
    [text] = await asked(stall, order)
    assert LINK in text
    assert f"/s/blumen/reviews/stop/{consent.token}" in text
    stall.clock.advance(days=9)
    assert len(await asked(stall, order)) == 1


async def test_nobody_is_asked_who_has_not_ticked_the_box(stall: Stall) -> None:
    order = await delivered(stall, review_wanted="")
    stall.clock.advance(days=30)
    assert await asked(stall, order) == []
    async with stall.db.reading() as session:
        assert (await session.exec(select(ReviewConsent))).all() == []


async def test_without_a_place_for_reviews_there_is_no_box_and_no_consent(stall: Stall) -> None:
    await a_paid_order(stall, 1, review_wanted="1")
    async with stall.db.reading() as session:
        assert (await session.exec(select(ReviewConsent))).all() == []


async def test_one_press_on_the_link_ends_it_for_all_orders(stall: Stall) -> None:
    first = await delivered(stall)
    second = await delivered(stall)
    async with stall.db.reading() as session:
        tokens = [one.token for one in (await session.exec(select(ReviewConsent))).all()]
    assert "not known here" in await stall.fan.look(f"/s/blumen/reviews/stop/{tokens[0]}x", 404)
    for _ in range(2):
        page = await stall.fan.look(f"/s/blumen/reviews/stop/{tokens[0]}")
        assert "You will not be asked again" in page
    stall.clock.advance(days=30)
    assert await asked(stall, first) == await asked(stall, second) == []


async def test_the_owner_sets_days_line_and_link(stall: Stall) -> None:
    await stall.sign_in()
    path = "/counter/settings/shipping"
    good = {"lead_days": "1", "latest_hour": "14", "closed_weekdays": "6", "review_days": "3"}
    assert "At present nobody is asked." in await stall.fan.look(path)
    for wrong in ("http://reviews.example", "javascript:alert(1)", "https://a@b.example/x"):
        page = await stall.fan.send(path, 422, **(good | {"review_link": wrong}))
        assert "begins with https://" in page
    await stall.fan.send(path, **(good | {"review_link": LINK, "slip_line_de": "Danke, {name}!"}))
    page = await stall.fan.look(path)
    assert f"Buyers are led to: {LINK}" in page
    assert 'value="Danke, {name}!"' in page


async def test_the_buyer_says_it_has_arrived_and_takes_it_back(stall: Stall) -> None:
    order, [line] = await a_paid_order(stall, 2)
    parcel = await send(stall, order, {line.key: 1}, carrier="dhl", tracking="123456789012")
    path = f"/s/blumen/o/{order.token}"
    page = await stall.fan.look(path)
    for said in ("piececode=123456789012", "It has arrived", "Still to come", "1 × Ware 1"):
        assert said in page
    await stall.fan.send(f"{path}/arrived", parcel=parcel)
    page = await stall.fan.look(path)
    assert "Delivered" in page
    assert "Not arrived after all" in page
    await stall.fan.send(f"{path}/not-arrived", parcel=parcel)
    assert "It has arrived" in await stall.fan.look(path)
    for odd in ("", "999", "x", "٣"):
        page = await stall.fan.send(f"{path}/arrived", 409, parcel=odd)
        assert "There is no such parcel" in page


async def test_letters_say_what_is_in_the_parcel_and_that_it_was_a_mistake(stall: Stall) -> None:
    from storefront.shipping.undoing import undo

    order, [first, _] = await a_paid_order(stall, 2, 1, locale="en")
    parcel = await send(stall, order, {first.key: 1}, carrier="dpd", tracking="01234567890123")
    await stall.till.work()
    mail = (await stall.mails())[-1]
    assert mail.subject == f"A part of your order {order.number} is on its way"
    for said in ("1 × Ware 1", "1 × Ware 2", "https://tracking.dpd.de/status/en_US/parcel/"):
        assert said in mail.text
        assert said in mail.html
    await do(stall, undo, order, parcel)
    await stall.till.work()
    assert (await stall.mails())[-1].subject == f"Your order {order.number}: not on its way yet"
    count = len(await stall.mails())
    quick = await send(stall, order, {first.key: 1})
    await do(stall, undo, order, quick)
    await stall.till.work()
    assert len(await stall.mails()) == count
