"""(1) Signed Messenger webhooks accepted and durable: limit, peer and product in one run."""

import hmac
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path

import orjson

from bench.load import request
from bench.names import APP_SECRET, FIRST_PERSON, PAGE_ID
from bench.report import ratio, table
from bench.rounds import Plan, Row, take_turns
from bench.servers import running

CONNECTIONS = 128
PEOPLE = 5000
MOST_A_SECOND = 20_000
TEXTS = (
    "Habt ihr noch Pfingstrosen?",
    "Wann öffnet ihr morgen?",
    "Danke für den schönen Strauß!",
    "Ich suche etwas für meine Mutter, sie mag helle Farben. Was würdet ihr nehmen?",
)


def signed(payload: object) -> bytes:
    """Escaped as Meta escapes: the signature covers these very bytes."""
    body = orjson.dumps(payload).replace(b"/", b"\\/")
    digest = hmac.digest(APP_SECRET.encode(), body, "sha256").hex()
    return request(
        "POST", "/webhooks/meta", body,
        ["Content-Type: application/json", f"X-Hub-Signature-256: sha256={digest}"],
    )  # fmt: skip


def text_message(person: int, mid: str, text: str, at_ms: int) -> bytes:
    sender = {"id": str(FIRST_PERSON + person)}
    message = {"mid": mid, "text": text}
    event = {"sender": sender, "recipient": {"id": PAGE_ID}, "timestamp": at_ms, "message": message}
    return signed(
        {"object": "page", "entry": [{"id": PAGE_ID, "time": at_ms, "messaging": [event]}]}
    )


def messages(seconds: float, at_ms: int) -> Callable[[int], Iterator[bytes]]:
    """More than anybody takes in so many seconds; in every round new ones of the same people."""
    count = int(MOST_A_SECOND * seconds)

    @lru_cache(maxsize=1)
    def prepared(number: int) -> list[bytes]:
        chance = random.Random(number)
        return [
            text_message(
                chance.randrange(PEOPLE), f"m_{number}_{one}_{chance.getrandbits(300):x}",
                chance.choice(TEXTS), at_ms + number,
            )
            for one in range(count)
        ]  # fmt: skip

    return lambda number: iter(prepared(number))


async def measure(furnished: Path, *, seconds: float, rounds: int, at_ms: int) -> str:
    folder = furnished.parent
    with ExitStack() as stack:
        servers = [
            stack.enter_context(one)
            for one in (
                running("limit: aiohttp reads, checks, answers", "bench.bare"),
                running("peer: a commit per request", "bench.peer_webhooks",
                        BENCH_DB=str(folder / "peer.db")),
                running("Tresen, durable before the 200", "bench.product", "accept",
                        BENCH_DB=str(furnished)),
            )
        ]  # fmt: skip
        plan = Plan(seconds, rounds, CONNECTIONS)
        rows = await take_turns(servers, messages(seconds, at_ms), plan)
    return _text(rows)


def _text(rows: list[Row]) -> str:
    limit, peer, tresen = rows
    return "\n".join([
        table(f"Webhooks accepted, {CONNECTIONS} connections", rows),
        ratio("of the limit", tresen.rate / limit.rate, 0.25),
        ratio("times the commit per request", tresen.rate / peer.rate, 8),
    ])  # fmt: skip
