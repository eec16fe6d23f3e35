"""A price rule as plain values, and the decision that is made about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.money import Money
from promotions.models import DealKind

RefusalReason = Literal[
    "minimum_not_reached",
    "no_matching_products",
    "shipping_is_free_already",
    "a_better_deal_applies",
    "other_currency",
]


@dataclass(frozen=True, slots=True)
class Rule:
    """`percent` goes with kind "percent" and `amount` with "amount" (once per order, not per
    piece). `product_ids` empty means all products. Rules without `code_id` apply by themselves."""

    deal_id: int
    title: str
    kind: DealKind
    percent: int | None = None
    amount: Money | None = None
    minimum: Money | None = None
    product_ids: frozenset[int] = frozenset()
    code: str | None = None
    code_id: int | None = None

    def lines_among(self, product_ids: Sequence[int]) -> frozenset[int]:
        """The places of the lines this rule is about."""
        return frozenset(
            place
            for place, product_id in enumerate(product_ids)
            if not self.product_ids or product_id in self.product_ids
        )


@dataclass(frozen=True, slots=True)
class Applied:
    rule: Rule
    amount: Money
    on: Literal["goods", "shipping"]


@dataclass(frozen=True, slots=True)
class Refused:
    """`missing`: what must still go into the basket, with "minimum_not_reached" only."""

    rule: Rule
    reason: RefusalReason
    missing: Money | None = None


Decision = Applied | Refused


def refusal(rule: Rule, goods: Money, product_ids: Sequence[int]) -> Refused | None:
    """Why the rule does not fit this basket at all, or None if it does."""
    for limit in (rule.amount, rule.minimum):
        if limit is not None and limit.currency != goods.currency:
            return Refused(rule, "other_currency")
    if not rule.lines_among(product_ids):
        return Refused(rule, "no_matching_products")
    if rule.minimum is not None and goods < rule.minimum:
        return Refused(rule, "minimum_not_reached", rule.minimum - goods)
    return None
