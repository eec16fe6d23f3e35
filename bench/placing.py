"""Placing an order in-process: `BENCH_DB=postgresql://… python -m bench.placing tresen|bare`.

Reads lines of "FIRST COUNT" and answers each with a line of JSON, as `bench.peer_checkout` does:
seconds of each order, and how many statements the placing of one takes. `tresen` is what the shop
does without HTTP; `bare` the limit: the SQL that changes the same rows, prepared, in one
transaction, by hand.
"""

import asyncio
import json
import os
import sys
import time

import psycopg
import uvloop
from sqlalchemy import event
from sqlmodel import col, select

from bench.bare_order import BareOrders
from bench.furnishing import open_database
from bench.names import CODE, SLUG
from core.clock import utc_now
from core.database import Database
from core.shops import Shop, find_shop
from storefront.basket_filling import put, use_code
from storefront.baskets import open_basket
from storefront.forms import OrderForm
from storefront.models import Basket, Storefront, Variant
from storefront.orders.placing import place
from storefront.storefronts import find_storefront

WARM_UP = 20
ADDRESS = {
    "name": "Anna Blum", "street": "Gartenweg 3", "postcode": "01067", "town": "Dresden",
    "country": "DE",
}  # fmt: skip


class Orders:
    """Two lines, a code, delivery: filled into a basket, then placed."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._asked = 0
        event.listen(db.writer.sync_engine, "before_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        self._asked += 1

    async def prepare(self) -> None:
        async with self._db.reading() as session:
            self._shop: Shop = await find_shop(session, SLUG)
            self._window: Storefront = await find_storefront(session, self._shop.key)
            query = select(Variant.id).order_by(col(Variant.id))
            self._variants = [one for one in (await session.exec(query)).all() if one]

    async def fill(self, number: int) -> Basket:
        now, count = utc_now(), len(self._variants)
        async with self._db.transaction() as session:
            basket = await open_basket(session, self._shop.key, now=now)
            await put(session, basket, self._variants[number % count], 1, now=now)
            await put(session, basket, self._variants[(number * 7 + 3) % count], 2, now=now)
            await use_code(session, basket, CODE, now=now)
        return basket

    async def place(self, basket: Basket, number: int) -> int:
        """How many statements it took, its BEGIN and COMMIT counted too."""
        self._asked = 0
        email = f"placed-{number}@example.org"
        form = OrderForm.read(ADDRESS | {"basket_version": str(basket.version), "email": email})
        async with self._db.transaction() as session:
            await place(session, self._shop, basket, form, now=utc_now(), window=self._window)
        return self._asked + 2


async def measure(orders: Orders, first: int, count: int) -> dict[str, object]:
    whole, placing, statements = [], [], 0
    for number in range(first, first + WARM_UP + count):
        began = time.perf_counter()
        basket = await orders.fill(number)
        filled = time.perf_counter()
        statements = await orders.place(basket, number)
        ended = time.perf_counter()
        whole.append(ended - began)
        placing.append(ended - filled)
    return {
        "seconds": whole[WARM_UP:], "placing": placing[WARM_UP:], "statements": statements,
    }  # fmt: skip


async def run() -> None:
    db = open_database(os.environ["BENCH_DB"])
    orders = Orders(db)
    await orders.prepare()
    for line in sys.stdin:
        first, count = map(int, line.split())
        print(json.dumps(await measure(orders, first, count)), flush=True)
    await db.close()


def run_bare() -> None:
    with psycopg.connect(os.environ["BENCH_DB"].replace("+psycopg", "")) as connection:
        orders = BareOrders(connection)
        for line in sys.stdin:
            first, count = map(int, line.split())
            seconds, statements = [], 0
            for number in range(first, first + WARM_UP + count):
                began = time.perf_counter()
                statements = orders.place(number)
                seconds.append(time.perf_counter() - began)
            told = {"seconds": seconds[WARM_UP:], "statements": statements}
            print(json.dumps(told), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "bare":
        run_bare()
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run())
