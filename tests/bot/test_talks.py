"""Whole talks with the bot, as people have them."""

from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from core.shops import Shop
from inbox.models import Conversation, Message
from storefront.models import BasketLine
from tests.bot.conftest import Talk
from tests.opened import House, sign_in
from tests.shopping import Buyer, Goods, last_order

HELLO = "Hallo! Ich bin der Bot von Blumen am Markt."
MENU = ["Stöbern", "Aktionen", "Meine Bestellungen", "Mit Mensch sprechen"]


async def test_a_greeting_says_who_speaks_and_what_can_be_done(
    goods: Goods, anna: Talk, emma: Talk
) -> None:
    [hello] = await anna.says("Guten Tag")
    assert hello.text.startswith(HELLO)
    assert list(hello.hints) == MENU
    [hello] = await emma.says("Hello there")
    assert hello.text.startswith("Hello! I am the bot of Blumen am Markt.")
    assert list(hello.hints) == ["Browse", "Deals", "My orders", "Talk to a person"]


@pytest.mark.sqlite_only
async def test_get_started_greets_and_a_link_to_nobodys_order_is_said_to_be_one(
    goods: Goods, anna: Talk, emma: Talk
) -> None:
    [hello] = await anna.starts()
    assert hello.text.startswith(HELLO)
    [sorry] = await anna.presses("1:start:0:", "Los geht’s", ref="order-of-nobody")
    assert sorry.text == "Ich finde die Bestellung nicht, zu der dieser Link gehört."


async def test_searching_finds_in_spite_of_a_slip(goods: Goods, anna: Talk) -> None:
    for words in ("Habt ihr Roosen?", "rote rose", "ROSEN"):
        said, found = await anna.says(words)
        assert said.text == "Das habe ich gefunden:"
        assert found.titles == ["Rote Rosen"]
    assert found.subtitles[0] == "ab 36,00 € · inkl. MwSt., zzgl. Versand"
    assert list(found.buttons) == ["Auswählen"]
    async with Buyer(anna.house) as buyer:
        assert "Rote Rosen" in await buyer.look(found.links["Ansehen"])
        async with buyer.http.get(found.cards[0]["image_url"]) as picture:
            assert (picture.status, picture.content_type) == (200, "image/jpeg")


@pytest.mark.sqlite_only
async def test_what_is_not_understood_is_admitted(goods: Goods, anna: Talk) -> None:
    [sorry] = await anna.says("asdfghjkl qwertz")
    assert sorry.text.startswith("Ich bin nur ein Bot und habe das nicht verstanden.")
    assert list(sorry.buttons) == ["Stöbern", "Meine Bestellungen", "Mit Mensch sprechen"]


@pytest.mark.sqlite_only
async def test_browsing_shows_everything_and_nothing_that_cannot_be_bought(
    goods: Goods, anna: Talk
) -> None:
    [shelves] = await anna.says("Was habt ihr?")
    assert shelves.titles == ["Rote Rosen", "Orchidee", "Trockenblumenkranz"]
    assert "ausverkauft" in shelves.subtitles[2]
    offered = [[button["title"] for button in card["buttons"]] for card in shelves.cards]
    assert offered == [["Auswählen", "Ansehen"], ["In den Warenkorb", "Ansehen"], ["Ansehen"]]


async def test_from_the_carousel_into_the_basket_and_out_again(goods: Goods, anna: Talk) -> None:
    await anna.says("Was habt ihr?")
    [choice] = await anna.taps("Auswählen")
    assert choice.text == (
        "Rote Rosen: Welche Ausführung darf es sein?\n• 12 Stück, 36,00 €\n• 24 Stück, 66,00 €"
    )
    [put] = await anna.taps("24 Stück")
    assert put.text == "1 × Rote Rosen – 24 Stück liegt im Warenkorb. Zusammen: 70,90 €."
    cards, total = await anna.taps("Warenkorb ansehen")
    assert cards.titles == ["1 × Rote Rosen – 24 Stück"]
    assert total.text.splitlines()[-2:] == ["Versand: 4,90 €", "Zusammen: 70,90 € inkl. MwSt."]
    cards, total = await anna.taps("Eins mehr")
    assert cards.titles == ["2 × Rote Rosen – 24 Stück"]
    cards, _ = await anna.taps("Eins weniger")
    assert cards.titles == ["1 × Rote Rosen – 24 Stück"]
    [empty] = await anna.taps("Herausnehmen")
    assert empty.text == "Ihr Warenkorb ist noch leer."
    [empty] = await anna.says("zur Kasse")
    assert empty.text == "Ihr Warenkorb ist noch leer."


