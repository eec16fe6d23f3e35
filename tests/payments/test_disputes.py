"""Disputes: told with their amount, booked as money moves, told again when decided."""

import pytest

from core.money import Money
from payments.disputes import list_disputes
from payments.events import DisputeClosed, PaymentDisputed
from tests.payments.till import REFERENCE, Till


async def a_dispute(till: Till, **how: object) -> str:
    page = await till.begin()
    await till.buyer(page, "pay")
    await till.work()
    till.db.seen.clear()
    answer = await till.buyer(page, "dispute", **how)
    await till.work()
    return str(answer["dispute"]["id"])


@pytest.mark.parametrize(("end", "outcome", "left"), [("win", "won", 2980), ("lose", "lost", 0)])
async def test_a_dispute_takes_the_money_until_it_is_won(
    till: Till, end: str, outcome: str, left: int
) -> None:
    dispute_id = await a_dispute(till)
    assert till.db.seen == [PaymentDisputed(till.shop.key, REFERENCE, dispute_id, 2980, "EUR")]
    assert (await till.standing()).word == "disputed"
    await till.control(f"/disputes/{dispute_id}/{end}")
    await till.work()
    assert till.db.seen[1:] == [DisputeClosed(till.shop.key, REFERENCE, dispute_id, outcome)]
    standing = await till.standing()
    assert standing.captured.minor - standing.disputed.minor == left
    async with till.db.reading() as session:
        [row] = await list_disputes(session, till.shop.key, REFERENCE)
    assert (row.status, row.due_at is not None, row.closed_at is not None) == (outcome, True, True)


async def test_an_inquiry_moves_no_money(till: Till) -> None:
    dispute_id = await a_dispute(till, reason="inquiry")
    assert till.told == ["PaymentDisputed"]
    assert await till.ledger() == [("capture", 2980)]
    await till.control(f"/disputes/{dispute_id}/win")
    await till.work()
    assert till.told == ["DisputeClosed"]
    assert (await till.standing()).disputed == Money(0, "EUR")


async def test_hearing_of_it_many_times_books_it_once(till: Till) -> None:
    dispute_id = await a_dispute(till)
    for delivery in till.sender.about("stripe:charge.dispute"):
        till.sender.repeat(delivery)
    await till.work()
    await till.control(f"/disputes/{dispute_id}/lose")
    await till.work()
    for delivery in till.sender.about("stripe:charge.dispute"):
        till.sender.repeat(delivery)
    await till.work()
    assert till.told == ["PaymentDisputed", "DisputeClosed"]
    assert await till.ledger() == [("capture", 2980), ("dispute", -2980)]
