"""An order changed by the team, told in the chat it was bought in: once, with the money."""

from storefront.changes.actions import Goodwill
from storefront.changes.confirming import confirm
from storefront.changes.proposing import propose
from tests.bot.conftest import Talk
from tests.opened import House
from tests.shopping import Buyer, Goods, last_order


async def test_a_change_and_its_refund_are_one_message(
    goods: Goods, anna: Talk, house: House
) -> None:
    [put] = await anna.presses(f"1:put:{goods.one_orchid.key}:")
    async with Buyer(house) as buyer:
        page = await buyer.place(put.links["Zur Bestellseite"].removesuffix("order"))
        await buyer.pay(page)
    order = await last_order(house)
    await anna.heard(seen := len(anna.shown))
    async with house.db.transaction() as session:
        asked = await propose(
            session, house.shop, order.key, "goodwill", [Goodwill(amount_minor=500)],
            reason="a scratch", by="Mia", now=house.now(),
        )  # fmt: skip
        await confirm(session, house.shop, asked.key, by="Mia", now=house.now())
    [told] = await anna.heard(seen)
    assert told.text.startswith(
        f"Ihre Bestellung {order.number} wurde wie vereinbart geändert. "
        "Wir erstatten Ihnen 5,00 € auf dem Weg"
    )
    assert (await last_order(house)).refunded_minor == 500