@pytest.mark.sqlite_only
async def test_more_than_there_is_cannot_be_put(goods: Goods, anna: Talk) -> None:
    for _ in range(5):
        [put] = await anna.presses(f"1:put:{goods.one_orchid.key}:", "In den Warenkorb")
    assert put.text.startswith("5 × Orchidee")
    [sorry] = await anna.presses(f"1:put:{goods.one_orchid.key}:", "In den Warenkorb")
    assert "5" in sorry.text
    assert not sorry.text.startswith("6 ×")
    async with anna.house.db.reading() as session:
        [line] = (await session.exec(select(BasketLine))).all()
    assert line.quantity == 5


@pytest.mark.sqlite_only
async def test_a_code_typed_alone_is_tried(goods: Goods, anna: Talk) -> None:
    [waits] = await anna.says("ROSEN10")
    assert waits.text == "Der Code ROSEN10 gilt: 10 % auf alles. Er wartet in Ihrem Warenkorb."
    [put] = await anna.presses(f"1:put:{goods.one_orchid.key}:")
    [missing] = await anna.says("rosen10")
    assert "0,10 €" in missing.text
    assert "Zusammen: 24,80 € inkl. MwSt." in missing.text
    [put] = await anna.presses(f"1:put:{goods.dozen.key}:")
    assert put.text.endswith("Zusammen: 55,21 €.")
    [total] = await anna.says(" Rosen 10 ")
    assert "Nachlass: −5,59 €" in total.text
    await anna.taps("Code entfernen")
    _, total = await anna.says("Warenkorb")
    assert "Zusammen: 60,80 € inkl. MwSt." in total.text


@pytest.mark.sqlite_only
async def test_a_code_that_is_over_is_said_to_be_and_an_unknown_word_is_searched(
    goods: Goods, anna: Talk
) -> None:
    async with anna.house.db.transaction() as session:
        yesterday = anna.house.now() - timedelta(days=1)
        await session.exec(update(type(goods.code)).values(valid_until=yesterday))
    [over] = await anna.says("ROSEN10")
    assert "abgelaufen" in over.text
    found = await anna.says("ORCHIDEE")
    assert found[1].titles == ["Orchidee"]
    [sorry] = await anna.says("SOMMER99")
    assert sorry.text.startswith("Ich bin nur ein Bot")
    [asked] = await anna.says("Gutscheincode?")
    assert asked.text.startswith("Schreiben Sie mir einfach den Code")


@pytest.mark.sqlite_only
async def test_deals_are_shown_and_used_at_a_tap(goods: Goods, anna: Talk, house: House) -> None:
    await anna.presses(f"1:put:{goods.dozen.key}:")
    [deals] = await anna.says("Gibt es gerade Angebote?")
    assert deals.titles == ["10 % auf alles"]
    assert deals.subtitles[0] == "Code: ROSEN10 · ab 20,00 € Warenwert · Nur im Herbst."
    [total] = await anna.taps("Code benutzen")
    assert "Nachlass: −3,60 €" in total.text
    async with house.db.transaction() as session:
        await session.exec(update(type(goods.deal)).values(ends_at=house.now()))
    [none] = await anna.says("Angebote")
    assert none.text.startswith("Im Moment läuft keine Aktion.")


async def test_the_order_is_placed_on_a_page_with_the_basket_of_the_chat(
    goods: Goods, anna: Talk
) -> None:
    """Nothing is ever concluded in a chat; the receipt comes back into it."""
    [put] = await anna.presses(f"1:put:{goods.dozen.key}:")
    async with Buyer(anna.house, "de") as buyer:
        link = put.links["Zur Bestellseite"]
        page = await buyer.look(link)
        assert "12 Stück" in page
        assert "zahlungspflichtig bestellen" in page.lower()
        seen = len(anna.shown)
        await buyer.pay(await buyer.place(link.removesuffix("order")))
    [receipt] = await anna.heard(seen)
    order = await last_order(anna.house)
    assert (order.came_from, order.total_minor, order.state) == ("messenger", 4090, "confirmed")
    assert receipt.kind == "receipt"
    assert receipt.template["order_number"] == str(order.number)
    assert receipt.template["summary"]["total_cost"] == 40.9
    assert receipt.template["order_url"].endswith(f"/o/{order.token}")

    [status] = await anna.says("Wo ist meine Bestellung?")
    assert status.text.startswith(f"Bestellung {order.number} vom ")
    assert status.text.endswith("Bezahlt. Summe: 40,90 €.")
    [status] = await anna.says("Where is my order?")
    assert status.text.startswith(f"Order {order.number} of ")
    assert status.text.endswith("Total: €40.90.")
    async with Buyer(anna.house) as other:
        assert str(order.number) in await other.look(status.links["Look at the order"])


