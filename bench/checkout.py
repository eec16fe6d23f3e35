"""(4) A guest's order on PostgreSQL: placed in-process beside django-oscar, and the whole checkout
over HTTP (`bench.whole_checkout`)."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from app.migrating import migrate
from bench.furnishing import open_till
from bench.load import percentile
from bench.postgres import PostgresServer, postgres_server
from bench.report import at_least, at_most, no_more, ratio
from bench.whole_checkout import AT_ONCE, Checkouts, Crowd, check_out

Round = dict[str, Any]
"""What a process that places orders says: "seconds" of each, "statements" of one."""

PEER = Path(".venv-bench/bin/python")
ORDERS = 60


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
        to_pay_page, until_done = await check_out(counter)
        return _text(placed, to_pay_page, until_done, postgres.version())


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


def _text(placed: list[Placed], to_pay_page: Checkouts, until_done: Checkouts, version: str) -> str:
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
        "\n### A guest's whole checkout, from the basket to Stripe's pay page\n",
        *_checkouts(to_pay_page),
        at_least("whole checkouts per second", to_pay_page.crowd.bought_per_second, 40),
        at_most("p95 of one after another",
                percentile(to_pay_page.serial.till.whole, 0.95) * 1e3, 60),
        "\n### The same with a browser's pages, until it is paid, invoiced and written to\n",
        *_checkouts(until_done),
    ]  # fmt: skip
    return "\n".join(lines)


def _placed_line(one: Placed) -> str:
    part = f"{one.part_ms:.1f} ms" if one.part_ms else "–"
    return (
        f"| {one.name} | {one.rate:,.0f} | {one.p50_ms:.1f} ms | {one.p95_ms:.1f} ms | {part} "
        f"| {one.statements} |"
    )


def _checkouts(measured: Checkouts) -> Iterator[str]:
    yield "| | bought per second | until all is done | p50 | p95 |"
    yield "|---|---:|---:|---:|---:|"
    yield _crowd_line("one after another", measured.serial)
    yield _crowd_line(f"{AT_ONCE} at once", measured.crowd)
    yield ""
    yield "| one after another | times | p50 | p95 |"
    yield "|---|---:|---:|---:|"
    for step, times in measured.serial.till.steps.items():
        yield (
            f"| {step} | {len(times) / len(measured.serial.till.whole):.2g} "
            f"| {median(times) * 1e3:.1f} ms | {percentile(times, 0.95) * 1e3:.1f} ms |"
        )
    yield ""
    spent = (f"{name}: {each:.1f} ms" for name, each in measured.crowd.cpu.items())
    yield f"- CPU of one checkout, {AT_ONCE} at once: {', '.join(spent)}"


def _crowd_line(name: str, crowd: Crowd) -> str:
    whole = crowd.till.whole
    return (
        f"| {name} | {crowd.bought_per_second:.1f} | {crowd.done_per_second:.1f} "
        f"| {median(whole) * 1e3:.0f} ms | {percentile(whole, 0.95) * 1e3:.0f} ms |"
    )
