"""Several servers under the same load, in turns, so that a noisy minute hits all of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from bench.load import Outcome, load
from bench.servers import Server

Requests = Callable[[int], Iterator[bytes]]
"""The requests of a round, by its number: the same for every server."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`seconds` for each server in each round."""

    seconds: float
    rounds: int
    connections: int


@dataclass(frozen=True, slots=True)
class Row:
    """One server under one load. Rate and latencies are those of the median round; CPU is that
    of all rounds together, which neighbours on the machine disturb least."""

    name: str
    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    busy: float
    memory_mb: float


async def take_turns(servers: Sequence[Server], requests: Requests, plan: Plan) -> list[Row]:
    """A first short round warms up and does not count."""
    for server in servers:
        await load(server.port, requests(0), connections=plan.connections, seconds=0.3)
    seen: dict[str, list[tuple[Outcome, float]]] = {server.name: [] for server in servers}
    for number in range(1, plan.rounds + 1):
        for server in servers:
            before = server.cpu_seconds()
            outcome = await load(
                server.port, requests(number), connections=plan.connections, seconds=plan.seconds
            )
            seen[server.name].append((outcome, server.cpu_seconds() - before))
    return [_row(server, seen[server.name]) for server in servers]


def _row(server: Server, rounds: Sequence[tuple[Outcome, float]]) -> Row:
    for outcome, _ in rounds:
        if not outcome.is_flawless:
            raise RuntimeError(f"{server.name} answered {outcome.statuses}, lost {outcome.lost}")
    cpu = sum(spent for _, spent in rounds)
    return Row(
        name=server.name,
        rate=median(outcome.rate for outcome, _ in rounds),
        p50_ms=median(outcome.percentile_ms(0.5) for outcome, _ in rounds),
        p99_ms=median(outcome.percentile_ms(0.99) for outcome, _ in rounds),
        cpu_us=cpu / sum(outcome.answered for outcome, _ in rounds) * 1e6,
        busy=cpu / sum(outcome.seconds for outcome, _ in rounds),
        memory_mb=server.peak_memory_mb(),
    )