@pytest.mark.sqlite_only
async def test_on_instagram_the_receipt_is_a_text(goods: Goods, emma: Talk) -> None:
    [put] = await emma.presses(f"1:put:{goods.one_orchid.key}:", "Into the basket, please")
    async with Buyer(emma.house) as buyer:
        seen = len(emma.shown)
        await buyer.pay(await buyer.place(put.links["To the order page"].removesuffix("order")))
    [receipt] = await emma.heard(seen)
    order = await last_order(emma.house)
    said = f"Thank you, Anna Blum! Your order {order.number} is paid: €24.80."
    assert receipt.text.startswith(said)
    assert order.came_from == "instagram"


@pytest.mark.sqlite_only
async def test_orders_are_shown_only_to_whom_they_belong(goods: Goods, anna: Talk) -> None:
    [put] = await anna.presses(f"1:put:{goods.one_orchid.key}:")
    async with Buyer(anna.house) as buyer:
        await buyer.pay(await buyer.place(put.links["Zur Bestellseite"].removesuffix("order")))
    ben = Talk(anna.house, anna.house.world.meet("Ben Yıldız"))
    [none] = await ben.says("Wo ist meine Bestellung?")
    assert none.text.startswith("Ich kenne in diesem Chat keine Bestellung von Ihnen.")
    order = await last_order(anna.house)
    [none] = await ben.says(f"Wo ist meine Bestellung {order.number}?")
    assert none.text.startswith("Ich kenne in diesem Chat keine Bestellung von Ihnen.")


async def test_a_refund_is_told_in_the_chat(goods: Goods, anna: Talk, house: House) -> None:
    [put] = await anna.presses(f"1:put:{goods.one_orchid.key}:")
    async with Buyer(house) as buyer:
        await buyer.pay(await buyer.place(put.links["Zur Bestellseite"].removesuffix("order")))
    order, seen = await last_order(house), len(anna.shown)
    await sign_in(house)
    way = house.at(f"/counter/orders/{order.key}/refund")
    async with house.http.post(way, data={"reason": "verwelkt"}, allow_redirects=False) as answer:
        assert answer.status == 303
    [told] = await anna.heard(seen)
    assert told.text.startswith(
        f"Wir haben Ihnen 24,80 € für Ihre Bestellung {order.number} zurückgezahlt."
    )
    assert list(told.links) == ["Bestellung ansehen"]


async def counter(house: House, way: str) -> None:
    async with house.http.post(house.at(way), allow_redirects=False) as answer:
        assert answer.status == 303, await answer.text()


async def test_with_a_person_the_bot_is_silent_until_it_is_handed_back(
    goods: Goods, anna: Talk, house: House
) -> None:
    [told] = await anna.says("Ich möchte mit einem Menschen sprechen")
    assert told.text.startswith("Ich habe dem Team Bescheid gesagt.")
    assert await anna.says("Hallo?") == []
    assert await anna.says("Habt ihr Rosen?") == []
    assert await anna.presses("1:browse:0:", "Stöbern") == []
    chat = await anna.conversation()
    assert (chat.owner, chat.unread) == ("human", True)

    await sign_in(house)
    await counter(house, f"/counter/inbox/{chat.key}/bot")
    [hello] = await anna.says("Hallo!")
    assert hello.text.startswith(HELLO)

    await anna.taps("Mit Mensch sprechen")
    await anna.says("Doch nicht.")
    [back] = await anna.taps("Zurück zum Bot")
    assert back.text == "Da bin ich wieder. Was kann ich für Sie tun?"
    assert (await anna.conversation()).owner == "bot"
    assert len(await anna.says("Hallo!")) == 1


@pytest.mark.sqlite_only
async def test_a_person_who_answers_takes_over(goods: Goods, anna: Talk, house: House) -> None:
    await anna.says("Hallo")
    chat = await anna.conversation()
    await sign_in(house)
    async with house.db.reading() as session:
        newest = (await session.exec(select(Message).order_by(col(Message.id).desc()))).first()
    assert newest is not None
    seen = len(anna.shown)
    form = {"mode": "message", "text": "Guten Tag, hier ist Mia.", "seen": str(newest.key)}
    way = house.at(f"/counter/inbox/{chat.key}/reply")
    async with house.http.post(way, data=form, allow_redirects=False) as answer:
        assert answer.status == 303, await answer.text()
    assert [one.text for one in await anna.heard(seen)] == ["Guten Tag, hier ist Mia."]
    assert await anna.says("Habt ihr Rosen?") == []
    assert (await anna.conversation()).owner == "human"


