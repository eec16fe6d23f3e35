"""Figures side by side: ratios first, because machines are noisy and differ."""

import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.load import Outcome
from bench.servers import Server


@dataclass(slots=True)
class Row:
    """One server under one load."""

    name: str
    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    memory_mb: float


def measured(server: Server, rounds: list[tuple[Outcome, float]]) -> Row:
    """The median round by rate. Each round comes with the CPU seconds it cost the server."""
    for outcome, _ in rounds:
        if set(outcome.statuses) != {200}:
            raise RuntimeError(f"{server.name} answered {outcome.statuses}")
    outcome, cpu = sorted(rounds, key=lambda one: one[0].rate)[len(rounds) // 2]
    return Row(
        server.name, outcome.rate, outcome.percentile(0.5) * 1e3, outcome.percentile(0.99) * 1e3,
        cpu / outcome.answered * 1e6, server.peak_memory_mb(),
    )  # fmt: skip


def machine() -> str:
    model = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = f"{len(names)} × {names[0].split(':', 1)[1].strip()}" if names else model
    return f"{model}, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def table(title: str, rows: list[Row]) -> str:
    lines = [
        f"\n### {title}\n",
        "| | per second | p50 | p99 | CPU per request | peak memory |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.name} | {row.rate:,.0f} | {row.p50_ms:.1f} ms | {row.p99_ms:.1f} ms "
        f"| {row.cpu_us:,.0f} µs | {row.memory_mb:.0f} MB |"
        for row in rows
    ]
    return "\n".join(lines)


def ratio(text: str, value: float, bar: float, *, at_least: bool = True) -> str:
    met = value >= bar if at_least else value <= bar
    sign = "≥" if at_least else "≤"
    return f"- {text}: **{value:.2f}** (bar: {sign} {bar:g}) {'✓' if met else '✗ MISSED'}"


def header() -> str:
    return f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {machine()}."
