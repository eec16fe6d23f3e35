"""What a basket costs under the rules that are given. Pure: plain values in, plain values out.

Prices are gross. Money is rounded half up in three named places only: a percentage on the sum of
the lines it reduces, the VAT contained in each line, the VAT contained in the shipping. Discounts
are spread over lines by largest remainder, so the parts add up by construction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.money import Money, split, total, zero
from promotions.choosing import Cut, choose
from promotions.rules import Applied, Decision, RefusalReason, Refused, Rule, refusal
from promotions.taxes import Tax, tax_by_rate, tax_in

__all__ = [
    "Applied", "Decision", "PriceLine", "Quote", "QuotedLine", "RefusalReason", "Refused", "Rule",
    "Tax", "price",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PriceLine:
    """`tax_bp`: the VAT rate in basis points (1900 is 19 %), contained in `unit`."""

    variant_id: int
    product_id: int
    quantity: int
    unit: Money
    tax_bp: int

    def __post_init__(self) -> None:
        if self.quantity < 1 or self.unit.minor < 0 or self.tax_bp < 0:
            raise ValueError(f"not a line of a basket: {self!r}")

    @property
    def gross(self) -> Money:
        return self.unit * self.quantity


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """`gross - discount = total`; `tax` is contained in `total`; `deal_id` gave the discount."""

    variant_id: int
    product_id: int
    quantity: int
    unit: Money
    gross: Money
    discount: Money
    total: Money
    tax_bp: int
    tax: Money
    deal_id: int | None


@dataclass(frozen=True, slots=True)
class Quote:
    """`goods - discount + shipping - shipping_discount = total`."""

    lines: tuple[QuotedLine, ...]
    goods: Money
    discount: Money
    shipping: Money
    shipping_discount: Money
    total: Money
    shipping_tax: Money
    tax_by_rate: Mapping[int, Tax]
    decisions: tuple[Decision, ...]

    @property
    def applied(self) -> tuple[Applied, ...]:
        return tuple(one for one in self.decisions if isinstance(one, Applied))

    @property
    def refused(self) -> tuple[Refused, ...]:
        return tuple(one for one in self.decisions if isinstance(one, Refused))

    @property
    def shipping_total(self) -> Money:
        return self.shipping - self.shipping_discount

    @property
    def code_ids(self) -> frozenset[int]:
        """The codes that lower this price: these are to be redeemed, and no others."""
        return frozenset(one.rule.code_id for one in self.applied if one.rule.code_id is not None)


def price(
    lines: Sequence[PriceLine], *, shipping: Money, shipping_tax_bp: int, rules: Sequence[Rule]
) -> Quote:
    """Raises MixedCurrencies when lines and shipping do not share one currency."""
    currency = shipping.currency
    rules = list(dict.fromkeys(rules))
    goods = total([line.gross for line in lines], currency)
    products = [line.product_id for line in lines]
    refusals = {rule: why for rule in rules if (why := refusal(rule, goods, products))}
    fitting = [rule for rule in rules if rule not in refusals]
    cuts = choose(
        [rule for rule in fitting if rule.kind != "shipping"],
        [line.gross for line in lines], products, currency,
    )  # fmt: skip
    waiver = _waiver(fitting, shipping)
    quoted = tuple(_quote_lines(lines, cuts, currency))
    shipping_discount = shipping if waiver else zero(currency)
    discount = total([cut.amount for cut in cuts], currency)
    charged = shipping - shipping_discount
    parts = [(line.tax_bp, line.total) for line in quoted]
    if charged:
        parts.append((shipping_tax_bp, charged))
    return Quote(
        lines=quoted,
        goods=goods,
        discount=discount,
        shipping=shipping,
        shipping_discount=shipping_discount,
        total=goods - discount + charged,
        shipping_tax=tax_in(charged, shipping_tax_bp),
        tax_by_rate=tax_by_rate(parts, currency),
        decisions=tuple(_decide(rules, refusals, cuts, waiver, shipping)),
    )


def _waiver(rules: Sequence[Rule], shipping: Money) -> Rule | None:
    """The first deal that waives the shipping; one that needs no code comes first."""
    waivers = [rule for rule in rules if rule.kind == "shipping"] if shipping else []
    return min(waivers, key=lambda rule: rule.code_id is not None, default=None)


def _quote_lines(
    lines: Sequence[PriceLine], cuts: Sequence[Cut], currency: str
) -> list[QuotedLine]:
    discounts = [zero(currency)] * len(lines)
    deals: list[int | None] = [None] * len(lines)
    for cut in cuts:
        parts = split(cut.amount, [lines[place].gross.minor for place in cut.places])
        for place, part in zip(cut.places, parts, strict=True):
            discounts[place], deals[place] = part, cut.rule.deal_id
    return [
        _quoted(line, discount, deal)
        for line, discount, deal in zip(lines, discounts, deals, strict=True)
    ]


def _quoted(line: PriceLine, discount: Money, deal_id: int | None) -> QuotedLine:
    charged = line.gross - discount
    return QuotedLine(
        variant_id=line.variant_id,
        product_id=line.product_id,
        quantity=line.quantity,
        unit=line.unit,
        gross=line.gross,
        discount=discount,
        total=charged,
        tax_bp=line.tax_bp,
        tax=tax_in(charged, line.tax_bp),
        deal_id=deal_id,
    )


def _decide(
    rules: Sequence[Rule],
    refusals: Mapping[Rule, Refused],
    cuts: Sequence[Cut],
    waiver: Rule | None,
    shipping: Money,
) -> list[Decision]:
    """One decision for each rule, in the order they were given."""
    amounts = {cut.rule: cut.amount for cut in cuts}
    decisions: list[Decision] = []
    for rule in rules:
        if rule in refusals:
            decisions.append(refusals[rule])
        elif rule in amounts:
            decisions.append(Applied(rule, amounts[rule], "goods"))
        elif rule is waiver:
            decisions.append(Applied(rule, shipping, "shipping"))
        elif rule.kind == "shipping" and not shipping:
            decisions.append(Refused(rule, "shipping_is_free_already"))
        else:
            decisions.append(Refused(rule, "a_better_deal_applies"))
    return decisions
