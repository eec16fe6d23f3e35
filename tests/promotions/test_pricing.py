"""What baskets cost: exact examples."""

import pytest

from core.money import MixedCurrencies, Money
from promotions.pricing import Applied, PriceLine, Refused, Tax, price
from tests.promotions.baskets import amount, eur, free_shipping, line, percent


def test_without_rules_the_total_is_goods_and_shipping() -> None:
    quote = price(
        [line(1, 1990, 2), line(2, 500)], shipping=eur(490), shipping_tax_bp=1900, rules=[]
    )
    assert quote.goods == eur(4480)
    assert quote.discount == eur(0)
    assert quote.total == eur(4970)
    assert quote.decisions == ()


def test_vat_is_the_part_contained_in_each_line_and_shipping_is_a_line_of_its_own() -> None:
    quote = price(
        [line(1, 1190), line(2, 1070, tax_bp=700), line(3, 100)],
        shipping=eur(119),
        shipping_tax_bp=1900,
        rules=[],
    )
    assert [one.tax for one in quote.lines] == [eur(190), eur(70), eur(16)]
    assert quote.shipping_tax == eur(19)
    assert quote.tax_by_rate == {
        700: Tax(eur(1070), eur(70)),
        1900: Tax(eur(1190 + 100 + 119), eur(190 + 16 + 19)),
    }


def test_without_vat_there_is_none_anywhere() -> None:
    quote = price([line(1, 1190, tax_bp=0)], shipping=eur(490), shipping_tax_bp=0, rules=[])
    assert quote.tax_by_rate == {0: Tax(eur(1680), eur(0))}


def test_a_percentage_is_rounded_once_on_the_sum_and_spread_so_that_it_adds_up() -> None:
    tenth = percent(1, 10)
    quote = price(
        [line(n, 333) for n in (1, 2, 3)], shipping=eur(0), shipping_tax_bp=0, rules=[tenth]
    )
    assert quote.discount == eur(100)  # 99.9 rounded up, where three lines alone give 99
    assert [one.discount for one in quote.lines] == [eur(34), eur(33), eur(33)]
    assert quote.total == eur(899)
    assert quote.decisions == (Applied(tenth, eur(100), "goods"),)


def test_an_amount_comes_off_once_and_never_more_than_the_goods_cost() -> None:
    five = amount(1, 500)
    assert price([line(1, 300, 4)], shipping=eur(0), shipping_tax_bp=0, rules=[five]).total == eur(
        700
    )
    small = price([line(1, 300)], shipping=eur(490), shipping_tax_bp=1900, rules=[five])
    assert small.discount == eur(300)
    assert small.total == eur(490)
    assert small.decisions == (Applied(five, eur(300), "goods"),)


def test_free_shipping_waives_the_shipping_and_leaves_the_goods_alone() -> None:
    rule = free_shipping(1)
    quote = price([line(1, 1000)], shipping=eur(490), shipping_tax_bp=1900, rules=[rule])
    assert (quote.shipping, quote.shipping_discount, quote.total) == (eur(490), eur(490), eur(1000))
    assert quote.shipping_tax == eur(0)
    assert quote.tax_by_rate == {1900: Tax(eur(1000), eur(160))}
    assert quote.decisions == (Applied(rule, eur(490), "shipping"),)


def test_free_shipping_on_free_shipping_is_refused_so_that_no_code_is_wasted() -> None:
    rule = free_shipping(1, code="VERSAND", code_id=7)
    quote = price([line(1, 1000)], shipping=eur(0), shipping_tax_bp=1900, rules=[rule])
    assert quote.decisions == (Refused(rule, "shipping_is_free_already"),)
    assert quote.code_ids == frozenset()


def test_below_the_minimum_the_decision_says_how_much_is_missing() -> None:
    rule = percent(1, 10, minimum=eur(3000))
    below = price([line(1, 2550)], shipping=eur(490), shipping_tax_bp=1900, rules=[rule])
    assert below.decisions == (Refused(rule, "minimum_not_reached", eur(450)),)
    assert below.total == eur(3040)
    reached = price([line(1, 3000)], shipping=eur(0), shipping_tax_bp=1900, rules=[rule])
    assert reached.decisions == (Applied(rule, eur(300), "goods"),)


def test_a_deal_on_some_products_leaves_the_others_alone() -> None:
    roses = percent(4, 50, 1)
    quote = price([line(1, 1000), line(2, 1000)], shipping=eur(0), shipping_tax_bp=0, rules=[roses])
    assert [one.discount for one in quote.lines] == [eur(500), eur(0)]
    assert [one.deal_id for one in quote.lines] == [4, None]
    other = price([line(2, 1000)], shipping=eur(0), shipping_tax_bp=0, rules=[roses])
    assert other.decisions == (Refused(roses, "no_matching_products"),)


