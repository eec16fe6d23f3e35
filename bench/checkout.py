"""(4) A guest's order on PostgreSQL: placed in-process beside django-oscar, and the whole checkout.

The whole checkout is what a guest's browser does, over HTTP: two kinds of goods put into the
basket, each time shown the basket; a code used; the order page; the order placed, which makes the
Checkout Session; Stripe's page, where the card is charged at once; back to the order's page, which
says that it is paid. Meanwhile the webhook comes in, the invoice is written and both letters leave
through a mail server. One process serves, another works; Stripe and the post office answer at once
from a process of their own (`bench.stand_ins`).
"""

import asyncio
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from app.migrating import migrate
from bench.buyers import Till, send_buyers
from bench.furnishing import open_till
from bench.load import percentile
from bench.postgres import PostgresServer, postgres_server
from bench.report import at_least, at_most, no_more, ratio
from bench.servers import Server, free_port, running

Round = dict[str, Any]
"""What a process that places orders says: "seconds" of each, "statements" of one."""

PEER = Path(".venv-bench/bin/python")
ORDERS = 60
SERIAL = 60
AT_ONCE = 8
CROWD = 240
_DUE = """
    SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')
        AND (scheduled_at IS NULL OR scheduled_at <= now())"""
_STANDS = """
    SELECT count(*), count(*) FILTER (WHERE state = 'confirmed'),
        (SELECT count(*) FROM invoice), (SELECT count(sent_at) FROM mail)
    FROM shop_order"""


@dataclass(frozen=True, slots=True)
class Placed:
    """One way of placing orders. `part` is what placing alone takes of it."""

    name: str
    p50_ms: float
    p95_ms: float
    rate: float
    statements: int
    part_ms: float | None = None


async def measure(folder: Path, *, rounds: int) -> str:
    with postgres_server(folder) as postgres:
        shop, oscar = await asyncio.to_thread(_furnish, postgres)
        counter = postgres.create("counter", template="shop")
        placed = await asyncio.to_thread(_place, shop, oscar, rounds)
        serial, crowd, usage = await _check_out(counter)
        return _text(placed, serial, crowd, usage, postgres.version())


def _furnish(postgres: PostgresServer) -> tuple[str, str]:
    shop, oscar = postgres.create("shop"), postgres.create("oscar")
    migrate(shop)
    asyncio.run(open_till(shop))
    if not PEER.exists():
        raise SystemExit("django-oscar is missing beside us: make bench installs it")
    subprocess.run(
        [PEER, "-m", "bench.peer_checkout", "make"],
        env=os.environ | {"BENCH_DB": oscar},
        check=True,
    )
    return shop, oscar


