"""What Stripe has, what the buyer was told, and other ways to ask how it ended."""

import asyncio
import json
from typing import Any

from core.shops import Shop
from payments.ledger import Standing
from payments.reconciling import reconcile
from storefront.models import Variant
from storefront.orders.finding import get_order
from storefront.orders.models import Order
from storefront.references import reference_of
from tests.payments.till import Till
from tests.storefront.sales import stands, told
from tests.storefront.stall import Stall


def charged(till: Till) -> list[int]:
    """In Stripe's own numbers."""
    amounts = [one["amount_received"] for one in till.at_stripe("payment_intent")]
    return [amount for amount in amounts if amount]


def given_back(till: Till) -> list[int]:
    """In Stripe's own numbers; what failed has not gone back."""
    dead = ("failed", "canceled")
    return [one["amount"] for one in till.at_stripe("refund") if one["status"] not in dead]


def answers(till: Till) -> set[int]:
    """What the product has answered to all webhooks so far."""
    return {attempt.status for one in till.sender.deliveries for attempt in one.attempts}


async def letters(stall: Stall, order: Order) -> list[str]:
    """Kinds of mails about this order, in the order they were written."""
    mine = [one.about for one in await stall.mails() if f"order:{order.key}:" in one.about]
    return [about.split(":")[2] for about in mine]


async def books(stall: Stall, order: Order) -> Standing:
    return await stall.till.standing(reference_of(order.key))


async def fresh(stall: Stall, order: Order) -> Order:
    async with stall.db.reading() as session:
        return await get_order(session, stall.shop.key, order.key)


def status_page(order: Order) -> str:
    return f"/s/blumen/o/{order.token}"


async def come_back(stall: Stall, order: Order) -> str:
    """The buyer on the page Stripe sends her to after paying."""
    return await stall.fan.look(f"{status_page(order)}?back=paid")


async def time_passes(stall: Stall, **parts: float) -> None:
    """With all the jobs that come by the clock."""
    stall.till.pass_time(**parts)
    await stall.till.run(reconcile)
    await stall.till.work()
    await stall.expire()


async def deal_in(stall: Stall, currency: str) -> None:
    """The stall counts in another currency from now on; its storefront takes what it sells."""
    stall.shop.currency = currency
    async with stall.db.transaction() as session:
        row = await session.get_one(Shop, stall.shop.key)
        row.currency = currency
        session.add(row)


def deliver_again(till: Till, **changes: Any) -> None:
    """All webhooks so far once more, signed anew; with `changes` as events of another kind."""
    for number, delivery in enumerate(till.sender.about("stripe")):
        event = json.loads(delivery.body)
        if changes:
            event |= {"id": f"{event['id']}_{number}"} | changes
        body = json.dumps(event).encode()
        till.sender.send(delivery.target_url, body, delivery.headers, label="again")


async def post_at_once(till: Till, times: int) -> list[int]:
    """Every webhook that is held, delivered that often at the same moment."""

    async def post(url: str, body: bytes, headers: dict[str, str]) -> int:
        async with till.http.post(url, data=body, headers=headers) as answer:
            return answer.status

    held = [one for one in till.sender.deliveries if one.state == "held"]
    for one in held:
        one.state = "dropped"
    return await asyncio.gather(
        *(
            post(one.target_url, one.body, one.headers(one.body))
            for one in held
            for _ in range(times)
        )
    )


async def everything(stall: Stall, order: Order, variant: Variant) -> tuple[Any, ...]:
    """What must stay as it is when something is refused or told again."""
    return (
        await stands(stall, order, variant),
        await fresh(stall, order),
        await books(stall, order),
        await stall.till.ledger(),
        await stall.till.attempts(),
        await letters(stall, order),
        await told(stall, order),
        charged(stall.till),
        given_back(stall.till),
        [type(event).__name__ for event in stall.db.seen],
    )
