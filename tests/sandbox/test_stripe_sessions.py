"""What happens to a Checkout Session, and which events tell of it, in which order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import stripe

from tests.sandbox.stripe_kit import PLATFORM_KEY, Stage, line, stage


@pytest.fixture
async def on_stage() -> AsyncIterator[Stage]:
    async with stage() as made:
        yield made


async def read(at: Stage, session: Any, *expand: str) -> Any:
    return await at.stripe.v1.checkout.sessions.retrieve_async(session.id, {"expand": [*expand]})


async def test_a_card_pays_at_once(on_stage: Stage) -> None:
    session = await on_stage.order(payment_intent_data={"metadata": {"order": "7"}})
    await on_stage.act(session.id, "pay", email="anna@example.com", name="Anna")
    assert await on_stage.told() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    paid = await read(on_stage, session, "payment_intent.latest_charge.balance_transaction")
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.customer_details.email == "anna@example.com"
    intent, charge = paid.payment_intent, paid.payment_intent.latest_charge
    assert (intent.status, intent.amount_received) == ("succeeded", 1290)
    assert intent.metadata.to_dict() == charge.metadata.to_dict() == {"order": "7"}
    assert (charge.paid, charge.captured, charge.amount_captured) == (True, True, 1290)
    assert charge.balance_transaction.amount == 1290
    assert charge.balance_transaction.net == 1290 - charge.balance_transaction.fee > 0


async def test_metadata_of_the_session_does_not_reach_the_intent(on_stage: Stage) -> None:
    session = await on_stage.order(metadata={"order": "7"})
    await on_stage.act(session.id, "pay")
    paid = await read(on_stage, session, "payment_intent")
    assert paid.payment_intent.metadata.to_dict() == {}
    assert paid.metadata.to_dict() == {"order": "7"}


async def test_a_declined_card_leaves_the_session_open_for_another_try(on_stage: Stage) -> None:
    session = await on_stage.order()
    declined = await on_stage.act(session.id, "decline", decline_code="insufficient_funds")
    assert declined["error"]["decline_code"] == "insufficient_funds"
    tried = await read(on_stage, session, "payment_intent")
    assert (tried.status, tried.payment_status) == ("open", "unpaid")
    assert tried.payment_intent.status == "requires_payment_method"
    assert tried.payment_intent.last_payment_error.decline_code == "insufficient_funds"
    await on_stage.act(session.id, "pay")
    assert await on_stage.told() == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    paid = await read(on_stage, session)
    assert paid.payment_intent == tried.payment_intent.id


async def test_a_bank_debit_completes_unpaid_and_settles_later(on_stage: Stage) -> None:
    session = await on_stage.order()
    await on_stage.act(session.id, "delay")
    waiting = await read(on_stage, session, "payment_intent")
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment_intent.status == "processing"
    await on_stage.act(session.id, "settle")
    assert (await read(on_stage, session)).payment_status == "paid"
    assert await on_stage.told() == [
        "payment_intent.created",
        "charge.pending",
        "payment_intent.processing",
        "checkout.session.completed",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ]
    completed = next(e for e in on_stage.shop.events if e.type == "checkout.session.completed")
    assert completed.data.object.payment_status == "unpaid"


async def test_a_bank_debit_that_bounces_stays_complete_and_unpaid(on_stage: Stage) -> None:
    session = await on_stage.order()
    await on_stage.act(session.id, "delay")
    await on_stage.act(session.id, "fail")
    failed = await read(on_stage, session, "payment_intent")
    assert (failed.status, failed.payment_status) == ("complete", "unpaid")
    assert failed.payment_intent.status == "requires_payment_method"
    assert (await on_stage.told())[-3:] == [
        "charge.failed",
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ]
    await on_stage.act(session.id, "settle", 409)


@pytest.mark.parametrize(
    ("iban", "ending"),
    [
        ("DE89370400440532013000", "checkout.session.async_payment_succeeded"),
        ("DE62370400440532013001", "checkout.session.async_payment_failed"),
    ],
)
async def test_the_bank_answers_by_itself_when_its_time_has_come(
    iban: str, ending: str, on_stage: Stage
) -> None:
    session = await on_stage.order()
    await on_stage.act(session.id, "delay", iban=iban, settle_after_s=5 * 86400)
    assert ending not in await on_stage.told()
    await on_stage.control("POST", "/clock", advance_s=5 * 86400)
    assert (await on_stage.told())[-1] == ending


async def test_the_clock_runs_without_anybody_asking() -> None:
    async with stage() as at:
        session = await at.order()
        await at.act(session.id, "delay", settle_after_s=0.05)
        await at.shop.heard("checkout.session.async_payment_succeeded")


async def test_an_open_session_expires_when_its_time_is_up(on_stage: Stage) -> None:
    session = await on_stage.order(expires_at=on_stage.world.now + 1860)
    await on_stage.control("POST", "/clock", advance_s=1800)
    assert (await read(on_stage, session)).status == "open"
    await on_stage.control("POST", "/clock", advance_s=61)
    expired = await read(on_stage, session)
    assert (expired.status, expired.payment_status, expired.url) == ("expired", "unpaid", None)
    assert await on_stage.told() == ["checkout.session.expired"]
    await on_stage.act(session.id, "pay", 409)


async def test_a_complete_session_never_expires(on_stage: Stage) -> None:
    session = await on_stage.order()
    await on_stage.act(session.id, "delay")
    await on_stage.control("POST", "/clock", advance_s=90_000)
    assert (await read(on_stage, session)).status == "complete"
    with pytest.raises(stripe.InvalidRequestError, match="status of `complete`"):
        await on_stage.stripe.v1.checkout.sessions.expire_async(session.id)
    assert "checkout.session.expired" not in await on_stage.told()


async def test_the_shop_expires_an_open_session_once(on_stage: Stage) -> None:
    session = await on_stage.order()
    await on_stage.act(session.id, "decline")
    expired = await on_stage.stripe.v1.checkout.sessions.expire_async(session.id)
    assert expired.status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="status of `expired`"):
        await on_stage.stripe.v1.checkout.sessions.expire_async(session.id)
    assert (await on_stage.told())[-2:] == ["checkout.session.expired", "payment_intent.canceled"]
    intent = (await read(on_stage, session, "payment_intent")).payment_intent
    assert intent.status == "canceled"


async def test_nobody_pays_a_session_twice(on_stage: Stage) -> None:
    session = await on_stage.order()
    await on_stage.act(session.id, "pay")
    heard = await on_stage.told()
    for action in ("pay", "decline", "delay", "pay_twice"):
        await on_stage.act(session.id, action, 409)
    assert await on_stage.told() == heard
    assert len((await on_stage.stripe.v1.charges.list_async()).data) == 1


async def test_two_tabs_pay_the_same_order_in_two_sessions(on_stage: Stage) -> None:
    session = await on_stage.order(client_reference_id="order-7", metadata={"order": "7"})
    both = await on_stage.act(session.id, "pay_twice")
    assert both["twin"]["id"] != session.id
    assert both["twin"]["client_reference_id"] == "order-7"
    assert (await on_stage.told()).count("checkout.session.completed") == 2
    listed = await on_stage.stripe.v1.payment_intents.list_async()
    assert [intent.status for intent in listed.data] == ["succeeded", "succeeded"]


async def test_a_total_of_zero_asks_for_no_payment(on_stage: Stage) -> None:
    session = await on_stage.order(0)
    await on_stage.act(session.id, "pay", email="anna@example.com")
    free = await read(on_stage, session, "customer")
    assert (free.status, free.payment_status) == ("complete", "no_payment_required")
    assert free.payment_intent is None
    assert free.customer.email == "anna@example.com"
    assert await on_stage.told() == ["checkout.session.completed"]


async def test_an_intent_of_checkout_cannot_be_cancelled_by_itself(on_stage: Stage) -> None:
    session = await on_stage.order()
    await on_stage.act(session.id, "decline")
    intent_id = (await read(on_stage, session)).payment_intent
    with pytest.raises(stripe.InvalidRequestError, match="Expire the Checkout Session"):
        await on_stage.stripe.v1.payment_intents.cancel_async(intent_id)
    await on_stage.act(session.id, "pay")
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        await on_stage.stripe.v1.payment_intents.cancel_async(intent_id)


async def test_a_reserved_amount_is_captured_in_part_or_released(on_stage: Stage) -> None:
    manual = {"payment_intent_data": {"capture_method": "manual"}}
    first, second = await on_stage.order(**manual), await on_stage.order(**manual)
    for session in (first, second):
        await on_stage.act(session.id, "pay")
    reserved = await read(on_stage, first, "payment_intent")
    assert (reserved.status, reserved.payment_status) == ("complete", "unpaid")
    assert reserved.payment_intent.amount_capturable == 1290
    intents = on_stage.stripe.v1.payment_intents
    with pytest.raises(stripe.InvalidRequestError):
        await intents.capture_async(reserved.payment_intent.id, {"amount_to_capture": 1291})
    taken = await intents.capture_async(reserved.payment_intent.id, {"amount_to_capture": 1000})
    assert (taken.status, taken.amount_received) == ("succeeded", 1000)
    assert (await read(on_stage, first)).payment_status == "paid"
    with pytest.raises(stripe.InvalidRequestError):
        await on_stage.stripe.v1.refunds.create_async({"payment_intent": taken.id, "amount": 1001})
    released = await intents.cancel_async((await read(on_stage, second)).payment_intent)
    assert released.status == "canceled"
    assert (await read(on_stage, second)).payment_status == "unpaid"


async def test_only_metadata_of_a_hosted_session_can_be_changed(on_stage: Stage) -> None:
    session = await on_stage.order(metadata={"order": "7", "old": "x"})
    sessions = on_stage.stripe.v1.checkout.sessions
    changed = await sessions.update_async(session.id, {"metadata": {"old": "", "new": "y"}})
    assert changed.metadata.to_dict() == {"order": "7", "new": "y"}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await sessions.update_async(session.id, {"line_items": [{"id": "li_1"}]})
    assert caught.value.param == "line_items"
    assert (await sessions.update_async(session.id, {"metadata": ""})).metadata.to_dict() == {}


async def test_lines_come_in_order_and_in_pages(on_stage: Stage) -> None:
    lines = [line(100 + number) for number in range(25)]
    session = await on_stage.order(line_items=lines, expand=["line_items"])
    assert len(session.line_items.data) == 10
    assert session.line_items.has_more
    first = await on_stage.stripe.v1.checkout.sessions.line_items.list_async(
        session.id, {"limit": 7, "expand": ["data.price.product"]}
    )
    amounts = [item.amount_total async for item in first.auto_paging_iter()]
    assert amounts == list(range(100, 125))
    assert first.data[0].price.product.name == "Blaues Hemd"


async def test_prices_and_products_of_a_session_can_be_used_again(on_stage: Stage) -> None:
    session = await on_stage.order(expand=["line_items"])
    price = session.line_items.data[0].price
    again = await on_stage.order(line_items=[{"price": price.id, "quantity": 2}])
    assert again.amount_total == 2580
    assert (await on_stage.stripe.v1.prices.retrieve_async(price.id)).unit_amount == 1290
    assert (await on_stage.stripe.v1.products.retrieve_async(price.product)).active is False


async def test_the_buyer_takes_another_way_of_shipping(on_stage: Stage) -> None:
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
    assert (session.amount_subtotal, session.amount_total) == (1290, 1780)
    other = session.shipping_options[1].shipping_rate
    await on_stage.act(session.id, "pay", shipping_rate=other)
    paid = await read(on_stage, session, "payment_intent")
    assert paid.amount_total == paid.payment_intent.amount == 2190
    assert paid.shipping_cost.shipping_rate == other
    assert paid.total_details.amount_shipping == 900


async def test_a_platform_acts_for_its_connected_account_only(on_stage: Stage) -> None:
    platform = on_stage.client(PLATFORM_KEY)
    sessions = platform.v1.checkout.sessions
    fee = {"application_fee_amount": 50}
    made = await sessions.create_async(
        {
            "mode": "payment",
            "success_url": "https://shop.example/",
            "line_items": [line()],
            "payment_intent_data": fee,
        },
        {"stripe_account": "acct_candles"},
    )
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await sessions.retrieve_async(made.id)
    assert caught.value.code == "resource_missing"
    with pytest.raises(stripe.PermissionError):
        await sessions.retrieve_async(made.id, {}, {"stripe_account": "acct_flowers"})
    found = await sessions.retrieve_async(made.id, {}, {"stripe_account": "acct_candles"})
    assert found.id == made.id
