"""`make bench`: limit, peer and product in one go, as Markdown for docs/performance.md."""

import argparse
import asyncio
import shutil
import tempfile
import time
from pathlib import Path

import uvloop

from bench import checkout, replies, tab, webhooks
from bench.furnishing import furnish
from bench.report import header

PARTS = ("webhooks", "tab", "replies", "checkout")


async def measure(parts: list[str], seconds: float, rounds: int) -> None:
    print(header())
    at_ms = int(time.time() * 1000)
    with tempfile.TemporaryDirectory(prefix="tresen-bench-") as folder:
        template = Path(folder) / "furnished.db"
        await furnish(template)
        for part in parts:
            own = shutil.copyfile(template, Path(folder) / f"{part}.db")
            match part:
                case "webhooks":
                    text = await webhooks.measure(own, seconds=seconds, rounds=rounds, at_ms=at_ms)
                case "tab":
                    text = await tab.measure(own, seconds=seconds, rounds=rounds)
                case "checkout":
                    text = await checkout.measure(Path(folder), rounds=rounds)
                case _:
                    text = await replies.measure(own, at_ms=at_ms)
            print(text, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (all)")
    parser.add_argument("--seconds", type=float, default=3.0, help="per server and round")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    parts = arguments.parts or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(measure(parts, arguments.seconds, arguments.rounds))


if __name__ == "__main__":
    main()
