"""The page that says whether the money is right, and mends what is not."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestServer, unused_port
from sqlmodel import select

from core.money import Money
from core.vault import VAULT, Vault
from payments import admin_health
from payments.accounts import note_problem
from payments.admin_health import WAY_TO
from payments.clients import STRIPES
from payments.ledger import add_entry
from payments.models import MissingMoney, Refund
from payments.payables import lock_reference
from payments.reconciling import catch_up
from payments.troubles import troubles
from staff.members import hire
from staff.passwords import Passwords
from tests.payments.test_disputes import a_dispute
from tests.payments.test_failed_refunds import a_failed_one
from tests.payments.till import REFERENCE, VAULT_KEY, Till
from tests.staff.conftest import PASSWORD, QUICK, Browser, counter_app

PAGE = "/counter/health/payments"


@pytest.fixture
async def browser(till: Till) -> AsyncIterator[Browser]:
    """Signed in as somebody who is no owner: refunds are everyday work."""
    port, passwords = unused_port(), Passwords(QUICK)
    async with till.db.transaction() as session:
        for name, role in (("Anna Beet", "owner"), ("Ben Ast", "agent")):
            await hire(
                session, till.shop.key, name, f"{role}@blumen.example", role,  # type: ignore[arg-type]
                password=PASSWORD, passwords=passwords, locale="en", now=till.clock(),
            )  # fmt: skip
    app = counter_app(till.db, till.clock, passwords, origin=f"http://127.0.0.1:{port}")
    app[VAULT], app[STRIPES] = Vault(VAULT_KEY), till.stripes
    app[WAY_TO] = lambda reference: f"/counter/orders/{reference.removeprefix('order-')}"
    app.add_routes(admin_health.routes)
    async with Browser(TestServer(app, port=port), cookie_jar=CookieJar(unsafe=True)) as opened:
        await opened.sign_in("agent@blumen.example")
        yield opened


async def shown(browser: Browser) -> str:
    answer = await browser.open(PAGE)
    assert answer.status == 200
    return " ".join(str(await answer.text()).split())


async def much_later(till: Till, browser: Browser, **parts: float) -> None:
    """Whoever was signed in has to sign in again."""
    till.clock.advance(**parts)
    await browser.sign_in("agent@blumen.example")


async def test_when_all_is_well_it_says_so(till: Till, browser: Browser) -> None:
    await till.buyer(await till.begin(), "pay")
    await till.work()
    await till.run(catch_up)
    page = await shown(browser)
    for sentence in (
        "No payment is disputed.", "Every refund went out, or is on its way.",
        "Everything in the books stands at Stripe too.", "Test mode: nothing is charged.",
        "Every payment had the sum that was asked for.",
    ):  # fmt: skip
        assert sentence in page
    assert "never yet" not in page


async def test_what_had_to_be_fetched_is_counted(till: Till, browser: Browser) -> None:
    await till.control("/lost-events", type="", times=9)
    await till.buyer(await till.begin(), "pay")
    async with till.db.transaction() as session:
        attempt = await session.merge(await till.attempt())
        attempt.check_at = None
    await till.run(catch_up)
    page = await shown(browser)
    assert 'Fetched (7 days)</p><p class="stat-value">1</p>' in page
    await much_later(till, browser, days=8)
    assert 'Fetched (7 days)</p><p class="stat-value">0</p>' in await shown(browser)


async def test_a_comparison_that_broke_off_is_told(till: Till, browser: Browser) -> None:
    await till.fault("503", "/v1/refunds", times=1)
    await till.run(catch_up)
    assert "The last comparison broke off." in await shown(browser)


async def test_disputes_stand_with_the_days_that_are_left(till: Till, browser: Browser) -> None:
    dispute_id = await a_dispute(till)
    page = await shown(browser)
    assert f"https://dashboard.stripe.com/test/disputes/{dispute_id}" in page
    assert "Do not refund it now: you would pay twice." in page
    assert 'href="/counter/orders/1"' in page
    await much_later(till, browser, days=8, minutes=1)
    assert "Answer today: this is the last day." in await shown(browser)
    await much_later(till, browser, days=1)
    assert "The time to answer is over." in await shown(browser)


async def test_a_failed_refund_is_noted_as_paid_by_other_means(
    till: Till, browser: Browser
) -> None:
    refund = await a_failed_one(till, 1000)
    assert "The buyer's card is expired or cancelled." in await shown(browser)
    assert (await browser.send(f"{PAGE}/refunds/{refund.key}/paid-elsewhere")).status == 303
    page = await shown(browser)
    assert "Noted: you have paid it back yourself." in page
    assert "Refunds that failed" not in page
    assert till.told == ["RefundPaidElsewhere"]
    await browser.send(f"{PAGE}/refunds/{refund.key}/again")
    assert "This refund is not open any more." in await shown(browser)
    async with till.db.reading() as session:
        [row] = (await session.exec(select(Refund))).all()
    assert (row.resolution, row.resolved_by) == ("elsewhere", "Ben Ast")


async def test_of_a_failed_refund_only_what_is_left_can_go_back(
    till: Till, browser: Browser
) -> None:
    refund = await a_failed_one(till, 1000)
    await till.refund_in_the_dashboard(2500)
    await till.work()
    page = await shown(browser)
    assert "<strong>€4.80</strong>" in page
    assert "€10.00 were to go back, but only this is left" in page
    await browser.send(f"{PAGE}/refunds/{refund.key}/again")
    await till.work()
    assert "Refunds that failed" not in await shown(browser)
    assert [one.amount_minor for one in await till.refunds()] == [1000, 2500, 480]


async def test_a_failed_refund_is_tried_again(till: Till, browser: Browser) -> None:
    refund = await a_failed_one(till, 1000)
    assert (await browser.send(f"{PAGE}/refunds/{refund.key}/again")).status == 303
    assert "Refunds under way" in await shown(browser)
    await till.work()
    assert [one.state for one in await till.refunds()] == ["failed", "succeeded"]
    assert "Refunds under way" not in await shown(browser)


async def test_only_an_owner_says_that_missing_money_was_looked_at(
    till: Till, browser: Browser
) -> None:
    await till.expect()
    async with till.db.transaction() as session:
        payable = await lock_reference(session, till.shop.key, REFERENCE)
        await add_entry(
            session, payable, "capture", "pi_forged", Money(2980, "EUR"), intent_id="pi_forged",
            now=till.clock(),
        )  # fmt: skip
    await till.run(catch_up)
    assert "pi_forged" in await shown(browser)
    async with till.db.reading() as session:
        [missing] = (await session.exec(select(MissingMoney))).all()
    seen = f"{PAGE}/missing/{missing.id}/seen"
    assert (await browser.send(seen)).status == 403
    await browser.send("/counter/sign-out")
    await browser.sign_in("owner@blumen.example")
    assert (await browser.send(seen)).status == 303
    assert "pi_forged" not in await shown(browser)


async def test_other_sums_than_expected_stand_until_they_went_back(
    till: Till, browser: Browser
) -> None:
    page = await till.begin()
    till.world.accounts["acct_flowers"].things["checkout.session"][page]["amount_total"] = 100
    await till.buyer(page, "pay")
    await till.work()
    assert till.told == ["PaymentMismatched"]
    assert "Other amounts than expected" in await shown(browser)


async def sentences(till: Till) -> list[tuple[str, dict[str, object]]]:
    async with till.db.reading() as session:
        found = await troubles(session, till.shop.key, now=till.clock())
    return [(one.sentence, one.details) for one in found]


async def test_the_start_page_tells_what_needs_somebody_today(till: Till) -> None:
    assert await sentences(till) == []
    await a_dispute(till)
    till.clock.advance(hours=12)
    assert await sentences(till) == [
        ("A payment is disputed: %(days)s days left to answer.", {"days": 9})
    ]
    async with till.db.transaction() as session:
        await note_problem(session, till.shop.key, "key_rejected", now=till.clock())
    told = [sentence for sentence, _ in await sentences(till)]
    assert told[0] == "Nobody can pay at the moment: Stripe refuses it."
    till.clock.advance(timedelta(days=20))
    assert (await sentences(till))[1][1] == {"days": 0}
