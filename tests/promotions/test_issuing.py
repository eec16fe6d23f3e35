"""Codes issued, refused, and counted by their uses."""

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import InvalidForm
from core.shops import Shop
from promotions.errors import CodeNotAllowed, CodeTaken
from promotions.issuing import count_uses, create_code, list_codes
from promotions.redemptions import keep, release, reserve
from tests.conftest import SetClock
from tests.promotions.baskets import a_code

pytestmark = pytest.mark.sqlite_only


async def test_a_code_nearly_spelled_like_another_is_refused(
    session: AsyncSession, shop: Shop, clock: SetClock
) -> None:
    code = await a_code(session, shop.key, now=clock())
    with pytest.raises(CodeTaken) as taken:
        await create_code(session, shop.key, code.deal_id, code="rosen 1o", now=clock())
    assert taken.value.details == {"code": "ROSEN10"}
    assert [one.code for one in await list_codes(session, shop.key, [code.deal_id])] == ["ROSEN10"]


@pytest.mark.parametrize("wish", ["", "AB", "--A--", "X" * 31, "🌹🌹🌹🌹"])
async def test_a_code_needs_three_to_thirty_letters_and_digits(
    session: AsyncSession, shop: Shop, clock: SetClock, wish: str
) -> None:
    code = await a_code(session, shop.key, now=clock())
    with pytest.raises(CodeNotAllowed):
        await create_code(session, shop.key, code.deal_id, code=wish, now=clock())


async def test_limits_and_times_that_make_no_sense_are_named(
    session: AsyncSession, shop: Shop, clock: SetClock
) -> None:
    code = await a_code(session, shop.key, now=clock())
    with pytest.raises(InvalidForm) as wrong:
        await create_code(
            session, shop.key, code.deal_id, total_limit=-1, valid_from=clock(),
            valid_until=clock(), now=clock(),
        )  # fmt: skip
    assert set(wrong.value.fields) == {"total_limit", "valid_until"}


async def test_uses_are_counted_by_what_became_of_them(
    session: AsyncSession, shop: Shop, clock: SetClock
) -> None:
    code = await a_code(session, shop.key, now=clock())
    for number in range(3):
        await reserve(session, shop.key, code.key, f"order-{number}", "customer-1", now=clock())
    await keep(session, shop.key, "order-0", now=clock())
    await release(session, shop.key, "order-1", now=clock())
    assert await count_uses(session, shop.key, [code.key, 999]) == {
        code.key: {"reserved": 1, "kept": 1},
        999: {"reserved": 0, "kept": 0},
    }
