"""(1) Signed Messenger webhooks accepted and durable: limit, peer and product in one run."""

import hashlib
import hmac
import itertools
import json
import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from bench.bare import SECRET
from bench.load import Outcome, load, request
from bench.report import Row, measured, ratio, table
from bench.servers import running

PAGE_ID = BENCH_PAGE_ID
CONNECTIONS = 128
PEOPLE = 5000


def signed(payload: object) -> bytes:
    body = json.dumps(payload, separators=(",", ":")).replace("/", "\\/").encode()
    digest = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    return request(
        "POST", "/webhooks/meta", body,
        ["Content-Type: application/json", f"X-Hub-Signature-256: sha256={digest}"],
    )  # fmt: skip


def text_message(person: int, mid: str, text: str, at_ms: int) -> dict[str, object]:
    return {
        "object": "page",
        "entry": [{
            "id": PAGE_ID, "time": at_ms,
            "messaging": [{
                "sender": {"id": str(7000000000 + person)}, "recipient": {"id": PAGE_ID},
                "timestamp": at_ms, "message": {"mid": mid, "text": text},
            }],
        }],
    }  # fmt: skip


def messages(count: int, label: str, at_ms: int) -> Iterator[bytes]:
    chance = random.Random(label)
    texts = [
        "Habt ihr noch Pfingstrosen?",
        "Wann öffnet ihr morgen?",
        "Danke für den schönen Strauß!",
    ]
    prepared = [
        signed(
            text_message(
                chance.randrange(PEOPLE), f"m_{label}_{n}", chance.choice(texts), at_ms + n
            )
        )
        for n in range(count)
    ]
    return iter(prepared)


async def measure(folder: Path, *, seconds: float, rounds: int, at_ms: int) -> str:
    """Rounds interleave the servers, so that a noisy minute hits all of them."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(running("limit: read, check, answer", "bench.bare")),
            stack.enter_context(running("peer: a commit per request", "bench.peer_webhooks",
                                        BENCH_DB=str(folder / "peer.db"))),
            stack.enter_context(running("Tresen: accepting", "bench.product", "accept",
                                        BENCH_DB=str(folder / "accept.db"))),
            stack.enter_context(running("Tresen: accepting and answering", "bench.product", "work",
                                        BENCH_DB=str(folder / "work.db"))),
        ]  # fmt: skip
        outcomes: dict[str, list[tuple[Outcome, float]]] = {server.name: [] for server in servers}
        counter = itertools.count()
        for _ in range(rounds):
            for server in servers:
                requests = messages(int(20_000 * seconds), f"r{next(counter)}", at_ms)
                before = server.cpu_seconds()
                outcome = await load(
                    server.port, requests, connections=CONNECTIONS, seconds=seconds
                )
                outcomes[server.name].append((outcome, server.cpu_seconds() - before))
        rows = [measured(server, outcomes[server.name]) for server in servers]
    return _text(rows)


def _text(rows: list[Row]) -> str:
    limit, peer, accepting, working = rows
    return "\n".join([
        table(f"Durable webhooks, {CONNECTIONS} connections (median round)", rows),
        "",
        ratio("accepting, of the bare limit", accepting.rate / limit.rate, 0.25),
        ratio("accepting, times the commit per request", accepting.rate / peer.rate, 8),
        f"- while also answering every message: {working.rate / limit.rate:.2f} of the limit, "
        f"{working.rate / peer.rate:.1f} × the peer",
    ])  # fmt: skip
