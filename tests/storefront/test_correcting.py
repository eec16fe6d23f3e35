"""The typing-error story, where it costs nobody anything: a slip is mended on the spot."""

import re
from typing import Any

import pytest
from sqlmodel import col, select

from storefront.events import OrderCorrected
from storefront.models import Variant
from storefront.orders.correcting import fingerprint
from storefront.orders.models import Order, OrderEvent
from storefront.orders.sending import mark_sent
from storefront.references import reference_of
from storefront.storefronts import edit_storefront
from tests.storefront.goods import a_product
from tests.storefront.stall import Stall


@pytest.fixture
async def variant(stall: Stall) -> Variant:
    async with stall.db.transaction() as session:
        _, made = await a_product(session, stall.shop, now=stall.clock())
    return made


async def placed(stall: Stall, variant: Variant) -> Order:
    await stall.order(stall.fan, "/s/blumen/", variant.key, card_text="Fuer Oma")
    return await stall.last_order()


async def paid(stall: Stall, variant: Variant) -> Order:
    page = await stall.order(stall.fan, "/s/blumen/", variant.key)
    await stall.till.buyer(page.rsplit("/", 1)[1], "pay")
    await stall.till.settle(reference_of((await stall.last_order()).key))
    return await stall.last_order()


async def form_at(stall: Stall, path: str) -> dict[str, str]:
    """What the page holds: hidden and shown fields."""
    page = await stall.fan.look(path)
    fields = dict(re.findall(r'<input[^>]* name="([a-z_]+)"[^>]* value="([^"]*)"', page))
    areas = dict(re.findall(r'<textarea[^>]* name="([a-z_]+)"[^>]*>\n([^<]*)</textarea>', page))
    return fields | areas


async def history(stall: Stall, order: Order) -> list[tuple[str, str, str]]:
    async with stall.db.reading() as session:
        query = select(OrderEvent).where(col(OrderEvent.order_id) == order.key)
        events = (await session.exec(query.order_by(col(OrderEvent.id)))).all()
    return [(one.what, one.by, one.detail) for one in events]


async def mend_own(stall: Stall, order: Order, status: int = 303, **changes: Any) -> str:
    path = f"/s/blumen/o/{order.token}/correct"
    return await stall.fan.send(path, status, **(await form_at(stall, path) | changes))


async def test_a_buyer_mends_the_card_and_the_address_and_nothing_else_changes(
    stall: Stall, variant: Variant
) -> None:
    before = await placed(stall, variant)
    await mend_own(stall, before, card_text="Für Oma", street="Lindenweg 14")
    after = await stall.last_order()
    assert (after.card_text, after.street) == ("Für Oma", "Lindenweg 14")
    changed = {"card_text", "street"}
    assert after.model_dump(exclude=changed) == before.model_dump(exclude=changed)
    assert (await history(stall, before))[-1] == (
        "corrected", "customer",
        '[["street", "' + before.street + '", "Lindenweg 14"], '
        '["card_text", "Fuer Oma", "F\\u00fcr Oma"]]',
    )  # fmt: skip
    [told] = [one for one in stall.db.seen if isinstance(one, OrderCorrected)]
    assert (told.by, told.fields) == ("customer", "street,card_text")


async def test_every_correction_is_confirmed_by_one_letter(stall: Stall, variant: Variant) -> None:
    order = await placed(stall, variant)
    await mend_own(stall, order, card_text="Für Oma")
    await mend_own(stall, order, card_text="Für Oma")
    await mend_own(stall, order, card_text="Für die Oma")
    await stall.till.work()
    letters = [
        one
        for one in await stall.mails()
        if "was mended" in one.subject or "wurde berichtigt" in one.subject
    ]
    assert len(letters) == 2
    assert "Für die Oma" in letters[-1].text


