"""Paid but gone, told in the chat it was bought in, and a case in the inbox."""

import pytest
from sqlmodel import col, select

from inbox.models import Message
from storefront.storefronts import edit_storefront
from tests.bot.conftest import Talk
from tests.opened import House, sign_in
from tests.shopping import Buyer, Goods, last_order


@pytest.mark.sqlite_only
async def test_whoever_was_too_late_hears_it_in_her_chat_and_a_person_is_called(
    goods: Goods, anna: Talk, house: House
) -> None:
    async with house.db.transaction() as session:
        await edit_storefront(
            session, house.shop.key, hold_policy="first_paid", apology="Das tut uns sehr leid."
        )
    for _ in range(5):
        [put] = await anna.presses(f"1:put:{goods.one_orchid.key}:")
    async with Buyer(house) as buyer, Buyer(house) as other:
        page = await buyer.place(put.links["Zur Bestellseite"].removesuffix("order"))
        order = await last_order(house)
        await other.buy(goods.one_orchid)
        seen = len(anna.shown)
        await buyer.pay(page)
    told, refunded = await anna.heard(seen)
    assert told.text.startswith(
        f"Ihre Zahlung für die Bestellung {order.number} kam, als die Ware schon weg war."
    )
    assert list(told.links) == ["Bestellung ansehen"]
    assert told.text.endswith("Das tut uns sehr leid.")
    assert "zurückgezahlt" in refunded.text
    talk = await anna.conversation()
    assert (talk.owner, talk.unread, talk.state) == ("human", True, "open")
    async with house.db.reading() as session:
        query = select(Message).where(
            col(Message.conversation_id) == talk.key, col(Message.direction) == "note"
        )
        [note] = (await session.exec(query)).all()
    assert note.text is not None
    assert note.text.startswith(f"Bestellung {order.number}: Die Zahlung von")
    await sign_in(house)
    async with house.http.get(house.at("/counter/inbox")) as answer:
        page = await answer.text()
    assert f"Bestellung {order.number}" in page
    assert f'href="/counter/orders/{order.key}"' in page
