"""Accounts for people: their money, Stripe's and the merchant's buttons, refunds that come back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.sandbox.stripe_kit import Stage, order, stage


@pytest.fixture
async def on_stage() -> AsyncIterator[Stage]:
    async with stage() as made:
        yield made


async def see(at: Stage, path: str, status: int = 200) -> str:
    async with at.http.get(f"{at.url}{path}?lang=en") as answer:
        assert answer.status == status
        return " ".join((await answer.text()).split())


async def press(at: Stage, path: str) -> int:
    async with at.http.post(f"{at.url}{path}", allow_redirects=False) as answer:
        return answer.status


async def a_paid_session(at: Stage) -> Any:
    session = await at.stripe.v1.checkout.sessions.create_async(order())
    async with at.http.post(f"{at.url}/control/stripe/sessions/{session.id}/pay") as answer:
        assert answer.status == 200
    return await at.stripe.v1.checkout.sessions.retrieve_async(session.id)


async def test_a_refund_comes_back_at_the_press_of_a_button(on_stage: Stage) -> None:
    session = await a_paid_session(on_stage)
    page = f"/pay/{session.id}"
    assert "The refund comes back" not in await see(on_stage, page)
    assert await press(on_stage, f"{page}/return_refund") == 409
    made = await on_stage.stripe.v1.refunds.create_async(
        {"payment_intent": session.payment_intent, "amount": 100}
    )
    assert "The refund comes back" in await see(on_stage, page)
    assert "given back" in await see(on_stage, "/pay")
    assert await press(on_stage, f"{page}/return_refund") == 303
    refund = await on_stage.stripe.v1.refunds.retrieve_async(made.id)
    assert (refund.status, refund.failure_reason) == ("failed", "expired_or_canceled_card")


async def test_a_balance_is_emptied_and_filled_by_hand(on_stage: Stage) -> None:
    session = await a_paid_session(on_stage)
    account = next(iter(on_stage.world.accounts.values()))
    assert account.settings.name in await see(on_stage, "/connect/accounts")
    assert await press(on_stage, f"/connect/accounts/{account.id}/empty") == 303
    waiting = await on_stage.stripe.v1.refunds.create_async(
        {"payment_intent": session.payment_intent}
    )
    assert (waiting.status, waiting.pending_reason) == ("pending", "insufficient_funds")
    assert await press(on_stage, f"/connect/accounts/{account.id}/fill") == 303
    refund = await on_stage.stripe.v1.refunds.retrieve_async(waiting.id)
    assert refund.status == "succeeded"


async def test_nobody_plays_what_is_no_part_or_no_account(on_stage: Stage) -> None:
    account = next(iter(on_stage.world.accounts.values()))
    for path in (f"/connect/accounts/{account.id}/rob", "/connect/accounts/acct_nobody/empty",
                 "/connect/setup/nothing"):  # fmt: skip
        assert await press(on_stage, path) == 404
    await see(on_stage, "/connect/setup/nothing", 404)


async def test_a_dispute_opens_with_the_days_that_are_wanted(on_stage: Stage) -> None:
    session = await a_paid_session(on_stage)
    way = f"{on_stage.url}/control/stripe/sessions/{session.id}/dispute"
    async with on_stage.http.post(way, json={"days": 2}) as answer:
        opened = (await answer.json())["dispute"]
    assert opened["evidence_details"]["due_by"] - opened["created"] == 2 * 86400
