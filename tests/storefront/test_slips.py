"""Packing slips: what is in the parcel and a kind word, and never a price."""

import re
import zlib
from datetime import timedelta

from fpdf import FPDF

from storefront.orders.sending import write_personal_line
from storefront.shipping.finding import parcels_of
from storefront.shipping.slip_drawing import draw
from storefront.shipping.slips import personal_line, slip_of
from storefront.storefronts import edit_storefront, find_storefront
from tests.storefront.parcels import a_paid_order, do, send
from tests.storefront.stall import Stall, all_pages


def pages_in(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf))


def words_in(pdf: bytes) -> int:
    """How many pieces of text are drawn."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
    drawn = 0
    for one in streams:
        try:
            drawn += zlib.decompress(one).count(b" Tj")
        except zlib.error:
            continue
    return drawn


async def test_a_slip_says_what_is_in_the_parcel_and_no_price(stall: Stall) -> None:
    order, [first, _] = await a_paid_order(
        stall, 3, 1, price=0, card_text="Alles Liebe 🎉\nDeine Eva", recipient="Oma Käthe",
        wish_date=(stall.today + timedelta(days=1)).isoformat(), locale="en",
    )  # fmt: skip
    await send(stall, order, {first.key: 2})
    _, pages = all_pages()
    async with stall.db.reading() as session:
        [parcel] = await parcels_of(session, order)
        slip = await slip_of(session, pages, stall.shop, order, parcel)
        before = await slip_of(session, pages, stall.shop, order, None)
    assert [(pieces, name) for pieces, name, _ in slip.goods] == [(2, "Ware 1")]
    assert [(pieces, name) for pieces, name, _ in slip.rest] == [(1, "Ware 1"), (1, "Ware 2")]
    assert [(pieces, name) for pieces, name, _ in before.goods] == [(1, "Ware 1"), (1, "Ware 2")]
    assert list(slip.recipient) == ["Oma Käthe", "Gartenweg 3", "01067 Dresden"]
    assert (slip.card_from, slip.parcel, slip.wish_date) == ("Anna Blum", 1, order.wish_date)
    assert slip.translate("Packing slip") == "Packing slip"
    assert not any(word in repr(slip) for word in ("minor", "EUR", "€"))
    pdf = draw([slip, before])
    assert (pdf[:5], pages_in(pdf)) == (b"%PDF-", 2)
    assert words_in(pdf) > 20


async def test_a_long_order_keeps_its_card_whole_on_a_sheet_of_its_own(stall: Stall) -> None:
    order, _ = await a_paid_order(stall, *[1] * 14, card_text="Herzlich " * 50, locale="de")
    _, pages = all_pages()
    async with stall.db.reading() as session:
        slip = await slip_of(session, pages, stall.shop, order, None)
    assert len(slip.goods) == 14
    assert pages_in(draw([slip])) == 2


async def test_the_personal_line_is_the_orders_own_or_the_shops(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, slip_line_de="Viel Freude, {name}!",
                              slip_line_en="Enjoy it, {name}!")  # fmt: skip
    german, _ = await a_paid_order(stall, 1, locale="de")
    english, _ = await a_paid_order(stall, 1, locale="en", recipient="Kate")
    await do(stall, write_personal_line, german, text="Bis bald, {name} {x} %s")
    async with stall.db.reading() as session:
        window = await find_storefront(session, stall.shop.key)
        own = await session.get_one(type(german), german.key)
        assert personal_line(window, own) == "Bis bald, Anna Blum {x} %s"
        assert personal_line(window, german) == "Viel Freude, Anna Blum!"
        assert personal_line(window, english) == "Enjoy it, Kate!"


async def test_what_our_fonts_cannot_draw_is_left_out_of_the_card(stall: Stall) -> None:
    from storefront.shipping.slip_drawing import SlipPaper

    order, _ = await a_paid_order(stall, 1)
    _, pages = all_pages()
    async with stall.db.reading() as session:
        slip = await slip_of(session, pages, stall.shop, order, None)
    paper = SlipPaper([slip])
    assert isinstance(paper, FPDF)
    assert paper.clean("Für Dich 🎉\n漢 alles  Gute") == "Für Dich\nalles Gute"
    paper.add_page()
    paper.output()  # lets go of the font files


async def test_the_slips_of_a_day_are_printed_in_one_go(stall: Stall) -> None:
    today = stall.today
    for wished in (today, today, today + timedelta(days=1), None):
        await a_paid_order(stall, 1, **({"wish_date": wished.isoformat()} if wished else {}))
    await stall.sign_in()
    printed = {}
    for day in ("today", "tomorrow", "any", "overdue"):
        answer = await stall.fan.get(f"/counter/orders/slips.pdf?day={day}", allow_redirects=False)
        body = await answer.read()
        printed[day] = pages_in(body) if answer.content_type == "application/pdf" else answer.status
    assert printed == {"today": 2, "tomorrow": 1, "any": 1, "overdue": 303}
