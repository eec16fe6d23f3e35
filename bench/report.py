"""Figures side by side as Markdown: ratios first, because machines are noisy and differ."""

import platform
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.rounds import Row


def machine() -> str:
    model = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = f"{len(names)} × {names[0].split(':', 1)[1].strip()}" if names else model
    return f"{model}, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def header() -> str:
    return (
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {machine()}; "
        f"ten million additions in a loop take {_seconds_to_count():.2f} s."
    )


def _seconds_to_count() -> float:
    """What this machine and this build of Python make of the same work."""
    began, total = time.perf_counter(), 0
    for number in range(10_000_000):
        total += number
    return time.perf_counter() - began


def table(title: str, rows: Sequence[Row]) -> str:
    lines = [
        f"\n### {title}\n",
        "| | per second | p50 | p99 | CPU per request | of one core | peak memory |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.name} | {row.rate:,.0f} | {row.p50_ms:.1f} ms | {row.p99_ms:.1f} ms "
        f"| {row.cpu_us:,.0f} µs | {row.busy:.0%} | {row.memory_mb:.0f} MB |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def ratio(text: str, value: float, bar: float) -> str:
    return f"- {text}: **{value:.2f}** (bar: at least {bar:g}) {_verdict(value >= bar)}"


def at_most(text: str, value_ms: float, bar_ms: float) -> str:
    return (
        f"- {text}: **{value_ms:.0f} ms** (bar: under {bar_ms:g} ms) {_verdict(value_ms < bar_ms)}"
    )


def at_least(text: str, value: float, bar: float) -> str:
    return f"- {text}: **{value:.1f}** (bar: at least {bar:g}) {_verdict(value >= bar)}"


def no_more(text: str, value: int, bar: int) -> str:
    return f"- {text}: **{value}** (bar: at most {bar}) {_verdict(value <= bar)}"


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "MISSED"
