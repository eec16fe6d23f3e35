"""Whatever buyers, banks, the shop and time do: the books stay right and nothing goes back."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sandbox.stripe import (
    acting,
    balance,
    disputes,
    endpoints,
    events,
    giving_back,
    intents,
    refunds,
    sessions,
)
from sandbox.stripe.control_forms import BuyerForm
from sandbox.stripe.errors import Problem
from sandbox.stripe.methods import BOUNCING_IBAN, CARDS, FINE_IBAN
from sandbox.stripe.settings import SandboxAccount, StripeSandboxSettings
from sandbox.stripe.world import Call, World
from sandbox.weather import Weather
from sandbox.webhooks import WebhookSender
from tests.sandbox.stripe_kit import line

ALLOWED = {
    ("open", "unpaid"): {("complete", "paid"), ("complete", "unpaid"), ("expired", "unpaid")},
    ("open", "no_payment_required"): {
        ("complete", "no_payment_required"),
        ("expired", "no_payment_required"),
    },
    ("complete", "unpaid"): {("complete", "paid")},
    ("complete", "paid"): set(),
    ("complete", "no_payment_required"): set(),
    ("expired", "unpaid"): set(),
    ("expired", "no_payment_required"): set(),
}
pick = st.integers(0, 10_000)


class Trade(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        account = SandboxAccount(
            secret_key="sk_test_flowers0000000001",
            account_id="acct_flowers",
            name="Blumen",
            webhook_url="http://127.0.0.1:1/",
            webhook_secret="whsec_1",
        )
        self.sender = WebhookSender(weather=Weather(), now=lambda: datetime.now(UTC))
        chosen = StripeSandboxSettings(accounts=(account,), opening_balance_minor=2000)
        self.world = World(chosen, sender=self.sender)
        self.call = Call(
            self.world, self.world.accounts["acct_flowers"], "req_1", "key", "http://x"
        )
        endpoints.from_settings(self.world, self.call.account)
        self.states: dict[str, tuple[str, str]] = {}

    def things(self, kind: str) -> list[dict[str, Any]]:
        return list(self.call.account.things[kind].values())

    def some(self, kind: str, place: int) -> dict[str, Any]:
        return self.things(kind)[place % len(self.things(kind))]

    @rule(amount=st.sampled_from([0, 50, 333, 1290]), manual=st.booleans())
    def order(self, amount: int, manual: bool) -> None:
        params = {
            "mode": "payment",
            "success_url": "https://shop.example/",
            "line_items": [line(amount)],
            "payment_intent_data": {"capture_method": "manual"} if manual else {},
        }
        sessions.create(self.call, params)

    @precondition(lambda self: self.things("checkout.session"))
    @rule(
        place=pick,
        action=st.sampled_from(sorted(acting.VERBS)),
        form=st.builds(
            BuyerForm,
            card=st.sampled_from(sorted(CARDS)),
            iban=st.sampled_from([FINE_IBAN, BOUNCING_IBAN]),
            settle_after_s=st.sampled_from([None, 60.0]),
            reason=st.sampled_from(["fraudulent", "inquiry"]),
        ),
    )
    def buyer_acts(self, place: int, action: str, form: BuyerForm) -> None:
        with suppress(Problem):
            acting.VERBS[action](self.call, self.some("checkout.session", place), form)

    @precondition(lambda self: self.things("payment_intent"))
    @rule(place=pick, amount=st.none() | st.integers(-1, 1400))
    def shop_refunds(self, place: int, amount: int | None) -> None:
        params: dict[str, Any] = {"payment_intent": self.some("payment_intent", place)["id"]}
        if amount is not None:
            params["amount"] = amount
        before = len(self.things("refund"))
        try:
            refunds.create(self.call, params)
        except Problem:
            assert len(self.things("refund")) == before

    @precondition(lambda self: self.things("payment_intent"))
    @rule(place=pick, verb=st.sampled_from([intents.capture, intents.cancel]))
    def shop_captures_or_cancels(self, place: int, verb: Any) -> None:
        with suppress(Problem):
            verb(self.call, self.some("payment_intent", place)["id"], {})

    @precondition(lambda self: self.things("refund"))
    @rule(
        place=pick,
        verb=st.sampled_from([giving_back.succeed, giving_back.fail, giving_back.ask_for_action]),
    )
    def bank_goes_on_with_refund(self, place: int, verb: Any) -> None:
        verb(self.call, self.some("refund", place))

    @precondition(lambda self: self.things("refund"))
    @rule(place=pick)
    def shop_cancels_refund(self, place: int) -> None:
        with suppress(Problem):
            refunds.cancel(self.call, self.some("refund", place)["id"], {})

    @precondition(lambda self: self.things("dispute"))
    @rule(place=pick, is_won=st.booleans())
    def bank_closes_dispute(self, place: int, is_won: bool) -> None:
        disputes.close(self.call, self.some("dispute", place), is_won=is_won)

    @rule(seconds=st.sampled_from([30, 3600, 90_000]))
    def time_passes(self, seconds: float) -> None:
        self.world.move_clock(self.world.offset_s + seconds)

    @rule(amount=st.integers(-3000, 3000))
    def balance_changes(self, amount: int) -> None:
        balance.top_up(self.call, "eur", amount)
        giving_back.retry_waiting(self.call)

    @invariant()
    def refunds_stay_within_what_was_captured(self) -> None:
        for charge in self.things("charge"):
            back = giving_back.refunded(self.call, charge)
            assert 0 <= back <= charge["amount_captured"] <= charge["amount"]
            if charge["captured"] and charge["paid"]:
                kept_back = charge["amount"] - charge["amount_captured"]
                assert charge["amount_refunded"] == back + kept_back
                assert charge["refunded"] == (back == charge["amount_captured"])

    @invariant()
    def sessions_only_move_forward(self) -> None:
        for session in self.things("checkout.session"):
            state = (session["status"], session["payment_status"])
            before = self.states.get(session["id"], state)
            assert state == before or state in ALLOWED[before]
            assert (session["url"] is None) == (session["status"] != "open")
            self.states[session["id"]] = state

    @invariant()
    def intents_agree_with_their_sessions(self) -> None:
        by_id = {intent["id"]: intent for intent in self.things("payment_intent")}
        for session in self.things("checkout.session"):
            intent = by_id.get(session["payment_intent"] or "")
            status = intent["status"] if intent else None
            assert (session["payment_status"] == "paid") == (status == "succeeded")
            if status == "processing":
                assert session["status"] == "complete"
            if session["status"] == "open":
                assert status in (None, "requires_payment_method")

    @invariant()
    def events_tell_the_state_of_every_session(self) -> None:
        told: dict[str, list[str]] = {}
        for event in self.things("event"):
            if event["type"].startswith("checkout.session."):
                name = event["type"].removeprefix("checkout.session.")
                told.setdefault(event["data"]["object"]["id"], []).append(name)
        for session in self.things("checkout.session"):
            heard = told.get(session["id"], [])
            expected = {"open": [], "expired": ["expired"], "complete": ["completed"]}
            assert heard[:1] == expected[session["status"]]
            assert heard[1:] in ([], ["async_payment_succeeded"], ["async_payment_failed"])
            if heard[1:] == ["async_payment_succeeded"]:
                assert session["payment_status"] == "paid"

    @invariant()
    def every_event_left_for_the_shop_and_none_twice(self) -> None:
        ids = [event["id"] for event in self.things("event")]
        assert len(set(ids)) == len(ids) == len(self.sender.deliveries)
        assert events.listed(self.call, {"limit": 100})["data"][0:1] == self.things("event")[-1:]

    @invariant()
    def the_balance_is_the_sum_of_its_entries(self) -> None:
        entries = self.things("balance_transaction")
        assert all(entry["net"] == entry["amount"] - entry["fee"] for entry in entries)
        charged = sum(e["amount"] for e in entries if e["type"] in ("charge", "payment"))
        captured = sum(c["amount_captured"] for c in self.things("charge"))
        assert charged == captured

    @invariant()
    def money_left_only_for_refunds_that_count(self) -> None:
        out = ("refund", "payment_refund", "refund_failure", "payment_failure_refund")
        entries = [e for e in self.things("balance_transaction") if e["type"] in out]
        booked = [r for r in self.things("refund") if r["balance_transaction"]]
        kept = [r for r in booked if not r.get("failure_balance_transaction")]
        assert -sum(e["amount"] for e in entries) == sum(r["amount"] for r in kept)
        for refund in self.things("refund"):
            assert refund["status"] != "succeeded" or refund["balance_transaction"]


Trade.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestTrade = Trade.TestCase
