"""Shops under the platform's account: the same money, in the name of another account."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import select
from stripe import WebhookSignature

from core.incoming import Incoming
from core.money import Money
from payments.accounts import get_account
from payments.connecting import connect, onboarding_link
from payments.errors import PaymentsPaused
from payments.models import StripeAccount
from payments.pay_page import platform_fee
from payments.readiness import look_at_account
from payments.reconciling import catch_up
from payments.refunds import request_refund
from tests.payments.till import CONNECT_SECRET, PLATFORM_KEY, REFERENCE, Till

BACK = "https://shop.example/counter/settings/payments"


async def account_of(till: Till) -> StripeAccount:
    async with till.db.reading() as session:
        return await get_account(session, till.shop.key)


def things(till: Till, account: StripeAccount, kind: str) -> list[Any]:
    till.world.run_due()
    return list(till.world.accounts[account.account_id or ""].things[kind].values())


async def asked(till: Till, way: str, account: StripeAccount) -> None:
    await till.control(f"/accounts/{account.account_id}/{way}")
    await till.work()


@pytest.fixture
async def joined(till: Till) -> Till:
    """A shop whose account stands under the platform's and may take payments."""
    made = await connect(till.db, till.stripes, till.clock, shop_id=till.shop.key, by="Anna")
    await asked(till, "complete", made)
    till.db.seen.clear()
    return till


async def test_an_account_is_made_once_and_led_to_stripes_form(till: Till) -> None:
    told = [
        await connect(till.db, till.stripes, till.clock, shop_id=till.shop.key, by="Anna")
        for _ in range(2)
    ]
    assert told[0].account_id == told[1].account_id
    assert len(till.world.accounts) == 3
    assert (told[1].charges_enabled, told[1].is_connected) == (False, True)
    assert "external_account" in told[1].requirements
    link = await onboarding_link(till.stripes, told[1], back=BACK, again=f"{BACK}/again")
    async with till.http.get(link) as page:
        assert "external_account" in await page.text()
    async with till.http.post(link, allow_redirects=False) as answer:
        assert answer.headers["Location"] == BACK
    async with till.http.get(link, allow_redirects=False) as again:
        assert again.headers["Location"] == f"{BACK}/again"
    await till.work()
    assert (await account_of(till)).charges_enabled is True


async def test_an_answer_that_got_lost_does_not_make_two_accounts(till: Till) -> None:
    await till.fault("cut_after_success", "/v1/accounts")
    with pytest.raises(Exception, match="cannot be reached"):
        await connect(till.db, till.stripes, till.clock, shop_id=till.shop.key, by="Anna")
    till.pass_time(minutes=3)
    made = await connect(till.db, till.stripes, till.clock, shop_id=till.shop.key, by="Anna")
    assert made.account_id is not None
    assert len(till.world.accounts) == 3


async def test_nobody_can_pay_before_stripe_says_so(till: Till) -> None:
    await connect(till.db, till.stripes, till.clock, shop_id=till.shop.key, by="Anna")
    await till.expect()
    with pytest.raises(PaymentsPaused):
        await till.open()
    assert await till.attempts() == []


async def test_a_payment_stands_in_the_connected_account_and_the_platform_keeps_its_part(
    joined: Till,
) -> None:
    account = await account_of(joined)
    page = await joined.begin()
    await joined.buyer(page, "pay")
    await joined.work()
    assert joined.told == ["PaymentSucceeded"]
    assert joined.at_stripe() == []
    [session] = things(joined, account, "checkout.session")
    assert session["id"] == page
    [intent] = things(joined, account, "payment_intent")
    assert intent["application_fee_amount"] == 75
    kept = things(joined, joined_platform(), "balance_transaction")
    assert [one["amount"] for one in kept if one["type"] == "application_fee"] == [75]


def joined_platform() -> Any:
    return StripeAccount(
        shop_id=0, sealed_key="", key_hint="", path_token="", livemode=False,
        account_id="acct_platform", connected_at=datetime.now(UTC),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("minor", "currency", "fee"),
    [(2980, "EUR", 75), (20, "EUR", 1), (19, "EUR", 0), (1990, "JPY", 50)],
)
def test_the_fee_is_rounded_half_up_in_stripes_units(minor: int, currency: str, fee: int) -> None:
    assert platform_fee(Money(minor, currency), 250) == fee


