"""What banks, Stripe and those who sit at its dashboard do."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.orders_and_money.machine import Purchase
from tests.orders_and_money.people import ORDERS, SHOP, WHICH, People, one_of


class Banks(People):
    @precondition(lambda self: self.bank.has("charge"))
    @rule(order=ORDERS, page=WHICH, arrives=st.booleans())
    def the_bank_decides(self, order: Purchase, page: int, arrives: bool) -> None:
        if order.pages:
            chosen = order.pages[-1 - page % len(order.pages)]
            self.bank.control(f"/sessions/{chosen}/{'settle' if arrives else 'fail'}")
        self.go_on()

    @precondition(lambda self: self.bank.has("charge"))
    @rule(order=ORDERS, payment=WHICH, percent=st.integers(1, 100))
    def somebody_refunds_in_the_dashboard(
        self, order: Purchase, payment: int, percent: int
    ) -> None:
        paid = one_of(self._payments(order), payment)
        if paid is not None:
            step = order.shop.wares.smallest * order.shop.wares.at_stripe
            amount = max(step, paid["amount_received"] * percent // 100 // step * step)
            account = order.shop.merchant.account_id
            self.bank.refund_in_the_dashboard(account, paid["id"], amount)
        self.go_on()

    @precondition(lambda self: self.bank.has("charge"))
    @rule(order=ORDERS, payment=WHICH, reason=st.sampled_from(["fraudulent", "inquiry"]))
    def the_buyer_disputes(self, order: Purchase, payment: int, reason: str) -> None:
        paid = one_of(self._payments(order), payment)
        if paid is not None:
            self.bank.control(f"/charges/{paid['latest_charge']}/dispute", reason=reason)
        self.go_on()

    @precondition(lambda self: self.bank.has("dispute"))
    @rule(dispute=WHICH, what=st.sampled_from(["review", "win", "lose"]))
    def a_dispute_goes_on(self, dispute: int, what: str) -> None:
        self._goes_on("dispute", dispute, what)

    @precondition(lambda self: self.bank.has("refund"))
    @rule(refund=WHICH, what=st.sampled_from(["succeed", "fail", "require_action"]))
    def a_refund_goes_on(self, refund: int, what: str) -> None:
        self._goes_on("refund", refund, what)

    def _goes_on(self, kind: str, number: int, what: str) -> None:
        found = one_of(self.bank.things(kind), number)
        if found is not None:
            self.bank.control(f"/{kind}s/{found['id']}/{what}")
        self.go_on()

    @precondition(lambda self: self.bank.has("charge"))
    @rule(shop=SHOP, is_empty=st.booleans())
    def the_balance_is(self, shop: int, is_empty: bool) -> None:
        stocked = self.shop_at(shop)
        self.bank.control(
            "/balances", account=stocked.merchant.account_id,
            currency=stocked.wares.currency.lower(),
            amount_minor=0 if is_empty else 50_000_000,
        )  # fmt: skip
        self.go_on()

    def _payments(self, order: Purchase) -> list[Any]:
        mine = (order.reference, f"{order.reference}-change-")
        return [
            one
            for one in self.bank.things("payment_intent", order.shop.merchant.account_id)
            if one["amount_received"]
            and (
                (about := one["metadata"].get("tresen_reference", "")) == mine[0]
                or about.startswith(mine[1])
            )
        ]
