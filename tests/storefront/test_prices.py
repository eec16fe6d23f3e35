"""What may be struck through: the lowest price of the 30 days before a reduction."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.money import Money
from core.shops import Shop
from promotions.deals import create_deal, end_deal
from storefront.catalogue import get_card
from storefront.prices import Reduction, lowest_before, shown_price
from storefront.variants import edit_variant
from tests.conftest import SetClock, WatchedDatabase
from tests.storefront.goods import a_product

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def cut(percent: int, since: datetime, until: datetime | None = None) -> Reduction:
    return Reduction(percent, frozenset(), since, until)


def test_a_reduction_stands_beside_the_price_before_it() -> None:
    history = [(NOW - 90 * DAY, eur(2000))]
    shown = shown_price(eur(2000), 1, history, [cut(25, NOW - DAY)], now=NOW)
    assert (shown.now, shown.was) == (eur(1500), eur(2000))


def test_a_price_raised_just_before_a_reduction_is_not_what_is_struck_through() -> None:
    history = [(NOW - 90 * DAY, eur(1000)), (NOW - 5 * DAY, eur(2000))]
    shown = shown_price(eur(2000), 1, history, [cut(20, NOW - DAY)], now=NOW)
    assert (shown.now, shown.was) == (eur(1600), None)
    later = shown_price(eur(2000), 1, history, [cut(20, NOW + 40 * DAY)], now=NOW + 41 * DAY)
    assert (later.now, later.was) == (eur(1600), eur(2000))


def test_one_reduction_after_another_is_counted_from_the_lower_price() -> None:
    history = [(NOW - 90 * DAY, eur(2000))]
    cuts = [cut(30, NOW - 10 * DAY, NOW - 5 * DAY), cut(20, NOW - DAY)]
    assert shown_price(eur(2000), 1, history, cuts, now=NOW).was is None
    cuts = [cut(10, NOW - 10 * DAY, NOW - 5 * DAY), cut(20, NOW - DAY)]
    assert shown_price(eur(2000), 1, history, cuts, now=NOW).was == eur(1800)


def test_what_was_never_offered_before_has_no_earlier_price() -> None:
    history = [(NOW - DAY, eur(2000))]
    shown = shown_price(eur(2000), 1, history, [cut(20, NOW - DAY)], now=NOW)
    assert (shown.now, shown.was) == (eur(1600), None)


def test_outside_its_time_a_reduction_changes_nothing() -> None:
    history = [(NOW - 90 * DAY, eur(2000))]
    for outside in (cut(20, NOW + DAY), cut(20, NOW - 5 * DAY, NOW)):
        shown = shown_price(eur(2000), 1, history, [outside], now=NOW)
        assert (shown.now, shown.was) == (eur(2000), None)


moments = st.integers(0, 80).map(lambda days: NOW - days * DAY)
histories = st.lists(st.tuples(moments, st.integers(1, 500).map(eur)), max_size=6).map(
    lambda changes: sorted(changes, key=lambda change: change[0])
)
reductions = st.builds(
    cut, st.integers(1, 90), moments, st.one_of(st.none(), moments)
)  # fmt: skip


@given(histories, st.lists(reductions, max_size=3), moments)
def test_the_lowest_price_is_what_a_look_at_every_hour_would_have_found(
    history: list[tuple[datetime, Money]], cuts: list[Reduction], before: datetime
) -> None:
    asked = []
    for hour in range(1, 30 * 24 + 1):
        at = before - timedelta(hours=hour)
        base = next((price for since, price in reversed(history) if since <= at), None)
        if base is not None:
            asked.append(shown_price(base, 1, [], cuts, now=at).now.minor)
    lowest = lowest_before(history, cuts, before=before)
    assert (None if lowest is None else lowest.minor) == min(asked, default=None)


async def test_a_card_shows_an_automatic_deal_with_the_lowest_price(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now = clock()
    async with db.transaction() as session:
        product, variant = await a_product(session, shop, price=2000, now=now - 60 * DAY)
        await edit_variant(session, shop, variant.key, price=eur(1900), name="", sku="",
                           content_thousandths=None, now=now - 10 * DAY)  # fmt: skip
        await edit_variant(session, shop, variant.key, price=eur(2400), name="", sku="",
                           content_thousandths=None, now=now - 2 * DAY)  # fmt: skip
        deal = await create_deal(session, shop.key, title="Ein Viertel weniger", kind="percent",
                                 currency="EUR", percent=25, product_ids=[product.key], now=now)  # fmt: skip
    async with db.reading() as session:
        card = await get_card(session, shop.key, product.key, now=now)
    assert (card.price, card.was, card.lowest) == (eur(1800), eur(1900), eur(1900))
    async with db.transaction() as session:
        await end_deal(session, shop.key, deal.key, now=now + DAY)
        card = await get_card(session, shop.key, product.key, now=now + DAY)
    assert (card.price, card.was) == (eur(2400), None)


async def test_deals_with_a_code_or_a_minimum_strike_nothing_through(
    sqlite_db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    now = clock()
    async with sqlite_db.transaction() as session:
        product, _ = await a_product(session, shop, price=2000, now=now - 60 * DAY)
        await create_deal(session, shop.key, title="Mit Code", kind="percent", currency="EUR",
                          percent=25, needs_code=True, now=now)  # fmt: skip
        await create_deal(session, shop.key, title="Ab 50", kind="percent", currency="EUR",
                          percent=25, minimum=eur(5000), now=now)  # fmt: skip
        await create_deal(session, shop.key, title="5 Euro", kind="amount", currency="EUR",
                          amount=eur(500), now=now)  # fmt: skip
        card = await get_card(session, shop.key, product.key, now=now)
    assert (card.price, card.was) == (eur(2000), None)
