"""A guest's whole checkout over HTTP, on PostgreSQL: to the pay page, and until all is done.

**To the pay page** is all the buyer waits for in the shop: two kinds of goods put into the basket,
a code used, the order page looked at, and the order placed, which freezes it, takes the goods off
the shelf, has Stripe make a Checkout Session and leads to its address. **Until all is done** is the
same as a browser does it, the basket's page looked at in between, and all that follows: the card
charged, the signed webhook, the return page that says it is paid, the invoice, and both letters
sent through a mail server.

Two processes serve, another works, as a grown shop has it; Stripe and the post office answer at
once from a process of their own (`bench.stand_ins`).
"""

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import psycopg

from bench.buyers import Ports, Till, send_buyers
from bench.servers import Server, free_ports, running

SERVING = 2
AT_ONCE = 8
SERIAL = 60
CROWD = 240
_DUE = """
    SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')
        AND (scheduled_at IS NULL OR scheduled_at <= now())"""
_STANDS = """
    SELECT count(*), (SELECT count(*) FROM payment_attempt WHERE url IS NOT NULL),
        count(*) FILTER (WHERE state = 'confirmed'),
        (SELECT count(*) FROM invoice), (SELECT count(sent_at) FROM mail)
    FROM shop_order"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """`bought_per_second` as the buyers saw it; `done_per_second` when the last letter had left.
    `cpu` is what each process and the load itself spent on one checkout, in milliseconds."""

    till: Till
    bought_per_second: float
    done_per_second: float
    cpu: dict[str, float]


@dataclass(frozen=True, slots=True)
class Checkouts:
    """One after another, and `AT_ONCE` at a time."""

    serial: Crowd
    crowd: Crowd


@dataclass(frozen=True, slots=True)
class Street:
    """The shop with everything around it. `numbers` give every guest a name of their own."""

    database: str
    ports: Ports
    servers: tuple[Server, ...]
    variants: list[int]
    numbers: Iterator[int]


async def check_out(database: str) -> tuple[Checkouts, Checkouts]:
    """To the pay page, and until all is done."""
    with ExitStack() as stack:
        street = _open_street(stack, database)
        await _buy(street, at_once=2 * SERVING, checkouts=40, pays=True)
        return await _both(street, pays=False), await _both(street, pays=True)


def _open_street(stack: ExitStack, database: str) -> Street:
    outside, mail, *doors = free_ports(2 + SERVING)
    shops = tuple(doors)
    around = {"BENCH_DB": database, "BENCH_OUTSIDE": str(outside), "BENCH_MAIL": str(mail)}
    servers = [
        stack.enter_context(
            running("Stripe and the post office", "bench.stand_ins", port=outside,
                    BENCH_SHOP=f"http://127.0.0.1:{shops[0]}", BENCH_MAIL=str(mail))
        )
    ]  # fmt: skip
    servers += [
        stack.enter_context(
            running(f"Tresen, serving ({port})", "bench.product", "accept", port=port, **around)
        )
        for port in shops
    ]  # fmt: skip
    servers.append(
        stack.enter_context(
            running("Tresen, working", "bench.product", "worker", port=shops[0], listens=False,
                    **around)
        )
    )  # fmt: skip
    variants = _variants(database)
    return Street(database, Ports(shops, outside), tuple(servers), variants, itertools.count(1))


async def _both(street: Street, *, pays: bool) -> Checkouts:
    serial = await _buy(street, at_once=1, checkouts=SERIAL, pays=pays)
    return Checkouts(serial, await _buy(street, at_once=AT_ONCE, checkouts=CROWD, pays=pays))


async def _buy(street: Street, *, at_once: int, checkouts: int, pays: bool) -> Crowd:
    former = await asyncio.to_thread(_stand, street.database)
    spent = _cpu_seconds(street)
    began = time.perf_counter()
    till = await send_buyers(
        street.ports, street.numbers, street.variants, at_once=at_once, checkouts=checkouts,
        pays=pays,
    )  # fmt: skip
    bought = time.perf_counter() - began
    await asyncio.to_thread(_wait_until_done, street.database)
    done = time.perf_counter() - began
    now = await asyncio.to_thread(_stand, street.database)
    _check([after - before for after, before in zip(now, former, strict=True)], checkouts, pays)
    cpu = {
        name: (seconds - spent[name]) / checkouts * 1e3
        for name, seconds in _cpu_seconds(street).items()
    }
    return Crowd(till, checkouts / bought, checkouts / done, cpu)


def _check(came: list[int], checkouts: int, pays: bool) -> None:
    """Nothing may be lost: a fast shop that forgets orders is none."""
    paid = checkouts if pays else 0
    orders, pages, confirmed, invoices, letters = came
    # One letter says that the order came in, another that it is paid.
    if came != [checkouts, checkouts, paid, paid, checkouts + paid]:
        raise RuntimeError(
            f"of {checkouts} checkouts {orders} were placed and {pages} led to the pay page; "
            f"{confirmed} are confirmed, with {invoices} invoices and {letters} letters"
        )


def _cpu_seconds(street: Street) -> dict[str, float]:
    return {server.name: server.cpu_seconds() for server in street.servers} | {
        "the load itself": time.process_time()
    }


def _variants(database: str) -> list[int]:
    with psycopg.connect(database) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM variant ORDER BY id")]


def _stand(database: str) -> tuple[int, ...]:
    with psycopg.connect(database) as connection:
        row = connection.execute(_STANDS).fetchone()
    return tuple(row or ())


def _wait_until_done(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        while True:
            row = connection.execute(_DUE).fetchone()
            if row is not None and row[0] == 0:
                return
            time.sleep(0.02)
