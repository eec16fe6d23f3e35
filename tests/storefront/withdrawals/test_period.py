"""Until when a contract can be withdrawn from, and until when its money must be back."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.shops import Shop
from storefront.models import Storefront
from storefront.orders.models import Order
from storefront.withdrawals.deadlines import deadline, is_awaited, send_back_until
from storefront.withdrawals.models import Withdrawal
from storefront.withdrawals.period import (
    is_in_time,
    last_day,
    offer_of,
    reckoned_arrival,
    withdrawable_until,
)

BERLIN = "Europe/Berlin"
SHOP = Shop(id=1, slug="s", name="S", timezone=BERLIN)


def at(day: str, hour: int = 12) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00").replace(tzinfo=UTC)


def an_order(**more: Any) -> Order:
    values: dict[str, Any] = {
        "shop_id": 1, "number": 1, "token": "t", "name": "A", "email": "a@b.de",
        "currency": "EUR", "goods_minor": 0, "total_minor": 0, "placed_at": at("2026-11-01"),
        "expires_at": at("2026-11-01"), "delivery": "delivery",
    }  # fmt: skip
    return Order(**values | more)


def a_case(received: datetime, **more: Any) -> Withdrawal:
    return Withdrawal(
        shop_id=1, name="A", email="a@b.de", contract="1", received_at=received, **more
    )


@pytest.mark.parametrize(
    ("arrived", "last"),
    [
        ("2026-11-02", date(2026, 11, 16)),  # Monday to Monday, the first day is not counted
        ("2026-11-07", date(2026, 11, 23)),  # ends on a Saturday: Monday after it
        ("2026-11-08", date(2026, 11, 23)),  # ends on a Sunday
        ("2026-11-06", date(2026, 11, 20)),
    ],
)
def test_the_period_ends_fourteen_days_later_and_never_on_a_weekend(
    arrived: str, last: date
) -> None:
    assert last_day(at(arrived), 14, BERLIN) == last


def test_it_is_the_shops_day_that_counts_and_not_utc() -> None:
    assert last_day(at("2026-11-01", 23) + timedelta(minutes=30), 14, BERLIN) == date(2026, 11, 16)


@pytest.mark.parametrize(
    ("delivery", "sent", "days", "until"),
    [
        ("delivery", None, 14, None),
        ("delivery", "2026-11-03", 14, date(2026, 11, 20)),
        ("pickup", "2026-11-03", 14, date(2026, 11, 17)),
        ("pickup", "2026-11-03", 30, date(2026, 12, 3)),
    ],
)
def test_a_parcel_arrives_later_than_what_is_picked_up_and_nothing_sent_has_no_period(
    delivery: str, sent: str | None, days: int, until: date | None
) -> None:
    order = an_order(shipped_at=at(sent) if sent else None, delivery=delivery)
    window = Storefront(shop_id=1, withdrawal_days=days)
    assert withdrawable_until(SHOP, window, reckoned_arrival(order, window)) == until


def test_the_last_day_is_in_time_until_its_midnight() -> None:
    until = date(2026, 11, 17)
    assert is_in_time(until, at("2026-11-17", 22) + timedelta(minutes=59), BERLIN)
    assert not is_in_time(until, at("2026-11-17", 23), BERLIN)
    assert is_in_time(None, at("2030-01-01"), BERLIN)


def test_the_way_out_is_prominent_during_the_period_and_still_there_after_it() -> None:
    order, until = an_order(state="closed"), date(2026, 11, 17)
    during = offer_of(SHOP, order, until, [1], now=at("2026-11-10"))
    after = offer_of(SHOP, order, until, [1], now=at("2027-01-01"))
    assert during is not None
    assert after is not None
    assert (during.is_prominent, after.is_prominent) == (True, False)
    assert offer_of(SHOP, order, until, [], now=at("2026-11-10")) is None
    assert offer_of(SHOP, an_order(state="cancelled"), None, [1], now=at("2026-11-10")) is None


@pytest.mark.parametrize(
    ("today", "word", "days"),
    [
        ("2026-11-01", "running", 14),
        ("2026-11-11", "running", 4),
        ("2026-11-12", "soon", 3),
        ("2026-11-14", "soon", 1),
        ("2026-11-15", "due", 0),
        ("2026-11-16", "overdue", -1),
        ("2026-12-01", "overdue", -16),
    ],
)
def test_the_money_must_be_back_fourteen_days_after_the_declaration(
    today: str, word: str, days: int
) -> None:
    for case in (
        a_case(at("2026-11-01")),
        a_case(at("2026-11-01"), accepted_at=at("2026-11-02"), return_way="none"),
        a_case(at("2026-11-01"), accepted_at=at("2026-11-02"), return_way="address",
               goods_at=at("2026-11-05")),
        a_case(at("2026-11-01"), accepted_at=at("2026-11-02"), return_way="label",
               proof_at=at("2026-11-05")),
    ):  # fmt: skip
        found = deadline(case, BERLIN, now=at(today))
        assert (found.word, found.days, found.on) == (word, days, date(2026, 11, 15))
        assert found.presses == (word in ("due", "overdue"))


def test_until_goods_or_proof_are_there_the_shop_may_wait_and_then_it_is_due_that_day() -> None:
    case = a_case(at("2026-11-01"), accepted_at=at("2026-11-02"), return_way="address")
    held = deadline(case, BERLIN, now=at("2026-11-20"))
    assert (held.word, held.presses, is_awaited(case)) == ("held", False, True)
    case.goods_at = at("2026-11-20")
    due = deadline(case, BERLIN, now=at("2026-11-20"))
    assert (due.word, due.on, is_awaited(case)) == ("due", date(2026, 11, 20), False)
    case.proof_at = at("2026-11-18")
    assert deadline(case, BERLIN, now=at("2026-11-20")).word == "overdue"


def test_nothing_presses_where_no_law_does_or_all_is_done() -> None:
    later = at("2027-01-01")
    assert deadline(a_case(at("2026-11-01"), kind="return"), BERLIN, now=later).word == "agreed"
    for done in ("paid_back_at", "rejected_at", "handled_at"):
        case = a_case(at("2026-11-01"), **{done: at("2026-11-02")})
        assert deadline(case, BERLIN, now=later).word == "done"


def test_the_buyer_too_has_fourteen_days_to_send_it() -> None:
    assert send_back_until(a_case(at("2026-11-01", 23)), BERLIN) == date(2026, 11, 16)