@contextmanager
def _asked(python: str | Path, database: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process that places orders when told to: "FIRST COUNT" in, one line of JSON out."""
    process = subprocess.Popen(
        [python, "-m", *arguments], env=os.environ | {"BENCH_DB": database}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.communicate(timeout=30)


def _place(shop: str, oscar: str, rounds: int) -> list[Placed]:
    """In turns, so that a noisy minute hits all of them."""
    ways = (
        ("limit: the bare SQL", sys.executable, shop, ("bench.placing", "bare")),
        ("Tresen", sys.executable, shop, ("bench.placing", "tresen")),
        ("peer: django-oscar", PEER, oscar, ("bench.peer_checkout", "place")),
    )
    told: dict[str, list[Round]] = {name: [] for name, *_ in ways}
    with ExitStack() as stack:
        processes = {
            name: stack.enter_context(_asked(python, database, *arguments))
            for name, python, database, arguments in ways
        }
        for number in range(rounds):
            for name, process in processes.items():
                told[name].append(_round(process, 100_000 * (number + 1), ORDERS))
    return [_placed(name, rounds_of) for name, rounds_of in told.items()]


def _round(process: "subprocess.Popen[str]", first: int, count: int) -> Round:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{first} {count}\n")
    process.stdin.flush()
    answer: Round = json.loads(process.stdout.readline())
    return answer


def _placed(name: str, rounds: list[Round]) -> Placed:
    """The median round's figures."""
    parts = [median(one["placing"]) * 1e3 for one in rounds if "placing" in one]
    return Placed(
        name,
        p50_ms=median(median(one["seconds"]) for one in rounds) * 1e3,
        p95_ms=median(percentile(one["seconds"], 0.95) for one in rounds) * 1e3,
        rate=median(len(one["seconds"]) / sum(one["seconds"]) for one in rounds),
        statements=rounds[-1]["statements"],
        part_ms=median(parts) if parts else None,
    )


@dataclass(frozen=True, slots=True)
class Crowd:
    """`paid` as the buyers saw it; `done` when the last letter had left."""

    till: Till
    paid_per_second: float
    done_per_second: float


async def _check_out(database: str) -> tuple[Crowd, Crowd, list[str]]:
    outside, numbers = free_port(), itertools.count(1)
    variants = _variants(database)
    with ExitStack() as stack:
        shop_port = free_port()
        places = {"BENCH_DB": database, "BENCH_OUTSIDE": str(outside)}
        stand_in = stack.enter_context(
            running("Stripe and the post office", "bench.stand_ins", port=outside,
                    BENCH_SHOP=f"http://127.0.0.1:{shop_port}")
        )  # fmt: skip
        web = stack.enter_context(
            running("Tresen, serving", "bench.product", "accept", port=shop_port, **places)
        )
        worker = stack.enter_context(
            running("Tresen, working", "bench.product", "worker", port=shop_port, listens=False,
                    **places)
        )  # fmt: skip
        servers = (web, worker, stand_in)
        await _buy(database, web, stand_in, numbers, variants, at_once=4, checkouts=40)
        serial = await _buy(database, web, stand_in, numbers, variants, at_once=1, checkouts=SERIAL)
        before = [server.cpu_seconds() for server in servers]
        crowd = await _buy(
            database, web, stand_in, numbers, variants, at_once=AT_ONCE, checkouts=CROWD
        )
        usage = [
            f"{server.name}: {(server.cpu_seconds() - spent) / CROWD * 1e3:.0f} ms CPU a checkout, "
            f"peak memory {server.peak_memory_mb():.0f} MB"
            for server, spent in zip(servers, before, strict=True)
        ]
    return serial, crowd, usage


async def _buy(
    database: str,
    web: Server,
    stand_in: Server,
    numbers: Iterator[int],
    variants: list[int],
    *,
    at_once: int,
    checkouts: int,
) -> Crowd:
    former = await asyncio.to_thread(_stand, database)
    began = time.perf_counter()
    till = await send_buyers(
        web.port, stand_in.port, numbers, variants, at_once=at_once, checkouts=checkouts
    )
    paid = time.perf_counter() - began
    await asyncio.to_thread(_wait_until_done, database)
    done = time.perf_counter() - began
    orders, confirmed, invoices, letters = (
        now - then
        for now, then in zip(await asyncio.to_thread(_stand, database), former, strict=True)
    )
    if (orders, confirmed, invoices, letters) != (checkouts, checkouts, checkouts, 2 * checkouts):
        raise RuntimeError(
            f"of {checkouts} checkouts {orders} were placed and {confirmed} confirmed, with "
            f"{invoices} invoices and {letters} letters"
        )
    return Crowd(till, checkouts / paid, checkouts / done)


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


def _text(placed: list[Placed], serial: Crowd, crowd: Crowd, usage: list[str], version: str) -> str:
    limit, tresen, oscar = placed
    lines = [
        f"\n### An order placed in-process, PostgreSQL {version}\n",
        "| | per second | p50 | p95 | of it placing | statements of placing |",
        "|---|---:|---:|---:|---:|---:|",
        *(_placed_line(one) for one in placed),
        "",
        ratio("times django-oscar, in-process", tresen.rate / oscar.rate, 2.5),
        f"- of the bare SQL: **{tresen.rate / limit.rate:.2f}**",
        no_more("statements of placing, BEGIN and COMMIT among them", tresen.statements, 20),
        "\n### A guest's whole checkout, from the basket to the paid order\n",
        "| | paid per second | until all is done | p50 | p95 |",
        "|---|---:|---:|---:|---:|",
        _crowd_line("one after another", serial),
        _crowd_line(f"{AT_ONCE} at once", crowd),
        "",
        ratio("whole checkouts, times django-oscar's placing alone",
              crowd.done_per_second / oscar.rate, 2.5),
        at_least("whole checkouts per second", crowd.done_per_second, 40),
        at_most("p95 of one after another", percentile(serial.till.whole, 0.95) * 1e3, 60),
        "",
        "| one after another | times | p50 | p95 |",
        "|---|---:|---:|---:|",
        *(
            f"| {step} | {len(times) / len(serial.till.whole):.2g} | {median(times) * 1e3:.1f} ms "
            f"| {percentile(times, 0.95) * 1e3:.1f} ms |"
            for step, times in serial.till.steps.items()
        ),
        "",
        *(f"- {line}" for line in usage),
    ]  # fmt: skip
    return "\n".join(lines)


def _placed_line(one: Placed) -> str:
    part = f"{one.part_ms:.1f} ms" if one.part_ms else "–"
    return (
        f"| {one.name} | {one.rate:,.0f} | {one.p50_ms:.1f} ms | {one.p95_ms:.1f} ms | {part} "
        f"| {one.statements} |"
    )


def _crowd_line(name: str, crowd: Crowd) -> str:
    return (
        f"| {name} | {crowd.paid_per_second:.1f} | {crowd.done_per_second:.1f} "
        f"| {median(crowd.till.whole) * 1e3:.0f} ms "
        f"| {percentile(crowd.till.whole, 0.95) * 1e3:.0f} ms |"
    )
