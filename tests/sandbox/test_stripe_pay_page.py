"""The payment page: in a plain browser without scripts, and in a real one with them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.build import build_sandbox
from sandbox.languages import words
from sandbox.stripe import pay_form
from tests.sandbox.browsing import chromium, nothing_wrong
from tests.sandbox.stripe_kit import Stage, line, stage

CARD = {
    "email": "anna@example.com",
    "name": "Anna",
    "country": "DE",
    "way": "card",
    "card": "4242 4242 4242 4242",
    "expiry": "12/34",
    "cvc": "123",
}


@pytest.fixture
async def on_stage() -> AsyncIterator[Stage]:
    async with stage() as made:
        yield made


async def see(at: Stage, url: str, status: int = 200, **headers: str) -> str:
    async with at.http.get(url, headers=headers) as answer:
        assert answer.status == status
        return await answer.text()


async def send(at: Stage, url: str, **fields: str) -> tuple[int, str, str]:
    async with at.http.post(url, data=fields, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", ""), await answer.text()


async def state(at: Stage, session: Any) -> tuple[str, str]:
    found = await at.stripe.v1.checkout.sessions.retrieve_async(session.id)
    return found.status, found.payment_status


async def test_paying_leads_back_to_the_shop_with_the_sessions_id(on_stage: Stage) -> None:
    session = await on_stage.order()
    status, location, _ = await send(on_stage, session.url, **CARD)
    assert (status, location) == (303, f"https://shop.example/paid?s={session.id}")
    assert await state(on_stage, session) == ("complete", "paid")


async def test_the_page_shows_lines_shipping_total_and_the_way_back(on_stage: Stage) -> None:
    rate = {"display_name": "DHL", "fixed_amount": {"amount": 490, "currency": "eur"}}
    session = await on_stage.order(
        line_items=[line(2490, quantity=2)],
        shipping_options=[{"shipping_rate_data": rate}],
        customer_email="anna@example.com",
        locale="de",
    )
    page = await see(on_stage, session.url)
    for text in ("Blaues Hemd", "2 × 24,90\u00a0€", "4,90\u00a0€", "54,70\u00a0€"):
        assert text in page
    assert 'href="https://shop.example/basket"' in page
    assert "anna@example.com" in page
    assert 'name="email"' not in page


@pytest.mark.parametrize(
    ("locale", "spoken", "title"),
    [
        ("auto", "en", "Pay · Blumen Krüger"),
        ("auto", "de-DE,de", "Bezahlen · Blumen Krüger"),
        ("auto", "fr", "Bezahlen · Blumen Krüger"),
        ("de", "en", "Bezahlen · Blumen Krüger"),
        ("en-GB", "de", "Pay · Blumen Krüger"),
    ],
)
async def test_the_page_speaks_the_shops_language_or_the_readers(
    locale: str, spoken: str, title: str, on_stage: Stage
) -> None:
    session = await on_stage.order(locale=locale)
    headers = {"Accept-Language": spoken}
    assert f"<title>{title}</title>" in await see(on_stage, session.url, **headers)
    if locale == "de":
        assert "<title>Pay ·" in await see(on_stage, session.url + "?lang=en", **headers)


def test_every_sentence_of_the_pages_has_its_german() -> None:
    texts = words("de").texts
    code = Path(pay_form.__file__)
    found = set(pay_form.DECLINES.values()) | {pay_form.DECLINED}
    found |= {what for _, what in (*pay_form.TRY_CARDS, *pay_form.TRY_IBANS)}
    found |= set(re.findall(r'errors\["?\w+"?\] = "(.+?)"', code.read_text()))
    for folder in ("stripe", "mail"):
        for path in (code.parent.parent / "templates" / folder).glob("*.html"):
            found |= set(re.findall(r"_\([\"'](.+?)[\"']\)", path.read_text()))
    assert len(found) > 80
    assert found - texts.keys() == set()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "anna"}, "email"),
        ({"name": " "}, "name"),
        ({"card": ""}, "card"),
        ({"card": "4111111111111111"}, "card"),
        ({"card": "<script>"}, "card"),
        ({"card": "4000000000000002"}, "card"),
        ({"card": "4000000000009995"}, "card"),
        ({"expiry": "13/34"}, "expiry"),
        ({"expiry": "12/20"}, "expiry"),
        ({"expiry": "soon"}, "expiry"),
        ({"cvc": "12"}, "cvc"),
        ({"way": "sepa_debit", "iban": "DE00"}, "iban"),
        ({"way": "sepa_debit", "iban": "DE89370400440532013001"}, "iban"),
    ],
)
async def test_a_form_that_does_not_fit_says_where_and_keeps_what_was_typed(
    wrong: dict[str, str], field: str, on_stage: Stage
) -> None:
    session = await on_stage.order()
    status, _, page = await send(on_stage, session.url, **{**CARD, **wrong})
    assert status == 422
    assert f'id="{field}-problem"' in page
    assert "<script>" not in page
    assert (wrong.get("name") is not None) or 'value="Anna"' in page
    assert await state(on_stage, session) == ("open", "unpaid")


async def test_the_address_and_phone_are_asked_for_where_the_shop_wants_them(
    on_stage: Stage,
) -> None:
    session = await on_stage.order(
        shipping_address_collection={"allowed_countries": ["AT"]},
        phone_number_collection={"enabled": True},
    )
    status, _, page = await send(on_stage, session.url, **CARD)
    assert status == 422
    for field in ("line1", "postal_code", "city", "phone"):
        assert f'id="{field}-problem"' in page
    place = {"line1": "Gasse 1", "postal_code": "1010", "city": "Wien", "phone": "+43 1 234567"}
    assert (await send(on_stage, session.url, **CARD, **place))[0] == 303
    paid = await on_stage.stripe.v1.checkout.sessions.retrieve_async(session.id)
    shipped_to = paid.collected_information.shipping_details
    assert (shipped_to.name, shipped_to.address.country) == ("Anna", "AT")
    assert paid.customer_details.phone == "+43 1 234567"


async def test_a_declined_card_can_be_followed_by_a_good_one(on_stage: Stage) -> None:
    session = await on_stage.order()
    status, _, page = await send(on_stage, session.url, **{**CARD, "card": "4000000000009995"})
    assert status == 422
    assert "nicht gedeckt. Bitte nehmen Sie eine andere" in page
    assert (await send(on_stage, session.url, **CARD))[0] == 303
    assert await state(on_stage, session) == ("complete", "paid")


async def test_a_bank_debit_is_settled_by_hand(on_stage: Stage) -> None:
    session = await on_stage.order()
    debit = {"way": "sepa_debit", "iban": "DE89 3704 0044 0532 0130 00", "outcome": "hand"}
    assert (await send(on_stage, session.url, **{**CARD, **debit}))[0] == 303
    await on_stage.control("POST", "/clock", advance_s=86_400)
    assert await state(on_stage, session) == ("complete", "unpaid")
    page = await see(on_stage, session.url)
    assert "Die Lastschrift ist unterwegs" in page
    status, location, _ = await send(on_stage, f"{session.url}/settle")
    assert (status, location) == (303, f"/pay/{session.id}")
    assert await state(on_stage, session) == ("complete", "paid")
    assert (await send(on_stage, f"{session.url}/fail"))[0] == 409


async def test_a_bank_debit_answers_by_itself_after_its_time(on_stage: Stage) -> None:
    session = await on_stage.order()
    debit = {"way": "sepa_debit", "iban": "DE62370400440532013001", "outcome": "soon"}
    await send(on_stage, session.url, **{**CARD, **debit})
    await on_stage.control("POST", "/clock", advance_s=21)
    assert "Die Bank hat die Lastschrift zurückgegeben" in await see(on_stage, session.url)


async def test_a_test_number_fills_in_the_form_without_scripts(on_stage: Stage) -> None:
    session = await on_stage.order()
    status, _, page = await send(on_stage, session.url, fill="4000000000009995", name="Anna")
    assert status == 200
    assert 'value="4000000000009995"' in page
    assert 'value="Anna"' in page
    assert await state(on_stage, session) == ("open", "unpaid")


async def test_nobody_pays_a_total_they_were_not_shown(on_stage: Stage) -> None:
    options = [
        {
            "shipping_rate_data": {
                "display_name": name,
                "fixed_amount": {"amount": amount, "currency": "eur"},
            }
        }
        for name, amount in (("DHL", 490), ("Fahrrad", 900))
    ]
    session = await on_stage.order(shipping_options=options)
    bike = {"shipping_rate": session.shipping_options[1].shipping_rate, "seen": "1780"}
    status, _, page = await send(on_stage, session.url, **CARD, **bike)
    assert status == 422
    assert "21,90\u00a0€" in page
    assert await state(on_stage, session) == ("open", "unpaid")
    assert (await send(on_stage, session.url, **CARD, **{**bike, "seen": "2190"}))[0] == 303
    paid = await on_stage.stripe.v1.checkout.sessions.retrieve_async(session.id)
    assert paid.amount_total == 2190


async def test_a_free_order_asks_for_no_card(on_stage: Stage) -> None:
    session = await on_stage.order(0)
    page = await see(on_stage, session.url)
    assert 'name="card"' not in page
    assert (await send(on_stage, session.url, email="anna@example.com"))[0] == 303
    assert await state(on_stage, session) == ("complete", "no_payment_required")


@pytest.mark.parametrize(
    ("action", "text"),
    [
        ("pay", "Diese Zahlung ist abgeschlossen"),
        ("expire", "Diese Zahlungsseite ist abgelaufen"),
    ],
)
async def test_whoever_comes_too_late_sees_how_it_ended(
    action: str, text: str, on_stage: Stage
) -> None:
    session = await on_stage.order()
    await on_stage.act(session.id, action)
    before = await state(on_stage, session)
    assert text in await see(on_stage, session.url)
    status, _, page = await send(on_stage, session.url, **CARD)
    assert status == 409
    assert text in page
    assert await state(on_stage, session) == before


async def test_an_address_nobody_made_is_a_404_in_words(on_stage: Stage) -> None:
    assert "Diese Zahlung gibt es nicht" in await see(on_stage, f"{on_stage.url}/pay/cs_1", 404)
    for path in ("/pay/cs_1", "/pay/cs_1/settle"):
        assert (await send(on_stage, on_stage.url + path))[0] == 404
    session = await on_stage.order()
    assert (await send(on_stage, f"{session.url}/steal"))[0] == 404


async def test_all_payments_are_listed_for_people(on_stage: Stage) -> None:
    assert "Noch hat niemand bezahlt" in await see(on_stage, f"{on_stage.url}/pay")
    session = await on_stage.order()
    await on_stage.act(session.id, "pay", email="anna@example.com")
    page = await see(on_stage, f"{on_stage.url}/pay")
    assert f'href="/pay/{session.id}"' in page
    assert "anna@example.com" in page


async def test_a_receipt_can_be_read(on_stage: Stage) -> None:
    session = await on_stage.order()
    await on_stage.act(session.id, "pay")
    charge = (await on_stage.stripe.v1.charges.list_async()).data[0]
    assert "12,90\u00a0€" in await see(on_stage, charge.receipt_url)
    await see(on_stage, f"{on_stage.url}/pay/receipts/ch_1", 404)


async def test_what_the_shop_sent_cannot_become_markup(on_stage: Stage) -> None:
    product = {"name": "<b>x</b>", "description": "<script>1</script>"}
    price = {"currency": "eur", "unit_amount": 100, "product_data": product}
    session = await on_stage.order(line_items=[{"price_data": price, "quantity": 1}])
    page = await see(on_stage, session.url)
    assert "<b>x" not in page
    assert "<script>1" not in page


async def test_the_form_may_lead_to_the_shop_and_nowhere_else(on_stage: Stage) -> None:
    session = await on_stage.order()
    async with on_stage.http.get(session.url) as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "form-action 'self' https://shop.example;" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.fixture
async def browser() -> AsyncIterator[Any]:
    async with chromium() as opened:
        yield opened


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
async def test_a_person_pays_with_the_keyboard_on_a_page_everyone_can_use(
    width: int, scheme: Any, browser: Any
) -> None:
    async with stage(build=build_sandbox) as at:
        session = await at.order(
            cancel_url=f"{at.url}/mail",
            success_url=f"{at.url}/mail?s={{CHECKOUT_SESSION_ID}}",
        )
        context = await browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, locale="de-DE"
        )
        page = await context.new_page()
        await page.goto(session.url)
        await nothing_wrong(page)
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        await page.get_by_role("button", name="12,90 € bezahlen").press("Enter")
        await page.wait_for_selector(".summary")
        await nothing_wrong(page)
        await page.get_by_role("button", name="9995 ist nicht gedeckt").press("Enter")
        await page.keyboard.press("Enter")
        await page.get_by_text("Diese Karte ist nicht gedeckt").wait_for()
        await page.get_by_role("button", name="4242 geht durch").press("Enter")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/mail?s={session.id}")
        assert await state(at, session) == ("complete", "paid")
        await page.goto(session.url)
        await nothing_wrong(page)
        await page.goto(f"{at.url}/pay")
        await nothing_wrong(page)
        await context.close()


@pytest.mark.browser
async def test_the_page_of_a_debit_follows_the_bank_live(browser: Any) -> None:
    async with stage(build=build_sandbox) as at:
        session = await at.order()
        await at.act(session.id, "delay")
        page = await browser.new_page(locale="en")
        await page.goto(f"{session.url}?lang=en")
        await page.get_by_text("The bank debit is under way").wait_for()
        await at.act(session.id, "settle")
        await page.get_by_text("This payment is complete").wait_for(timeout=5000)
