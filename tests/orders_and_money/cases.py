"""What staff does with withdrawals and returns, one press at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storefront.orders.models import OrderLine
from storefront.withdrawals.coming_back import Arrived, note_proof, receive_goods
from storefront.withdrawals.deadlines import is_awaited
from storefront.withdrawals.deciding import SendingBack, accept, reject
from storefront.withdrawals.finding import get_case, list_cases
from storefront.withdrawals.goods import goods_of
from storefront.withdrawals.models import Withdrawal
from storefront.withdrawals.settling import close_case, is_settled_at_once, pay_back
from tests.orders_and_money.lives import Life
from tests.orders_and_money.shops import Stocked

if TYPE_CHECKING:
    from tests.orders_and_money.post import Post

STAFF = "Mia"
BY_POST = SendingBack("address")


async def take(life: Life, shop: Stocked, case_id: int, pieces: dict[int, int]) -> None:
    async with life.db.transaction() as session:
        await accept(session, shop.key, case_id, pieces, BY_POST, by=STAFF, now=life.now())


async def turn_down(life: Life, shop: Stocked, case_id: int) -> None:
    async with life.db.transaction() as session:
        await reject(session, shop.key, case_id, reason="flowers", by=STAFF, now=life.now())


async def see_proof(life: Life, shop: Stocked, case_id: int) -> None:
    async with life.db.transaction() as session:
        await note_proof(session, shop.key, case_id, proof="a slip", by=STAFF, now=life.now())


async def unpack(
    life: Life, shop: Stocked, case_id: int, *, missing: int = 0, broken: int = 0, lost: int = 0
) -> None:
    """Of each line so many are not in it, and so many cannot be sold again."""
    async with life.db.transaction() as session:
        case = await get_case(session, shop.key, case_id)
        arrived = {}
        for one in await goods_of(session, case):
            came = max(0, one.row.quantity - one.line.to_ship - missing)
            arrived[one.line.key] = Arrived(
                came, max(0, came - broken), lost if came and broken else 0, "a chip"
            )
        await receive_goods(session, shop.key, case_id, arrived, by=STAFF, now=life.now())


async def give_money_back(life: Life, shop: Stocked, case_id: int) -> None:
    async with life.db.transaction() as session:
        await pay_back(session, shop.shop, case_id, by=STAFF, now=life.now())


async def give_back_if_nothing_was_sent(life: Life, shop: Stocked, case_id: int) -> None:
    """What the counter does by itself once a case is accepted."""
    async with life.db.reading() as session:
        case = await get_case(session, shop.key, case_id)
        is_due = is_settled_at_once(case, await goods_of(session, case))
    if is_due:
        await give_money_back(life, shop, case_id)


async def end(life: Life, shop: Stocked, case_id: int) -> None:
    async with life.db.transaction() as session:
        await close_case(session, shop.key, case_id, by=STAFF, now=life.now())


async def on_the_list(life: Life, shop: Stocked) -> list[Withdrawal]:
    """What the counter shows as open; a case that is not there is forgotten."""
    async with life.db.reading() as session:
        listed = await list_cases(session, shop.key, shop.shop.timezone, now=life.now())
    return [one.case for one in listed]


def work_off(story: Post, shop: Stocked) -> None:
    """Everything on the list as far as it goes, by the book."""
    for case in story.act(lambda life: on_the_list(life, shop)) or []:
        _work_on(story, shop, case)


def _work_on(story: Post, shop: Stocked, case: Withdrawal) -> None:
    books = story.books()
    if case.is_undecided:
        pieces = {row.order_line_id: row.quantity for row in books.claimed_in(case)}
        lines = [line for line in books.lines if line.order_id == case.order_id]
        chosen = pieces or first_piece(lines)
        if story.act(lambda life: _done(take(life, shop, case.key, chosen))) is None:
            story.act(lambda life: turn_down(life, shop, case.key))
    case = next(one for one in story.books().cases if one.key == case.key)
    if case.handled_at is None and is_awaited(case):
        story.act(lambda life: unpack(life, shop, case.key))
    case = next(one for one in story.books().cases if one.key == case.key)
    if case.handled_at is None and case.paid_back_at is None:
        story.act(lambda life: give_money_back(life, shop, case.key))
    elif case.handled_at is None:
        story.act(lambda life: end(life, shop, case.key))
    story.go_on()


def first_piece(lines: list[OrderLine]) -> dict[int, int]:
    return {line.key: 1 for line in lines[:1] if line.quantity}


async def _done(work: object) -> bool:
    await work  # type: ignore[misc]
    return True
