"""`make bench`: limit, peer and product in one go, as Markdown for docs/performance.md."""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import uvloop

from bench import replies, tab, webhooks
from bench.report import header


async def measure(parts: set[str], seconds: float, rounds: int) -> None:
    print(header())
    at_ms = int(time.time() * 1000)
    with tempfile.TemporaryDirectory() as folder:
        if "webhooks" in parts:
            print(await webhooks.measure(Path(folder), seconds=seconds, rounds=rounds, at_ms=at_ms))
        if "tab" in parts:
            print(await tab.measure(Path(folder), seconds=seconds, rounds=rounds))
        if "replies" in parts:
            print(await replies.measure(Path(folder), at_ms=at_ms))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", default=["webhooks", "tab", "replies"],
                        help="webhooks, tab, replies (all of them by default)")  # fmt: skip
    parser.add_argument("--seconds", type=float, default=3.0, help="per server and round")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(measure(set(arguments.parts), arguments.seconds, arguments.rounds))


if __name__ == "__main__":
    main()
