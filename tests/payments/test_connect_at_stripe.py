"""Connect in the sandbox refuses what Stripe refuses: links, other people's accounts, fees."""

import pytest
import stripe

from tests.payments.till import PLATFORM_KEY, Till

CONTROLLER = {
    "fees": {"payer": "account"}, "losses": {"payments": "stripe"},
    "requirement_collection": "stripe", "stripe_dashboard": {"type": "full"},
}  # fmt: skip
LINK = {"type": "account_onboarding", "return_url": "https://a.example/b",
        "refresh_url": "https://a.example/c"}  # fmt: skip


@pytest.fixture
def platform(till: Till) -> stripe.StripeClient:
    return till.stripes.platform()


async def make(platform: stripe.StripeClient) -> stripe.Account:
    return await platform.v1.accounts.create_async({"controller": CONTROLLER})  # type: ignore[typeddict-item]


async def test_a_new_account_takes_no_charges_and_says_what_is_missing(
    platform: stripe.StripeClient,
) -> None:
    made = await make(platform)
    assert (made.charges_enabled, made.payouts_enabled, made.details_submitted) == (
        False, False, False,
    )  # fmt: skip
    assert made.requirements is not None
    assert made.requirements.disabled_reason == "requirements.past_due"
    assert "external_account" in (made.requirements.currently_due or [])
    assert made.controller is not None
    assert made.controller.is_controller is True


async def test_links_want_both_addresses_and_an_account_of_the_platform(
    platform: stripe.StripeClient,
) -> None:
    made = await make(platform)
    for name in ("return_url", "refresh_url"):
        less = {key: value for key, value in LINK.items() if key != name}
        with pytest.raises(stripe.InvalidRequestError, match=name):
            await platform.v1.account_links.create_async({"account": made.id, **less})  # type: ignore[typeddict-item]
    with pytest.raises(stripe.PermissionError):
        await platform.v1.account_links.create_async({"account": "acct_flowers", **LINK})  # type: ignore[typeddict-item]
    with pytest.raises(stripe.InvalidRequestError, match="dashboard"):
        await platform.v1.account_links.create_async(
            {"account": made.id, **LINK, "type": "account_update"}  # type: ignore[typeddict-item]
        )
    link = await platform.v1.account_links.create_async({"account": made.id, **LINK})  # type: ignore[typeddict-item]
    assert link.expires_at - link.created == 300


async def test_accounts_of_others_are_out_of_reach(
    till: Till, platform: stripe.StripeClient
) -> None:
    made = await make(platform)
    assert (await platform.v1.accounts.retrieve_async(made.id)).id == made.id
    with pytest.raises(stripe.PermissionError):
        await platform.v1.accounts.retrieve_async("acct_flowers")
    for account_id in ("acct_flowers", "acct_nobody"):
        with pytest.raises(stripe.PermissionError):
            await platform.v1.refunds.list_async({}, {"stripe_account": account_id})


async def test_an_application_fee_wants_a_connected_account(
    till: Till, platform: stripe.StripeClient
) -> None:
    from tests.sandbox.stripe_kit import order

    made = await make(platform)
    body = order() | {"payment_intent_data": {"application_fee_amount": 10}}
    sessions = platform.v1.checkout.sessions
    with pytest.raises(stripe.InvalidRequestError, match="connected account"):
        await sessions.create_async(body)  # type: ignore[arg-type]
    session = await sessions.create_async(body, {"stripe_account": made.id})  # type: ignore[arg-type]
    await till.buyer(session.id, "pay")
    [entry] = (
        await platform.v1.balance_transactions.list_async(
            {"type": "charge"}, {"stripe_account": made.id}
        )
    ).data
    assert next((one.type, one.amount) for one in entry.fee_details) == ("application_fee", 10)
    assert entry.net == entry.amount - entry.fee


async def test_after_the_platform_was_thrown_out_it_may_do_nothing(
    till: Till, platform: stripe.StripeClient
) -> None:
    made = await make(platform)
    await till.control(f"/accounts/{made.id}/deauthorize")
    await till.control(f"/accounts/{made.id}/deauthorize", 409)
    with pytest.raises(stripe.PermissionError):
        await platform.v1.refunds.list_async({}, {"stripe_account": made.id})
    assert PLATFORM_KEY in till.world.keys