async def test_who_mends_what_somebody_else_has_just_mended_is_told(
    stall: Stall, variant: Variant
) -> None:
    order = await placed(stall, variant)
    path = f"/s/blumen/o/{order.token}/correct"
    stale = await form_at(stall, path)
    await mend_own(stall, order, street="Lindenweg 14")
    page = await stall.fan.send(path, 409, **(stale | {"town": "Meißen"}))
    assert "Somebody has changed this order meanwhile." in page
    assert 'value="Meißen"' in page
    after = await stall.last_order()
    assert (after.street, after.town) == ("Lindenweg 14", order.town)


MISFITS = [
    ("name", "", "Please enter your name."),
    ("street", " ", "Please enter street and house number."),
    ("postcode", "123", "A German postcode has five digits."),
    ("wish_date", "2020-01-01", "This day has passed already."),
    ("card_text", "x" * 501, "This is too long."),
]


@pytest.mark.parametrize(("field", "value", "sentence"), MISFITS)
async def test_what_does_not_fit_is_said_and_nothing_is_lost(
    stall: Stall, variant: Variant, field: str, value: str, sentence: str
) -> None:
    order = await placed(stall, variant)
    page = await mend_own(stall, order, 422, **{"remark": "klingeln", field: value})
    assert sentence in page
    assert "klingeln" in page
    assert await stall.last_order() == order


async def test_a_buyer_cannot_turn_the_letters_to_another_address(
    stall: Stall, variant: Variant
) -> None:
    order = await placed(stall, variant)
    await mend_own(stall, order, email="thief@example.org", town="Meißen")
    after = await stall.last_order()
    assert (after.email, after.town) == (order.email, "Meißen")


async def test_the_shops_limit_holds_and_none_means_none(stall: Stall, variant: Variant) -> None:
    order = await placed(stall, variant)
    path = f"/s/blumen/o/{order.token}"
    form = await form_at(stall, f"{path}/correct")
    assert "Mend a slip" in await stall.fan.look(path)
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, own_correction_hours=0)
    assert "Mend a slip" not in await stall.fan.look(path)
    page = await stall.fan.send(f"{path}/correct", 409, **(form | {"town": "Meißen"}))
    assert "cannot be mended here any more" in page
    assert (await stall.last_order()).town == order.town


async def test_once_it_is_on_its_way_nothing_is_mended(stall: Stall, variant: Variant) -> None:
    await stall.sign_in()
    order = await paid(stall, variant)
    path = f"/counter/orders/{order.key}/correct"
    form = await form_at(stall, path)
    async with stall.db.transaction() as session:
        await mark_sent(session, stall.shop.key, order.key, by="Mia", now=stall.clock())
    await stall.fan.send(path, **(form | {"town": "Meißen"}))
    assert "cannot be mended here any more" in await stall.fan.look(f"/counter/orders/{order.key}")
    assert (await stall.last_order()).town == order.town


async def test_the_team_mends_everything_and_sees_what_was_mended(
    stall: Stall, variant: Variant
) -> None:
    order = await placed(stall, variant)
    await stall.sign_in("agent")
    path = f"/counter/orders/{order.key}"
    form = await form_at(stall, f"{path}/correct")
    await stall.fan.send(f"{path}/correct", **(form | {"email": "anne@example.org"}))
    after = await stall.last_order()
    assert after.email == "anne@example.org"
    assert fingerprint(after) != fingerprint(order)
    page = await stall.fan.look(path)
    assert f"E-mail: {order.email} → anne@example.org" in page
    await stall.fan.send(f"{path}/correct", **await form_at(stall, f"{path}/correct"))
    assert "Nothing was different." in await stall.fan.look(path)


async def test_the_team_hears_of_what_a_buyer_mends_in_a_paid_order(
    stall: Stall, variant: Variant
) -> None:
    """Somebody may have begun to pack."""
    order = await paid(stall, variant)
    await mend_own(stall, order, town="Meißen")
    await stall.sign_in()
    assert (await stall.last_order()).concerns == ["corrected_by_customer"]
    assert "Please pack by what stands here now." in await stall.fan.look(
        f"/counter/orders/{order.key}"
    )
