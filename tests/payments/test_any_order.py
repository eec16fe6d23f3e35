"""Events lost, repeated and in any order, while people do what they like: the books agree."""

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.errors import ShopError
from payments.ledger import Standing
from payments.models import PaymentAttempt, Refund
from payments.payables import cancel, find_payable
from payments.reconciling import catch_up, reconcile
from payments.refunds import request_refund
from tests.payments.till import Till, an_order

BUYER = ("pay", "decline", "delay", "settle", "fail", "expire", "pay_twice", "dispute")
ACTIONS = (*BUYER, "open", "open other", "come back", "cancel", "refund")
# For each action: which of the events held so far are delivered then, by their place.
SCRIPTS = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.lists(st.integers(0, 30), max_size=4)),
    min_size=1, max_size=8,
)  # fmt: skip
# A page that expired unheard of is replaced like an open one: nobody can pay on either.
ENDS = {"superseded": "expired"}
_numbers = count(1)


class Story:
    """One order, from its first page to the time when everything has been asked for again."""

    def __init__(self, till: Till) -> None:
        self.till = till
        self.reference = f"order-{next(_numbers)}"
        self.page: str | None = None

    async def play(self, script: list[tuple[str, list[int]]], *, is_calm: bool) -> None:
        self.till.clock.now = datetime.fromtimestamp(self.till.world.now, UTC)
        self.till.sender.weather.clear()
        if not is_calm:
            self.till.sender.weather.brew("hold", label="stripe")
        await self.till.expect(reference=self.reference)
        for action, places in [("open", []), *script]:
            with suppress(ShopError):
                await self._do(action)
            assert len(self._open_pages()) <= 1
            if not is_calm:
                await self._deliver(places)
            await self.till.work()
        await self._calm_down()

    async def _do(self, action: str) -> None:
        till = self.till
        if action in BUYER:
            await self._buy(action)
        elif action == "open":
            self.page = await till.open(reference=self.reference)
        elif action == "open other":
            self.page = await till.open(an_order(email="b@example.org"), self.reference)
        elif action == "come back":
            await till.settle(self.reference)
        elif action == "cancel":
            await till.settle(self.reference)
            await self._cancel()
        elif action == "refund":
            await till.settle(self.reference)
            async with till.db.transaction() as session:
                await request_refund(
                    session, till.shop.key, self.reference, None, reason="", by="Mia",
                    now=till.clock(),
                )  # fmt: skip

    async def _buy(self, action: str) -> None:
        """What the page no longer allows is refused there and changes nothing."""
        url = f"{self.till.url}/control/stripe/sessions/{self.page}/{action}"
        async with self.till.http.post(url) as answer:
            assert answer.status in (200, 409)

    async def _cancel(self) -> None:
        async with self.till.db.transaction() as session:
            payable = await find_payable(session, self.till.shop.key, self.reference)
            if payable is not None and payable.paid_at is None:
                await cancel(session, self.till.shop.key, self.reference, now=self.till.clock())

    async def _deliver(self, places: list[int]) -> None:
        held = [one for one in self.till.sender.deliveries if one.state == "held"]
        for place in places:
            if held:
                chosen = held[-1 - place % len(held)]
                headers = chosen.headers(chosen.body)
                async with self.till.http.post(
                    chosen.target_url, data=chosen.body, headers=headers
                ) as answer:
                    assert answer.status == 200

    async def _calm_down(self) -> None:
        """What was held never comes. Time passes, and the jobs that ask Stripe do their work."""
        for held in self.till.sender.deliveries:
            if held.state == "held":
                held.state = "dropped"
        for _ in range(2):
            self.till.pass_time(hours=7)
            await self.till.run(reconcile)
            await self.till.work()
            await self.till.run(catch_up)
            await self.till.work()

    def _open_pages(self) -> list[Any]:
        return [one for one in self._sessions() if one["status"] == "open"]

    def _sessions(self) -> list[Any]:
        return [
            one
            for one in self.till.at_stripe()
            if one["metadata"].get("tresen_reference") == self.reference
        ]

    async def check_books(self) -> None:
        """Ours against Stripe's, cent for cent."""
        till, standing = self.till, await self.till.standing(self.reference)
        ours = {one["payment_intent"] for one in self._sessions()} - {None}
        intents = [one for one in till.at_stripe("payment_intent") if one["id"] in ours]
        refunds = [one for one in till.at_stripe("refund") if one["payment_intent"] in ours]
        disputes = [one for one in till.at_stripe("dispute") if one["payment_intent"] in ours]
        back = [one for one in refunds if one["status"] not in ("failed", "canceled")]
        held = [entry for one in disputes for entry in one["balance_transactions"]]
        assert standing.captured.minor == sum(one["amount_received"] for one in intents)
        assert standing.refunded.minor == sum(one["amount"] for one in back)
        assert standing.disputed.minor == -sum(entry["amount"] for entry in held)

    async def check_news(self) -> None:
        """Success is told once; money that nobody wants is on its way back."""
        mine = [one for one in self.till.db.seen if getattr(one, "reference", "") == self.reference]
        told = Counter(type(one).__name__ for one in mine)
        standing = await self.till.standing(self.reference)
        was_cancelled = (await self._payable()).cancel_wanted_at is not None
        assert told["PaymentSucceeded"] <= 1
        if standing.captured and not was_cancelled:
            assert told["PaymentSucceeded"] == 1
        if not await self._disputes() and standing.captured:
            kept = standing.captured.minor - standing.refunded.minor
            assert kept in ((0,) if was_cancelled and not told["PaymentSucceeded"] else (0, 2980))

    async def _payable(self) -> Any:
        async with self.till.db.reading() as session:
            return await find_payable(session, self.till.shop.key, self.reference)

    async def _disputes(self) -> list[Any]:
        ours = {one["payment_intent"] for one in self._sessions()}
        return [one for one in self.till.at_stripe("dispute") if one["payment_intent"] in ours]

    async def end(self) -> tuple[Standing, Counter[str], list[str]]:
        payable = await self._payable()
        async with self.till.db.reading() as session:
            attempts = await _rows(session, PaymentAttempt, payable.key)
        refunds: list[Refund] = await self.till.refunds(self.reference)
        standing = await self.till.standing(self.reference)
        return (
            standing,
            Counter(ENDS.get(one.state, one.state) for one in attempts),
            sorted(one.state for one in refunds),
        )


async def _rows(session: Any, table: Any, payable_id: int) -> list[Any]:
    from sqlmodel import select

    return list((await session.exec(select(table).where(table.payable_id == payable_id))).all())


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(script=SCRIPTS)
@example(script=[("pay_twice", [0, 0]), ("refund", []), ("come back", [3])])
@example(script=[("delay", [0]), ("cancel", []), ("settle", []), ("open", [1, 0])])
@example(script=[("open other", []), ("pay", []), ("open", []), ("pay", [5, 1, 5])])
@example(script=[("delay", []), ("settle", [0]), ("refund", []), ("dispute", [2, 1, 0])])
async def test_the_books_agree_whatever_happens(
    till: Till, script: list[tuple[str, list[int]]]
) -> None:
    till.sender.retry_delays_s = ()
    calm, wild = Story(till), Story(till)
    await calm.play(script, is_calm=True)
    await wild.play(script, is_calm=False)
    for story in (calm, wild):
        await story.check_books()
        await story.check_news()
    if "dispute" not in [action for action, _ in script]:
        assert await wild.end() == await calm.end()
