"""What must hold for every basket, every set of rules and every kind of currency."""

from hypothesis import given
from hypothesis import strategies as st

from core.money import Money, total
from promotions.pricing import Applied, PriceLine, Rule, price, tax_in

CURRENCIES = ["EUR", "JPY", "ISK", "HUF", "KWD"]
PRODUCTS = st.integers(1, 4)


@st.composite
def rules_in(draw: st.DrawFn, currency: str, deal_id: int) -> Rule:
    kind = draw(st.sampled_from(["percent", "percent", "amount", "amount", "shipping"]))
    minimum = draw(st.none() | st.integers(0, 50_000))
    return Rule(
        deal_id=deal_id,
        title=f"Deal {deal_id}",
        kind=kind,
        percent=draw(st.integers(1, 100)) if kind == "percent" else None,
        amount=Money(draw(st.integers(1, 20_000)), currency) if kind == "amount" else None,
        minimum=None if minimum is None else Money(minimum, currency),
        product_ids=draw(st.frozensets(PRODUCTS, max_size=2)),
        code_id=draw(st.none() | st.just(deal_id)),
    )


@st.composite
def baskets(draw: st.DrawFn) -> tuple[list[PriceLine], Money, list[Rule]]:
    currency = draw(st.sampled_from(CURRENCIES))
    lines = [
        PriceLine(
            variant_id=place,
            product_id=draw(PRODUCTS),
            quantity=draw(st.integers(1, 20)),
            unit=Money(draw(st.integers(0, 30) | st.integers(0, 10_000_000)), currency),
            tax_bp=draw(st.sampled_from([0, 700, 1900, 2550])),
        )
        for place in range(draw(st.integers(0, 6)))
    ]
    shipping = Money(draw(st.sampled_from([0, 1, 490, 12_345])), currency)
    rules = [draw(rules_in(currency, deal_id)) for deal_id in range(draw(st.integers(0, 5)))]
    return lines, shipping, rules


@given(baskets())
def test_all_sums_hold(basket: tuple[list[PriceLine], Money, list[Rule]]) -> None:
    lines, shipping, rules = basket
    currency = shipping.currency
    quote = price(lines, shipping=shipping, shipping_tax_bp=1900, rules=rules)
    assert quote.goods == total([line.gross for line in lines], currency)
    assert quote.discount == total([line.discount for line in quote.lines], currency)
    assert (
        quote.total == total([line.total for line in quote.lines], currency) + quote.shipping_total
    )
    assert quote.total == quote.goods - quote.discount + quote.shipping - quote.shipping_discount
    assert quote.discount + quote.shipping_discount == total(
        [one.amount for one in quote.applied], currency
    )
    taxed = [tax.gross for tax in quote.tax_by_rate.values()]
    assert total(taxed, currency) == quote.total
    tax = total([line.tax for line in quote.lines], currency) + quote.shipping_tax
    assert total([one.amount for one in quote.tax_by_rate.values()], currency) == tax


@given(baskets())
def test_nothing_is_reduced_below_zero_or_without_a_deal(
    basket: tuple[list[PriceLine], Money, list[Rule]],
) -> None:
    lines, shipping, rules = basket
    quote = price(lines, shipping=shipping, shipping_tax_bp=1900, rules=rules)
    by_deal = {one.rule.deal_id: one for one in quote.applied if one.on == "goods"}
    assert 0 <= quote.shipping_discount.minor <= shipping.minor
    for line in quote.lines:
        assert 0 <= line.discount.minor <= line.gross.minor
        assert line.total == line.gross - line.discount
        assert line.tax == tax_in(line.total, line.tax_bp)
        if line.discount:
            rule = by_deal[line.deal_id or 0].rule
            assert not rule.product_ids or line.product_id in rule.product_ids


@given(baskets())
def test_every_rule_gets_exactly_one_decision_and_limits_are_kept(
    basket: tuple[list[PriceLine], Money, list[Rule]],
) -> None:
    lines, shipping, rules = basket
    quote = price(lines, shipping=shipping, shipping_tax_bp=1900, rules=rules)
    assert [one.rule for one in quote.decisions] == rules
    for one in quote.applied:
        assert one.rule.minimum is None or one.rule.minimum <= quote.goods
        if one.rule.kind == "amount":
            assert one.rule.amount is not None
            assert one.amount <= one.rule.amount
    for refused in quote.refused:
        if refused.missing is not None and refused.rule.minimum is not None:
            assert quote.goods + refused.missing == refused.rule.minimum


@given(baskets())
def test_no_choice_of_a_single_deal_would_be_cheaper(
    basket: tuple[list[PriceLine], Money, list[Rule]],
) -> None:
    lines, shipping, rules = basket
    best = price(lines, shipping=shipping, shipping_tax_bp=1900, rules=rules)
    for rule in rules:
        alone = price(lines, shipping=shipping, shipping_tax_bp=1900, rules=[rule])
        assert best.total <= alone.total


@given(baskets())
def test_one_more_deal_never_makes_it_dearer(
    basket: tuple[list[PriceLine], Money, list[Rule]],
) -> None:
    lines, shipping, rules = basket
    totals = [
        price(lines, shipping=shipping, shipping_tax_bp=1900, rules=rules[:count]).total.minor
        for count in range(len(rules) + 1)
    ]
    assert totals == sorted(totals, reverse=True)


@given(baskets(), st.randoms(use_true_random=False))
def test_the_order_of_the_deals_does_not_change_the_price(
    basket: tuple[list[PriceLine], Money, list[Rule]], random: object
) -> None:
    lines, shipping, rules = basket
    one = price(lines, shipping=shipping, shipping_tax_bp=1900, rules=rules)
    other = price(lines, shipping=shipping, shipping_tax_bp=1900, rules=rules[::-1])
    assert one.total == other.total


@given(st.integers(0, 10**9), st.sampled_from([0, 700, 1900, 2550]))
def test_the_vat_is_the_nearest_whole_unit_to_its_exact_share(gross: int, tax_bp: int) -> None:
    tax = tax_in(Money(gross, "EUR"), tax_bp).minor
    # Twice the distance to the exact share is at most one unit; exactly half goes up.
    assert -(10_000 + tax_bp) < 2 * (gross * tax_bp - tax * (10_000 + tax_bp)) <= 0 or 0 <= 2 * (
        gross * tax_bp - tax * (10_000 + tax_bp)
    ) < (10_000 + tax_bp)


def test_equal_deals_give_the_same_in_either_order() -> None:
    """7 % of 8 and of 36 cents, taken one by one, are a cent more than 7 % of 44."""
    rules = [Rule(1, "All", "percent", percent=7),
             Rule(2, "Some", "percent", percent=7, product_ids=frozenset({1}))]  # fmt: skip
    lines = [PriceLine(1, 2, 1, Money(8, "EUR"), 0), PriceLine(2, 1, 1, Money(36, "EUR"), 0)]
    free = Money(0, "EUR")
    totals = {
        price(lines, shipping=free, shipping_tax_bp=0, rules=given).total
        for given in (rules, rules[::-1])
    }
    assert len(totals) == 1


def test_applied_is_never_worth_nothing() -> None:
    rule = Rule(1, "Deal", "percent", percent=1)
    quote = price(
        [PriceLine(1, 1, 1, Money(0, "EUR"), 0)],
        shipping=Money(0, "EUR"), shipping_tax_bp=0, rules=[rule],
    )  # fmt: skip
    assert not [one for one in quote.decisions if isinstance(one, Applied)]