async def test_refunds_disputes_and_lists_work_in_its_name(joined: Till) -> None:
    page = await joined.begin()
    await joined.buyer(page, "pay")
    await joined.work()
    async with joined.db.transaction() as session:
        await request_refund(
            session, joined.shop.key, REFERENCE, Money(980, "EUR"), reason="", by="Anna",
            now=joined.clock(),
        )  # fmt: skip
    await joined.work()
    await joined.buyer(page, "dispute", reason="inquiry")
    await joined.work()
    assert joined.told == ["PaymentSucceeded", "RefundSucceeded", "PaymentDisputed"]
    await joined.run(catch_up)
    await joined.work()
    assert joined.told == []


async def test_an_account_stripe_restricts_stops_selling_and_goes_on_by_itself(
    joined: Till,
) -> None:
    account = await account_of(joined)
    await asked(joined, "restrict", account)
    assert joined.told == ["PaymentsStopped"]
    stopped = await account_of(joined)
    assert stopped.requirements == [
        "requirements.past_due", "individual.verification.document",
    ]  # fmt: skip
    await joined.expect()
    with pytest.raises(PaymentsPaused):
        await joined.open()
    await asked(joined, "restore", account)
    assert joined.told == ["PaymentsResumed"]
    assert await joined.open()


async def test_a_merchant_who_throws_the_platform_out_is_told_and_can_come_back(
    joined: Till,
) -> None:
    account = await account_of(joined)
    await asked(joined, "deauthorize", account)
    assert joined.told == ["PaymentsStopped"]
    assert (await account_of(joined)).problem == "disconnected"
    await joined.expect()
    with pytest.raises(PaymentsPaused):
        await joined.open()


def signed(event: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(event).encode()
    return body, {
        "Stripe-Signature": WebhookSignature.generate_signature_header(
            body.decode(), CONNECT_SECRET
        )
    }


async def deliver(till: Till, event: dict[str, Any], **headers: str) -> int:
    url = till.webhook_url.rsplit("/", 1)[0] + "/connect"
    body, signature = signed(event)
    async with till.http.post(url, data=body, headers=signature | headers) as answer:
        return answer.status


async def kept(till: Till) -> list[tuple[int | None, str | None]]:
    async with till.db.reading() as session:
        query = select(Incoming).order_by(Incoming.id)  # type: ignore[arg-type]
        return [(one.shop_id, one.reason) for one in (await session.exec(query)).all()]


async def test_events_of_unknown_accounts_and_of_the_other_mode_are_kept_and_change_nothing(
    joined: Till,
) -> None:
    account = await account_of(joined)
    before = len(await kept(joined))
    event = {
        "id": "evt_1", "type": "checkout.session.completed", "livemode": False,
        "account": "acct_of_somebody", "created": 1, "data": {"object": {"id": "cs_test_1"}},
    }  # fmt: skip
    assert await deliver(joined, event) == 200
    assert await deliver(joined, event | {"account": account.account_id, "livemode": True}) == 200
    assert await deliver(joined, {"id": "evt_2"}) == 200
    told = (await kept(joined))[before:]
    assert told == [(None, "from an account that no shop here is connected to")] * 3
    wrong = {"Stripe-Signature": "t=1,v1=00"}
    assert await deliver(joined, event, **wrong) == 400


async def test_the_shops_own_door_takes_no_events_of_other_accounts(till: Till) -> None:
    account = await account_of(till)
    assert account.is_connected is False
    assert PLATFORM_KEY not in account.sealed_key
    await look_at_account(till.db, till.stripes, till.clock, shop_id=till.shop.key)
    seen = await account_of(till)
    assert (seen.account_id, seen.country, seen.currency, seen.charges_enabled) == (
        "acct_flowers", "DE", "EUR", True,
    )  # fmt: skip