def test_each_line_takes_its_best_percentage() -> None:
    everything, roses = percent(1, 10), percent(2, 20, 1)
    quote = price(
        [line(1, 1000), line(2, 1000)],
        shipping=eur(0),
        shipping_tax_bp=0,
        rules=[everything, roses],
    )
    assert [one.discount for one in quote.lines] == [eur(200), eur(100)]
    assert quote.decisions == (
        Applied(everything, eur(100), "goods"),
        Applied(roses, eur(200), "goods"),
    )


def test_the_better_of_two_deals_on_the_same_goods_wins_and_they_do_not_add_up() -> None:
    tenth, five = percent(1, 10), amount(2, 500)
    small = price([line(1, 2000)], shipping=eur(0), shipping_tax_bp=0, rules=[tenth, five])
    assert small.decisions == (
        Refused(tenth, "a_better_deal_applies"),
        Applied(five, eur(500), "goods"),
    )
    large = price([line(1, 9000)], shipping=eur(0), shipping_tax_bp=0, rules=[tenth, five])
    assert large.decisions == (
        Applied(tenth, eur(900), "goods"),
        Refused(five, "a_better_deal_applies"),
    )


def test_an_amount_on_some_goods_goes_together_with_a_percentage_on_the_others() -> None:
    everything, tulips = percent(1, 10), amount(2, 400, 2)
    quote = price(
        [line(1, 1000), line(2, 1000)],
        shipping=eur(0),
        shipping_tax_bp=0,
        rules=[everything, tulips],
    )
    assert [one.discount for one in quote.lines] == [eur(100), eur(400)]


def test_a_code_that_gives_no_more_than_the_running_deal_is_not_used_up() -> None:
    code = percent(2, 10, code="ROSEN10", code_id=5)
    running = percent(1, 10)
    quote = price([line(1, 1000)], shipping=eur(0), shipping_tax_bp=0, rules=[code, running])
    assert quote.decisions == (
        Refused(code, "a_better_deal_applies"),
        Applied(running, eur(100), "goods"),
    )
    assert quote.code_ids == frozenset()


def test_a_goods_deal_and_free_shipping_go_together() -> None:
    code = percent(2, 10, code="ROSEN10", code_id=5)
    quote = price(
        [line(1, 1000)], shipping=eur(490), shipping_tax_bp=0, rules=[free_shipping(1), code]
    )
    assert quote.total == eur(900)
    assert quote.code_ids == {5}


def test_a_discount_that_comes_to_nothing_is_not_called_applied() -> None:
    rule = percent(1, 1, code="X", code_id=1)
    quote = price([line(1, 4)], shipping=eur(0), shipping_tax_bp=0, rules=[rule])
    assert quote.decisions == (Refused(rule, "a_better_deal_applies"),)


def test_a_rule_in_another_currency_is_refused() -> None:
    rule = amount(1, 500)
    yen = PriceLine(1, 1, 1, Money(3000, "JPY"), 1900)
    quote = price([yen], shipping=Money(0, "JPY"), shipping_tax_bp=0, rules=[rule])
    assert quote.decisions == (Refused(rule, "other_currency"),)
    assert quote.total == Money(3000, "JPY")


def test_two_currencies_in_one_basket_are_a_mistake() -> None:
    with pytest.raises(MixedCurrencies):
        price([line(1, 100)], shipping=Money(0, "JPY"), shipping_tax_bp=0, rules=[])


def test_the_same_rule_given_twice_counts_once() -> None:
    tenth = percent(1, 10)
    quote = price([line(1, 1000)], shipping=eur(0), shipping_tax_bp=0, rules=[tenth, tenth])
    assert quote.decisions == (Applied(tenth, eur(100), "goods"),)


def test_an_empty_basket_costs_its_shipping_and_fits_no_deal() -> None:
    rule = percent(1, 10)
    quote = price([], shipping=eur(490), shipping_tax_bp=1900, rules=[rule])
    assert quote.total == eur(490)
    assert quote.decisions == (Refused(rule, "no_matching_products"),)


@pytest.mark.parametrize("wrong", [{"quantity": 0}, {"unit": eur(-1)}, {"tax_bp": -1}])
def test_a_line_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    values = {"variant_id": 1, "product_id": 1, "quantity": 1, "unit": eur(1), "tax_bp": 0} | wrong
    with pytest.raises(ValueError, match="not a line"):
        PriceLine(**values)  # type: ignore[arg-type]


def test_one_deal_alone_can_be_worth_more_than_two_rounded_apart() -> None:
    everything, roses = percent(1, 10), percent(2, 11, 1)
    quote = price(
        [line(1, 4), line(2, 1)], shipping=eur(0), shipping_tax_bp=0, rules=[everything, roses]
    )
    assert quote.total == eur(4)
    assert quote.decisions == (
        Applied(everything, eur(1), "goods"),
        Refused(roses, "a_better_deal_applies"),
    )
