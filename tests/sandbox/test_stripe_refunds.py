"""Money back: in parts, never too much, waiting, failing, disputed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import stripe

from tests.sandbox.stripe_kit import Stage, stage


@pytest.fixture
async def on_stage() -> AsyncIterator[Stage]:
    async with stage() as made:
        yield made


async def paid(at: Stage, **how: Any) -> Any:
    """A paid session with its charge expanded."""
    session = await at.order()
    await at.act(session.id, "pay", **how)
    expand = {"expand": ["payment_intent.latest_charge"]}
    return await at.stripe.v1.checkout.sessions.retrieve_async(session.id, expand)


async def refund(at: Stage, session: Any, **params: Any) -> Any:
    intent = session.payment_intent.id
    return await at.stripe.v1.refunds.create_async({"payment_intent": intent, **params})


async def balance(at: Stage) -> int:
    balances = (await at.control("GET", "/balances"))["balances"]
    return int(balances["acct_flowers"]["eur"])


async def set_balance(at: Stage, amount: int) -> None:
    await at.control("POST", "/balances", account="acct_flowers", amount_minor=amount)


async def charge_of(at: Stage, session: Any) -> Any:
    return await at.stripe.v1.charges.retrieve_async(session.payment_intent.latest_charge.id)


async def test_refunds_in_parts_add_up_to_the_charge_and_not_further(on_stage: Stage) -> None:
    session = await paid(on_stage)
    first = await refund(on_stage, session, amount=290, reason="requested_by_customer")
    assert (first.status, first.amount, first.currency) == ("succeeded", 290, "eur")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await refund(on_stage, session, amount=1001)
    assert caught.value.param == "amount"
    half = await charge_of(on_stage, session)
    assert (half.amount_refunded, half.refunded) == (290, False)
    rest = await refund(on_stage, session)
    assert rest.amount == 1000
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await refund(on_stage, session)
    assert caught.value.code == "charge_already_refunded"
    whole = await charge_of(on_stage, session)
    assert (whole.amount_refunded, whole.refunded) == (1290, True)


@pytest.mark.parametrize(
    "params", [{"amount": 0}, {"amount": -1}, {"reason": "mood"}, {"charge": "ch_1"}]
)
async def test_a_refund_is_refused_for(params: dict[str, Any], on_stage: Stage) -> None:
    session = await paid(on_stage)
    with pytest.raises(stripe.InvalidRequestError):
        await refund(on_stage, session, **params)
    assert (await charge_of(on_stage, session)).amount_refunded == 0
    assert (await on_stage.stripe.v1.refunds.list_async()).data == []


async def test_an_unpaid_intent_cannot_be_refunded(on_stage: Stage) -> None:
    session = await on_stage.order()
    await on_stage.act(session.id, "delay")
    session = await on_stage.stripe.v1.checkout.sessions.retrieve_async(session.id)
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        await on_stage.stripe.v1.refunds.create_async({"payment_intent": session.payment_intent})


async def test_the_shop_hears_of_a_refund(on_stage: Stage) -> None:
    session = await paid(on_stage)
    made = await refund(on_stage, session, metadata={"refund": "9"})
    assert (await on_stage.told())[-2:] == ["refund.created", "charge.refunded"]
    heard = on_stage.shop.events[-2].data.object
    assert (heard.id, heard.metadata.to_dict()) == (made.id, {"refund": "9"})
    listed = await on_stage.stripe.v1.refunds.list_async(
        {"payment_intent": session.payment_intent.id}
    )
    assert [one.id for one in listed.data] == [made.id]
    assert listed.data[0].balance_transaction is not None


async def test_metadata_of_a_refund_can_be_changed_and_is_told(on_stage: Stage) -> None:
    made = await refund(on_stage, await paid(on_stage))
    await on_stage.stripe.v1.refunds.update_async(made.id, {"metadata": {"refund": "9"}})
    assert (await on_stage.told())[-1] == "refund.updated"


async def test_a_card_refund_waits_for_money_in_the_balance(on_stage: Stage) -> None:
    session = await paid(on_stage)
    await set_balance(on_stage, 1289)
    made = await refund(on_stage, session)
    assert (made.status, made.pending_reason) == ("pending", "insufficient_funds")
    assert made.balance_transaction is None
    assert await balance(on_stage) == 1289
    with pytest.raises(stripe.InvalidRequestError):
        await refund(on_stage, session, amount=1)
    await set_balance(on_stage, 1290)
    after = await on_stage.stripe.v1.refunds.retrieve_async(made.id)
    assert (after.status, after.pending_reason) == ("succeeded", None)
    assert await balance(on_stage) == 0
    assert (await on_stage.told())[-1] == "refund.updated"


async def test_a_waiting_refund_goes_out_when_another_buyer_pays(on_stage: Stage) -> None:
    session = await paid(on_stage)
    await set_balance(on_stage, 100)
    made = await refund(on_stage, session, amount=1200)
    await paid(on_stage)
    after = await on_stage.stripe.v1.refunds.retrieve_async(made.id)
    assert after.status == "succeeded"


async def test_a_debit_refund_without_money_fails_at_once(on_stage: Stage) -> None:
    session = await on_stage.order()
    await on_stage.act(session.id, "delay")
    await on_stage.act(session.id, "settle")
    expand = {"expand": ["payment_intent.latest_charge"]}
    session = await on_stage.stripe.v1.checkout.sessions.retrieve_async(session.id, expand)
    await set_balance(on_stage, 0)
    made = await refund(on_stage, session)
    assert (made.status, made.failure_reason) == ("failed", "insufficient_funds")
    assert (await charge_of(on_stage, session)).amount_refunded == 0
    assert (await on_stage.told())[-1] == "refund.failed"
    await set_balance(on_stage, 1290)
    again = await refund(on_stage, session)
    assert (again.status, again.pending_reason) == ("pending", "processing")
    await on_stage.control("POST", "/clock", advance_s=3600)
    assert (await on_stage.stripe.v1.refunds.retrieve_async(again.id)).status == "succeeded"


async def test_a_refund_that_fails_later_brings_the_money_back(on_stage: Stage) -> None:
    session = await paid(on_stage, card="4000000000005126")
    made = await refund(on_stage, session)
    assert made.status == "succeeded"
    before = await balance(on_stage)
    await on_stage.control("POST", "/clock", advance_s=3600)
    failed = await on_stage.stripe.v1.refunds.retrieve_async(made.id)
    assert failed.status == "failed"
    assert failed.failure_reason == "expired_or_canceled_card"
    assert failed.failure_balance_transaction is not None
    assert await balance(on_stage) == before + 1290
    assert (await charge_of(on_stage, session)).refunded is False
    assert (await on_stage.told())[-1] == "refund.failed"


async def test_a_slow_refund_is_pending_first(on_stage: Stage) -> None:
    made = await refund(on_stage, await paid(on_stage, card="4000000000007726"))
    assert (made.status, made.pending_reason) == ("pending", "processing")
    await on_stage.control("POST", f"/refunds/{made.id}/succeed")
    assert (await on_stage.told())[-1] == "refund.updated"
    await on_stage.control("POST", f"/refunds/{made.id}/succeed", 409)


async def test_only_a_refund_that_needs_an_action_can_be_cancelled(on_stage: Stage) -> None:
    session = await paid(on_stage, card="4000000000007726")
    made = await refund(on_stage, session)
    with pytest.raises(stripe.InvalidRequestError):
        await on_stage.stripe.v1.refunds.cancel_async(made.id)
    await on_stage.control("POST", f"/refunds/{made.id}/require_action")
    assert (await on_stage.stripe.v1.refunds.cancel_async(made.id)).status == "canceled"
    assert (await charge_of(on_stage, session)).amount_refunded == 0
    assert (await refund(on_stage, session)).amount == 1290


async def test_a_dispute_takes_the_money_and_blocks_refunds(on_stage: Stage) -> None:
    session = await paid(on_stage)
    before = await balance(on_stage)
    opened = await on_stage.act(session.id, "dispute", reason="product_not_received")
    dispute_id = opened["dispute"]["id"]
    assert await balance(on_stage) == before - 1290 - 2000
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await refund(on_stage, session)
    assert caught.value.code == "charge_disputed"
    await on_stage.control("POST", f"/disputes/{dispute_id}/review")
    await on_stage.control("POST", f"/disputes/{dispute_id}/win")
    assert await balance(on_stage) == before - 2000
    assert (await on_stage.told())[-5:] == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
    ]
    dispute = await on_stage.stripe.v1.disputes.retrieve_async(dispute_id)
    assert dispute.status == "won"
    assert len(dispute.balance_transactions) == 2
    await on_stage.control("POST", f"/disputes/{dispute_id}/lose", 409)


async def test_a_lost_dispute_leaves_the_money_gone(on_stage: Stage) -> None:
    session = await paid(on_stage, card="4000000000000259")
    listed = await on_stage.stripe.v1.disputes.list_async(
        {"payment_intent": session.payment_intent.id}
    )
    after = await balance(on_stage)
    await on_stage.control("POST", f"/disputes/{listed.data[0].id}/lose")
    assert await balance(on_stage) == after
    assert (await on_stage.told())[-1] == "charge.dispute.closed"


async def test_an_inquiry_moves_no_money_and_a_refund_still_helps(on_stage: Stage) -> None:
    session = await paid(on_stage)
    before = await balance(on_stage)
    opened = await on_stage.act(session.id, "dispute", reason="inquiry")
    assert opened["dispute"]["status"] == "warning_needs_response"
    assert opened["dispute"]["is_charge_refundable"] is True
    assert await balance(on_stage) == before
    assert (await refund(on_stage, session)).status == "succeeded"
    await on_stage.control("POST", f"/disputes/{opened['dispute']['id']}/win")
    dispute = await on_stage.stripe.v1.disputes.retrieve_async(opened["dispute"]["id"])
    assert dispute.status == "warning_closed"


async def test_every_movement_of_money_is_listed(on_stage: Stage) -> None:
    session = await paid(on_stage)
    await refund(on_stage, session, amount=290)
    await on_stage.act(session.id, "dispute", amount_minor=500)
    listed = await on_stage.stripe.v1.balance_transactions.list_async()
    assert [(entry.type, entry.amount) for entry in listed.data] == [
        ("adjustment", -500),
        ("refund", -290),
        ("charge", 1290),
        ("topup", 1_000_000),
    ]
    assert sum(entry.net for entry in listed.data) == await balance(on_stage)
    own = await on_stage.stripe.v1.balance.retrieve_async()
    assert own.available[0].amount == await balance(on_stage)
