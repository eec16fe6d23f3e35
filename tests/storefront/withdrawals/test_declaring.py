"""Withdrawing from a contract: two steps, no account, a receipt with date and time at once."""

import asyncio
import re
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from core.shops import Shop
from storefront.events import WithdrawalReceived
from storefront.legal import names_the_button, starting_text
from storefront.limits import LIMITS
from storefront.models import Storefront, Withdrawal
from storefront.orders.placing import place
from tests.storefront.goods import a_basket, a_form, a_product
from tests.storefront.stall import Stall, all_pages

DECLARED = {"name": "Anna Blum", "contract": "1001", "email": "anna@example.org"}


async def an_order(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, now=stall.clock())
        basket = await a_basket(session, stall.shop, variant, now=stall.clock())
        await place(session, stall.shop, basket, a_form(basket, locale="de"), now=stall.clock())
    await stall.till.work()


async def all_declared(stall: Stall) -> list[Withdrawal]:
    async with stall.db.reading() as session:
        return list((await session.exec(select(Withdrawal))).all())


async def test_the_way_is_on_every_page_and_has_two_steps(stall: Stall) -> None:
    await an_order(stall)
    page = await stall.fan.look("/s/blumen/", **{"Accept-Language": "de"})
    assert "Vertrag widerrufen" in page
    assert 'action="../withdraw"' in await stall.fan.look("/s/blumen/legal/withdrawal")
    page = await stall.fan.send("/s/blumen/withdraw", 200, **DECLARED, scope="Nur die Vase")
    assert "Confirm the withdrawal" in page
    assert "Nur die Vase" in page
    assert await all_declared(stall) == []
    page = await stall.fan.send("/s/blumen/withdraw/confirm", 200, **DECLARED, scope="Nur die Vase")
    assert "Your withdrawal has arrived. We have sent a confirmation to anna@example.org." in page
    await stall.till.work()
    [declared] = await all_declared(stall)
    order = await stall.last_order()
    assert (declared.order_id, declared.scope) == (order.key, "Nur die Vase")
    assert order.concerns == ["withdrawal"]
    [receipt] = [one for one in await stall.mails() if one.about == f"withdrawal:{declared.key}"]
    local = stall.clock().astimezone(ZoneInfo("Europe/Berlin"))
    assert receipt.subject == "We have received your withdrawal"
    assert f"{local:%d.%m.%Y %H:%M:%S}" in receipt.text
    assert "Nur die Vase" in receipt.html


async def test_pressing_twice_declares_once_and_writes_once(stall: Stall) -> None:
    for _ in range(2):
        await stall.fan.send("/s/blumen/withdraw/confirm", 200, **DECLARED)
    assert len(await all_declared(stall)) == 1
    assert len([one for one in stall.db.seen if isinstance(one, WithdrawalReceived)]) == 1
    await stall.till.work()
    assert len(await stall.mails()) == 1


async def test_two_presses_at_the_same_moment_are_one_declaration(each_stall: Stall) -> None:
    await asyncio.gather(
        *(each_stall.fan.send("/s/blumen/withdraw/confirm", 200, **DECLARED) for _ in range(4))
    )
    assert len(await all_declared(each_stall)) == 1
    assert len([one for one in each_stall.db.seen if isinstance(one, WithdrawalReceived)]) == 1


async def test_what_fits_no_order_can_be_answered_too(stall: Stall) -> None:
    await stall.fan.send("/s/blumen/~shop-de/withdraw/confirm", 200, **DECLARED, scope="Vase")
    [case] = await all_declared(stall)
    await stall.sign_in()
    await stall.fan.send(f"/counter/withdrawals/{case.key}/reject", reason="Kein Vertrag mit uns.")
    await stall.till.work()
    letter = (await stall.mails())[-1]
    assert (letter.recipient, letter.subject) == ("anna@example.org", "Zu Ihrem Widerruf")
    for text in (letter.text, letter.html):
        assert "Kein Vertrag mit uns." in text
        assert "1001" in text


async def test_a_declaration_counts_even_if_it_fits_no_order(stall: Stall) -> None:
    await an_order(stall)
    for contract, email in (("1001", "other@example.org"), ("der Strauß vom Montag", "a@example.org"),
                            ("Nr. 999999999 und 0", "a@example.org")):  # fmt: skip
        await stall.fan.send(
            "/s/blumen/withdraw/confirm", 200, name="Anna", contract=contract, email=email
        )
    await stall.till.work()
    assert [one.order_id for one in await all_declared(stall)] == [None, None, None]
    assert (await stall.last_order()).concerns == []