@pytest.mark.sqlite_only
async def test_what_is_no_question_is_not_answered(goods: Goods, anna: Talk, emma: Talk) -> None:
    sticker = {"type": "sticker", "payload": {"url": "https://cdn.example/s", "sticker_id": 3692}}
    assert await anna.says(attachments=[sticker]) == []
    assert await emma.says(attachments=[{"type": "like_heart"}]) == []
    for words in ("ok", "OK!", "👍", "super", "Tschüss", "…", "ja"):
        assert await anna.says(words) == [], words
    [welcome] = await anna.says("Vielen Dank!")
    assert welcome.text == "Sehr gern geschehen!"
    [cannot] = await anna.says(
        attachments=[{"type": "image", "payload": {"url": "https://x.example"}}]
    )
    assert cannot.text.startswith("Ich bin ein Bot und kann mir das nicht ansehen.")


@pytest.mark.sqlite_only
async def test_after_a_day_of_silence_nothing_is_sent(
    goods: Goods, anna: Talk, house: House
) -> None:
    """The e-mail says it anyway; the platform would refuse."""
    [put] = await anna.presses(f"1:put:{goods.one_orchid.key}:")
    yesterday = house.now() - timedelta(hours=24, minutes=1)
    async with house.db.transaction() as session:
        await session.exec(update(Conversation).values(last_customer_at=yesterday))
    anna.thread.last_action_at = yesterday
    seen = len(anna.shown)
    async with Buyer(house) as buyer:
        await buyer.pay(await buyer.place(put.links["Zur Bestellseite"].removesuffix("order")))
    assert (await last_order(house)).state == "confirmed"
    assert await anna.heard(seen) == []
    async with house.db.reading() as session:
        said = (await session.exec(select(Message).where(col(Message.state) != "sent"))).all()
    assert {one.direction for one in said} == {"in"}


ODD_PAYLOADS = (
    "", "0:menu:0:", "2:menu:0:", "1:dance:0:", "1:menu", "1:menu:x:", "1:put:-1:", "1:put:0:",
    "1:put:424242:", "1:put:2147483648:", "1:put:999999999999999999:", "1:put:9999999999999999999:",
    "1:choose:424242:", "1:choose:999999999999999999:", "1:more:424242:", "1:more:9999999999:",
    "1:less:424242:", "1:less:9999999999:", "1:remove:424242:", "1:remove:9999999999:",
    "1:browse:9999999999:", "1:browse:999999999999999999:", "1:use_code:0:", "1:use_code:0:NIX",
    "1:use_code:0:" + "X" * 500, "1:drop_code:0:", "1:checkout:0:", "1:orders:0:", "1:put:٣:",
    "USER_DEFINED_PAYLOAD", '{"action": "buy"}', "1:" * 400, "x" * 1000, "%s", "1:menu:0:\x00",
)  # fmt: skip


async def test_a_button_of_any_age_gets_an_answer(goods: Goods, anna: Talk, house: House) -> None:
    for payload in ODD_PAYLOADS:
        assert await anna.presses(payload, "Ein alter Knopf"), payload
        assert await anna.presses(payload), payload
    async with house.db.reading() as session:
        assert (await session.exec(select(BasketLine))).all() == []


@pytest.mark.sqlite_only
async def test_the_language_follows_the_customers_words(goods: Goods, anna: Talk) -> None:
    [hello] = await anna.says("Hello, good morning")
    assert hello.text.startswith("Hello! I am the bot")
    [deals] = await anna.says("sale")
    assert "Nur im Herbst." in deals.subtitles[0]
    assert list(deals.buttons) == ["Use the code"]
    _, found = await anna.says("Habt ihr noch Rosen?")
    assert list(found.buttons) == ["Auswählen"]
    _, found = await anna.says("Orchidee")
    assert list(found.buttons) == ["In den Warenkorb"]


@pytest.mark.sqlite_only
async def test_another_shops_goods_are_not_to_be_had(
    goods: Goods, anna: Talk, house: House
) -> None:
    from core.shops import open_shop
    from tests.shopping import stock

    async with house.db.transaction() as session:
        other: Shop = await open_shop(session, "kerzen", "Kerzen", now=house.now())
    theirs = await stock(house, other)
    for payload in (f"1:put:{theirs.dozen.key}:", f"1:choose:{theirs.roses.key}:",
                    f"1:more:{theirs.dozen.key}:"):  # fmt: skip
        assert await anna.presses(payload)
    async with house.db.reading() as session:
        assert (await session.exec(select(BasketLine))).all() == []
