"""Finding what a code gives."""

from datetime import timedelta

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core.shops import Shop, open_shop
from promotions.codes import find_at_hand, find_offer
from promotions.deals import create_deal, end_deal
from promotions.errors import (
    CodeExpired,
    CodeHeldByYou,
    CodeMistyped,
    CodeNotYetValid,
    CodeUnknown,
    CodeUsedByYou,
    CodeUsedUp,
    DealUnknown,
)
from promotions.issuing import create_code
from promotions.pricing import Rule
from promotions.redemptions import keep, reserve
from tests.conftest import SetClock
from tests.promotions.baskets import a_code, eur

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
async def shop(session: AsyncSession, clock: SetClock) -> Shop:
    return await open_shop(session, "blumen", "Blumen am Markt", now=clock())


async def test_a_code_gives_its_deal_however_it_is_typed(
    session: AsyncSession, shop: Shop, clock: SetClock
) -> None:
    code = await a_code(session, shop.key, now=clock())
    offer = await find_offer(session, shop.key, " rosen-1O", customer=None, now=clock())
    assert (offer.code_id, offer.code) == (code.key, "ROSEN10")
    assert offer.rule == Rule(
        offer.deal.key, "Zehn Prozent auf Rosen", "percent", percent=10, code="ROSEN10",
        code_id=code.key,
    )  # fmt: skip


@pytest.mark.parametrize(
    "typed", ["", " - ", "NELKEN10", "x" * 5000, "'; DROP TABLE deal; --", "\x00"]
)
async def test_an_unknown_code_is_said_to_be_unknown(
    session: AsyncSession, shop: Shop, clock: SetClock, typed: str
) -> None:
    await a_code(session, shop.key, now=clock())
    with pytest.raises(CodeUnknown):
        await find_offer(session, shop.key, typed, customer=None, now=clock())


async def test_a_slip_in_a_generated_code_is_called_one(
    session: AsyncSession, shop: Shop, clock: SetClock
) -> None:
    deal = await create_deal(
        session, shop.key, title="Versand frei", kind="shipping", currency="EUR", now=clock()
    )
    made = await create_code(session, shop.key, deal.key, now=clock())
    wrong = made.code[:-1] + ("2" if made.code[-1] != "2" else "3")
    with pytest.raises(CodeMistyped):
        await find_offer(session, shop.key, wrong, customer=None, now=clock())
    found = await find_offer(session, shop.key, made.code.lower(), customer=None, now=clock())
    assert found.code_id == made.key


async def test_a_code_belongs_to_one_shop(
    session: AsyncSession, shop: Shop, clock: SetClock
) -> None:
    other = await open_shop(session, "garten", "Garten", now=clock())
    code = await a_code(session, shop.key, now=clock())
    with pytest.raises(CodeUnknown):
        await find_offer(session, other.key, "ROSEN10", customer=None, now=clock())
    with pytest.raises(DealUnknown):
        await create_code(session, other.key, code.deal_id, code="MEINS", now=clock())
    with pytest.raises(CodeUnknown):
        await reserve(session, other.key, code.key, "order-1", "customer-1", now=clock())
    same_name = await a_code(session, other.key, now=clock())
    assert same_name.code == "ROSEN10"


async def test_a_code_works_within_its_own_times_and_those_of_its_deal(
    session: AsyncSession, shop: Shop, clock: SetClock
) -> None:
    start = clock()
    deal = await create_deal(
        session, shop.key, title="Mai", kind="percent", percent=5, currency="EUR", needs_code=True,
        starts_at=start + timedelta(days=1), ends_at=start + timedelta(days=9), now=start,
    )  # fmt: skip
    await create_code(
        session, shop.key, deal.key, code="MAI5", valid_from=start + timedelta(days=2),
        valid_until=start + timedelta(days=30), now=start,
    )  # fmt: skip

    async def at(**later: float) -> object:
        when = start + timedelta(**later)
        return await find_offer(session, shop.key, "MAI5", customer=None, now=when)

    with pytest.raises(CodeNotYetValid) as early:
        await at(days=2, seconds=-1)
    assert early.value.details == {"since": start + timedelta(days=2)}
    assert await at(days=2)
    assert await at(days=9, seconds=-1)
    with pytest.raises(CodeExpired):
        await at(days=9)
    await end_deal(session, shop.key, deal.key, now=start)
    with pytest.raises(CodeExpired):
        await at(days=5)


async def test_none_is_unlimited_and_nought_is_none(
    session: AsyncSession, shop: Shop, clock: SetClock
) -> None:
    free = await a_code(session, shop.key, code="OFFEN", now=clock())
    closed = await a_code(session, shop.key, code="GESPERRT", now=clock(), total_limit=0)
    for number in range(5):
        await reserve(session, shop.key, free.key, f"order-{number}", "customer-1", now=clock())
    with pytest.raises(CodeUsedUp):
        await find_offer(session, shop.key, closed.code, customer=None, now=clock())
    with pytest.raises(CodeUsedUp):
        await reserve(session, shop.key, closed.key, "order-9", "customer-1", now=clock())
    for_nobody = await a_code(session, shop.key, code="NIEMAND", now=clock(), per_customer_limit=0)
    with pytest.raises(CodeUsedByYou):
        await find_offer(session, shop.key, for_nobody.code, customer="customer-1", now=clock())


async def test_a_customer_hears_whether_the_code_is_used_or_only_held(
    session: AsyncSession, shop: Shop, clock: SetClock
) -> None:
    code = await a_code(session, shop.key, now=clock(), per_customer_limit=1)
    await reserve(session, shop.key, code.key, "order-1", "customer-1", now=clock())
    with pytest.raises(CodeHeldByYou) as held:
        await find_offer(session, shop.key, "ROSEN10", customer="customer-1", now=clock())
    assert held.value.details == {"reference": "order-1"}
    await keep(session, shop.key, "order-1", now=clock())
    with pytest.raises(CodeUsedByYou) as used:
        await find_offer(session, shop.key, "ROSEN10", customer="customer-1", now=clock())
    assert type(used.value) is CodeUsedByYou
    assert await find_offer(session, shop.key, "ROSEN10", customer="customer-2", now=clock())
    assert await find_offer(session, shop.key, "ROSEN10", customer=None, now=clock())


async def test_deals_without_a_code_apply_by_themselves(
    session: AsyncSession, shop: Shop, clock: SetClock
) -> None:
    await a_code(session, shop.key, now=clock())
    deal = await create_deal(
        session, shop.key, title="Tulpen", kind="amount", amount=eur(200), minimum=eur(1000),
        product_ids=[3, 2, 3], currency="EUR", now=clock(),
    )  # fmt: skip
    assert (await find_at_hand(session, shop.key, None, now=clock())).rules == (
        Rule(deal.key, "Tulpen", "amount", amount=eur(200), minimum=eur(1000),
             product_ids=frozenset({2, 3})),
    )  # fmt: skip
