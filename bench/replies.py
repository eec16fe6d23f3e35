"""(3) From a webhook's first byte to the bot's reply reaching the platform; and what accepting
costs while every message is being answered."""

import time
from pathlib import Path
from statistics import median

from bench.load import Outcome, load, percentile
from bench.names import FIRST_PERSON
from bench.platform import Platform, platform
from bench.report import at_most
from bench.servers import Server, running
from bench.webhooks import CONNECTIONS, messages, text_message

BURST = 500
FLOOD_SECONDS = 8.0
ONE_BY_ONE = 200
WARM_UP = 20
QUESTION = "Habt ihr Rosen?"
BOTH = 2
"""The question is answered with a sentence and a carousel of products."""


async def measure(furnished: Path, *, at_ms: int) -> str:
    async with platform() as (here, url):
        with running("Tresen", "bench.product", "work",
                     BENCH_DB=str(furnished), BENCH_GRAPH=url) as server:  # fmt: skip
            before = server.cpu_seconds()
            single = [await _one(here, server, person, at_ms) for person in range(ONE_BY_ONE)]
            each = (server.cpu_seconds() - before) / ONE_BY_ONE
            burst = await _burst(here, server, at_ms)
            flood = await _flood(here, server, FLOOD_SECONDS)
            memory = server.peak_memory_mb()
    return _text(single[WARM_UP:], burst, flood, each, memory)


async def _one(here: Platform, server: Server, person: int, at_ms: int) -> tuple[float, float]:
    """Somebody new asks; only then the next one. Seconds to the first and to the last reply."""
    message = text_message(person, f"m_one_{person}", QUESTION, at_ms + person)
    began = time.perf_counter()
    _check(await load(server.port, iter([message]), connections=1, seconds=10))
    first, last = await here.wait_for(str(FIRST_PERSON + person), count=BOTH)
    return first - began, last - began


async def _burst(here: Platform, server: Server, at_ms: int) -> list[tuple[float, float]]:
    """500 new customers ask at the same moment; seconds from that moment."""
    people = range(10_000, 10_000 + BURST)
    asked = [text_message(one, f"m_burst_{one}", QUESTION, at_ms) for one in people]
    began = time.perf_counter()
    _check(await load(server.port, iter(asked), connections=50, seconds=60))
    heard = [await here.wait_for(str(FIRST_PERSON + one), count=BOTH) for one in people]
    return [(first - began, last - began) for first, last in heard]


async def _flood(here: Platform, server: Server, seconds: float) -> tuple[Outcome, int]:
    """As fast as they are taken, while all are being answered; and how many replies left."""
    before = here.replies
    asked = messages(seconds, int(time.time() * 1000))(1)
    outcome = _check(await load(server.port, asked, connections=CONNECTIONS, seconds=seconds))
    return outcome, here.replies - before


def _check(outcome: Outcome) -> Outcome:
    if not outcome.is_flawless:
        raise RuntimeError(f"the product answered {outcome.statuses}, lost {outcome.lost}")
    return outcome


def _text(
    single: list[tuple[float, float]],
    burst: list[tuple[float, float]],
    flood: tuple[Outcome, int],
    cpu: float,
    memory_mb: float,
) -> str:
    outcome, replies = flood
    return "\n".join([
        "\n### From the webhook's first byte to the reply reaching the platform\n",
        "| | first reply, p50 | p99 | whole answer, p50 | p99 |", "|---|---:|---:|---:|---:|",
        _line("one customer at a time", single),
        _line(f"{BURST} customers at once", burst), "",
        at_most("p99 of the first reply to one customer", _ms(single, 0, 0.99), 150),
        f"- burst: {BURST / max(last for _, last in burst):.0f} customers answered per second",
        f"- CPU for one question, its two replies and the asker's name: {cpu * 1e3:.1f} ms; "
        f"peak memory {memory_mb:.0f} MB",
        f"- flooded through {CONNECTIONS} connections while answering: "
        f"{outcome.rate:,.0f} webhooks accepted per second "
        f"(p50 {outcome.percentile_ms(0.5):.0f} ms, p99 {outcome.percentile_ms(0.99):.0f} ms) "
        f"beside {replies / outcome.seconds:.0f} replies leaving per second",
    ])  # fmt: skip


def _line(name: str, times: list[tuple[float, float]]) -> str:
    figures = [f"{_ms(times, which, share):,.0f} ms" for which in (0, 1) for share in (0.5, 0.99)]
    return f"| {name} | {' | '.join(figures)} |"


def _ms(times: list[tuple[float, float]], which: int, share: float) -> float:
    values = [one[which] for one in times]
    return (median(values) if share == 0.5 else percentile(values, share)) * 1e3
