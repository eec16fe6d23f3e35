"""Stripe's door: verified, kept once, answered with 200, and never trusted."""

import asyncio
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from sqlmodel import col, select

from core.incoming import Incoming
from payments.accounts import get_account
from payments.webhooks import last_webhook_at
from tests.payments.till import SECRET, Till


async def deliver(
    till: Till, body: str | bytes | dict[str, Any], *, secret: str = SECRET, path: str = ""
) -> int:
    raw = json.dumps(body) if isinstance(body, dict) else body
    data = raw.encode() if isinstance(raw, str) else raw
    stamp = int(time.time())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + data, hashlib.sha256).hexdigest()
    signature = f"t={stamp},v1={digest}"
    headers = {"Stripe-Signature": signature, "Accept": "application/json"}
    async with till.http.post(till.webhook_url + path, data=data, headers=headers) as answer:
        return answer.status


async def kept(till: Till) -> list[tuple[str, str, str | None]]:
    async with till.db.reading() as session:
        rows = (await session.exec(select(Incoming).order_by(col(Incoming.id)))).all()
        return [(row.kind, row.state, row.reason) for row in rows]


def event(kind: str = "checkout.session.completed", thing_id: str = "cs_1", **more: Any) -> Any:
    thing = {"id": thing_id, "object": "checkout.session", "metadata": {}}
    return {"id": "evt_1", "object": "event", "type": kind, "created": 1_790_000_000,
            "livemode": False, "data": {"object": thing}} | more  # fmt: skip


async def test_an_unknown_address_is_not_there(till: Till) -> None:
    assert await deliver(till, event(), path="x") == 404
    assert await kept(till) == []


async def test_without_a_secret_the_address_is_not_there(till: Till) -> None:
    async with till.db.transaction() as session:
        account = await get_account(session, till.shop.key)
        account.sealed_webhook_secrets = []
        session.add(account)
    assert await deliver(till, event()) == 404


async def test_a_wrong_signature_is_refused_and_nothing_is_kept(till: Till) -> None:
    assert await deliver(till, event(), secret="whsec_wrong") == 400
    assert await kept(till) == []


async def test_an_event_is_kept_once_however_often_it_comes(each_till: Till) -> None:
    sent = event(thing_id="cs_unknown")
    assert set(await asyncio.gather(*(deliver(each_till, sent) for _ in range(8)))) == {200}
    await each_till.work()
    assert await kept(each_till) == [
        ("checkout.session.completed", "ignored", "not a payment that was begun here")
    ]


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (event("invoice.paid"), "not a kind of event that changes anything here"),
        (event(livemode=True), "from the other mode (live or test) than the shop's key"),
        (event(account="acct_1"), "from another account, through Connect"),
        ("no json", "not an event that Stripe describes"),
        ("[]", "not an event that Stripe describes"),
        ("{}", "not an event that Stripe describes"),
        ('{"id": 5, "type": null, "data": []}', "not an event that Stripe describes"),
        ("[" * 30_000, "not an event that Stripe describes"),
        (event(data={"object": "cs_1"}), "not an event that Stripe describes"),
        (
            event(created="soon") | {"type": "x" * 500},
            "not a kind of event that changes anything here",
        ),
    ],
)
async def test_what_is_signed_but_useless_is_kept_with_its_reason(
    till: Till, sent: Any, reason: str
) -> None:
    assert await deliver(till, sent) == 200
    await till.work()
    [(_, state, why)] = await kept(till)
    assert (state, why) == ("ignored", reason)
    assert till.told == []


async def test_bytes_that_are_no_text_do_no_harm(till: Till) -> None:
    """Signed over what the bytes are, not over what they might mean."""
    assert await deliver(till, b"\xff\xfe\x00") == 200
    await till.work()
    assert await kept(till) == [("unreadable", "ignored", "not an event that Stripe describes")]


async def test_an_event_that_lies_changes_nothing(till: Till) -> None:
    """It says paid; Stripe, asked again, says open."""
    page = await till.begin()
    lie = event(thing_id=page)
    lie["data"]["object"] |= {"payment_status": "paid", "status": "complete", "amount_total": 1}
    assert await deliver(till, lie) == 200
    await till.work()
    assert till.told == []
    assert await till.attempts() == ["open"]
    assert await till.ledger() == []


async def test_a_thin_event_is_as_good_as_a_full_one(till: Till) -> None:
    page = await till.begin()
    till.sender.weather.clear()
    await till.control("/lost-events", type="", times=50)
    await till.buyer(page, "pay")
    thin = {
        "id": "evt_thin", "object": "v2.core.event", "type": "v1.checkout.session.completed",
        "created": "2026-11-22T10:00:00.000Z", "livemode": False,
        "related_object": {"id": page, "type": "checkout.session", "url": "/v1/x"},
    }  # fmt: skip
    assert await deliver(till, thin) == 200
    await till.work()
    assert till.told == ["PaymentSucceeded"]


async def test_a_session_nobody_wrote_down_is_found_by_its_marks(till: Till) -> None:
    """The process died between Stripe's answer and our row."""
    await till.expect()
    await till.fault("cut_after_success", "/v1/checkout/sessions", method="POST")
    with pytest.raises(Exception, match="cannot be reached"):
        await till.open()
    [session] = till.at_stripe()
    await till.buyer(session["id"], "pay")
    await till.work()
    assert till.told == ["PaymentSucceeded"]
    assert await till.attempts() == ["paid"]


async def test_marks_of_another_installation_are_not_ours(till: Till) -> None:
    page = await till.begin()
    other = event(thing_id="cs_of_staging")
    marks = till.at_stripe()[0]["metadata"] | {"tresen": "another-one"}
    other["data"]["object"]["metadata"] = marks
    assert await deliver(till, other) == 200
    await till.work()
    assert (await kept(till))[-1][1:] == ("ignored", "not a payment that was begun here")
    assert till.open_sessions() == [page]


async def test_when_stripe_is_down_the_hint_is_followed_later(till: Till) -> None:
    page = await till.begin()
    await till.fault("503", "/v1/checkout/sessions", times=3, method="GET")
    await till.buyer(page, "pay")
    await till.work()
    assert till.told == []
    till.clock.advance(minutes=5)
    await till.work()
    till.clock.advance(minutes=5)
    await till.work()
    till.clock.advance(minutes=5)
    await till.work()
    assert till.told == ["PaymentSucceeded"]


async def test_the_last_webhook_has_a_time(till: Till) -> None:
    async with till.db.reading() as session:
        assert await last_webhook_at(session, till.shop.key) is None
    await deliver(till, event())
    async with till.db.reading() as session:
        assert await last_webhook_at(session, till.shop.key) == till.clock()
        assert await last_webhook_at(session, 99) is None
