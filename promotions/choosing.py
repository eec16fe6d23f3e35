"""Which deal reduces which lines, so that the customer pays least.

A line is reduced by one deal only. A percentage is looked at line by line, an amount takes all
lines it is about and comes off once; several amounts never meet in one order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.money import Money, in_steps, share, total, zero
from promotions.rules import Rule


@dataclass(frozen=True, slots=True)
class Cut:
    """One deal's discount on the lines at `places`."""

    rule: Rule
    places: tuple[int, ...]
    amount: Money


def choose(
    rules: Sequence[Rule], grosses: Sequence[Money], product_ids: Sequence[int], currency: str
) -> list[Cut]:
    """The cheapest plan. Deals that need no code win ties, then the older ones, in whatever order
    they are given: where two are equal, who gets which line can be worth a cent."""
    in_order = sorted(rules, key=lambda rule: (rule.code_id or 0, rule.deal_id))
    best: list[Cut] = []
    for plan in _plans(in_order, grosses, product_ids, currency):
        if _worth(best, currency) < _worth(plan, currency):
            best = plan
    return [cut for cut in best if cut.amount]


def _worth(plan: Sequence[Cut], currency: str) -> Money:
    return total([cut.amount for cut in plan], currency)


def _plans(
    rules: Sequence[Rule], grosses: Sequence[Money], product_ids: Sequence[int], currency: str
) -> Iterator[list[Cut]]:
    """Each deal alone is a plan too: rounding one large sum can beat rounding several parts."""
    about = {rule: rule.lines_among(product_ids) for rule in rules}
    percents = [rule for rule in rules if rule.kind == "percent"]
    everything = frozenset(range(len(grosses)))
    for rule in rules:
        yield [_cut(rule, about[rule], grosses, currency)]
    yield _best_percents(percents, everything, about, grosses, currency)
    for rule in rules:
        if rule.kind == "amount":
            rest = everything - about[rule]
            yield [
                _cut(rule, about[rule], grosses, currency),
                *_best_percents(percents, rest, about, grosses, currency),
            ]


def _best_percents(
    percents: Sequence[Rule],
    places: frozenset[int],
    about: dict[Rule, frozenset[int]],
    grosses: Sequence[Money],
    currency: str,
) -> list[Cut]:
    taken: dict[Rule, list[int]] = {}
    for place in sorted(places):
        fitting = [rule for rule in percents if place in about[rule]]
        if fitting:
            taken.setdefault(max(fitting, key=_percent), []).append(place)
    return [_cut(rule, lines, grosses, currency) for rule, lines in taken.items()]


def _percent(rule: Rule) -> int:
    return rule.percent or 0


def _cut(
    rule: Rule, places: frozenset[int] | list[int], grosses: Sequence[Money], currency: str
) -> Cut:
    """Never more than the lines cost."""
    gross = total([grosses[place] for place in places], currency)
    if rule.kind == "percent":
        amount = min(in_steps(share(gross, _percent(rule), 100)), gross)
    else:
        amount = min(rule.amount or zero(currency), gross)
    return Cut(rule, tuple(sorted(places)), amount)