@pytest.mark.parametrize("step", ["withdraw", "withdraw/confirm"])
async def test_what_is_missing_is_asked_for_and_the_rest_stays(stall: Stall, step: str) -> None:
    page = await stall.fan.send(f"/s/blumen/{step}", 422, **(DECLARED | {"email": "anna"}))
    assert "Please enter an e-mail address like name@example.org." in page
    assert 'value="Anna Blum"' in page
    assert await all_declared(stall) == []


async def test_the_answer_tells_nobody_whether_number_and_address_belong_together(
    stall: Stall,
) -> None:
    """The same page, the same status, and the same letter; the order is looked up afterwards."""
    await an_order(stall)
    pages, letters = [], []
    for email in ("anna@example.org", "other@example.org"):
        page = await stall.fan.send(
            "/s/blumen/withdraw/confirm", 200, name="Anna Blum", contract="1001", email=email
        )
        assert [one.order_id for one in await all_declared(stall) if one.email == email] == [None]
        await stall.till.work()
        [letter] = [one for one in await stall.mails() if one.recipient == email
                    and one.about.startswith("withdrawal:")]  # fmt: skip
        pages.append(page.replace(email, "…"))
        letters.append((letter.subject, letter.text.replace(email, "…")))
    assert pages[0] == pages[1]
    assert letters[0] == letters[1]
    fitting, other = await all_declared(stall)
    assert (fitting.order_id, other.order_id) == ((await stall.last_order()).key, None)


async def test_many_declarations_count_and_only_their_letters_wait(stall: Stall) -> None:
    for number in range(20):
        told = DECLARED | {"email": f"a{number}@example.org"}
        await stall.fan.send("/s/blumen/withdraw/confirm", 200, **told)
    page = await stall.fan.send("/s/blumen/withdraw/confirm", 200, **DECLARED)
    assert "the confirmation to anna@example.org follows a little later" in page
    assert len(await all_declared(stall)) == 21
    await stall.till.work()
    assert len(await stall.mails()) == 20
    stall.clock.advance(minutes=4)
    await stall.till.work()
    assert (await stall.mails())[-1].recipient == "anna@example.org"


async def test_what_no_household_can_mean_is_asked_to_come_again_and_nothing_is_lost(
    stall: Stall,
) -> None:
    for number in range(200):
        sender = f"{stall.shop.key}:127.0.0.1"
        stall.app[LIMITS].declarations.spend(sender, now=stall.clock())
        assert number < 200
    page = await stall.fan.send("/s/blumen/withdraw/confirm", 429, **DECLARED)
    assert "Nothing is lost: please press the button again in 1 minutes" in page
    assert 'name="email" value="anna@example.org"' in page
    assert await all_declared(stall) == []
    stall.clock.advance(minutes=1)
    await stall.fan.send("/s/blumen/withdraw/confirm", 200, **DECLARED)
    assert len(await all_declared(stall)) == 1


@pytest.mark.parametrize("page", ["", "search?q=x", "basket", "legal/terms", "withdraw"])
async def test_the_button_is_on_every_page_without_a_sign_in(stall: Stall, page: str) -> None:
    german = {"Accept-Language": "de"}
    text = await stall.fan.look(f"/s/blumen/{page}", **german)
    found = re.search(r'<a class="button[^"]*" href="([^"]*withdraw)">.*?Vertrag widerrufen', text)
    assert found is not None
    form = await stall.fan.look("/s/blumen/withdraw", **german)
    asked = re.findall(r'<(?:input|textarea) id="field-[^"]*" name="([a-z]+)"', form)
    assert asked == ["name", "contract", "email", "scope"]


async def test_the_second_steps_button_says_what_the_law_says(stall: Stall) -> None:
    answer = await stall.fan.send("/s/blumen/~shop-de/withdraw", 200, **DECLARED)
    assert re.search(r"<button[^>]*><span>Widerruf bestätigen</span></button>", answer)


def test_the_notice_to_start_from_names_the_button() -> None:
    _, pages = all_pages()
    window = Storefront(shop_id=1)
    for locale, label, days in (("de", "Vertrag widerrufen", "vierzehn"),
                                ("en", "Withdraw from a contract", "fourteen")):  # fmt: skip
        text = starting_text(pages, "withdrawal", Shop(slug="s", name="S"), window, locale)
        assert label in text
        assert days in text
    assert names_the_button(window)
    assert not names_the_button(Storefront(shop_id=1, withdrawal="Schreiben Sie uns."))
    assert names_the_button(Storefront(shop_id=1, withdrawal="… „Vertrag widerrufen“ …"))
