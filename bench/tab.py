"""(2) The catalogue tab, hot and cold: a POST with Facebook's signed_request, as in the iframe."""

import base64
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import aiohttp

from bench.bare import SECRET
from bench.load import Outcome, load, request
from bench.report import measured, ratio, table
from bench.servers import Server, running
from bench.webhooks import PAGE_ID

PATH = "/s/bench/tab"
CONNECTIONS = 32


def signed_request() -> str:
    payload = {"algorithm": "HMAC-SHA256", "issued_at": int(time.time()), "page": {"id": PAGE_ID}}
    body = base64.urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=")
    digest = hmac.new(SECRET, body, hashlib.sha256).digest()
    return (base64.urlsafe_b64encode(digest).rstrip(b"=") + b"." + body).decode()


def tab_request() -> bytes:
    body = urlencode({"signed_request": signed_request()}).encode()
    return request(
        "POST", PATH, body,
        ["Content-Type: application/x-www-form-urlencoded", "Accept-Encoding: gzip",
         "Accept-Language: de", "Origin: https://www.facebook.com"],
    )  # fmt: skip


async def measure(folder: Path, *, seconds: float, rounds: int) -> str:
    with ExitStack() as stack:
        hot = stack.enter_context(_product("Tresen: hot", "accept", folder / "hot.db"))
        page = folder / "tab.html.gz"
        page.write_bytes(await _fetch(hot))
        limit = stack.enter_context(
            running("limit: the same bytes", "bench.bare", BENCH_PAGE=str(page))
        )
        cold = stack.enter_context(
            _product("Tresen: cold, rendered each time", "cold", folder / "cold.db")
        )
        peer = stack.enter_context(
            running(
                "peer: sqlite3 and Jinja by hand",
                "bench.peer_tab",
                BENCH_DB=str(folder / "cold.db"),
            )
        )
        servers = [limit, hot, peer, cold]
        outcomes: dict[str, list[tuple[Outcome, float]]] = {one.name: [] for one in servers}
        for server in [server for _ in range(rounds) for server in servers]:
            before = server.cpu_seconds()
            outcome = await load(server.port, _endless(), connections=CONNECTIONS, seconds=seconds)
            outcomes[server.name].append((outcome, server.cpu_seconds() - before))
        rows = [measured(server, outcomes[server.name]) for server in servers]
    limit_row, hot_row, peer_row, cold_row = rows
    return "\n".join([
        table(f"The catalogue tab, {CONNECTIONS} connections (median round)", rows),
        "",
        ratio("hot, of the bare bytes", hot_row.rate / limit_row.rate, 0.5),
        f"- cold, of the page written by hand: {cold_row.rate / peer_row.rate:.2f}",
    ])  # fmt: skip


def _product(name: str, mode: str, db: Path):  # type: ignore[no-untyped-def]
    return running(name, "bench.product", mode, BENCH_DB=str(db))


def _endless() -> Iterator[bytes]:
    return itertools.repeat(tab_request())


async def _fetch(server: Server) -> bytes:
    """The tab's compressed bytes, once."""
    async with aiohttp.ClientSession(auto_decompress=False) as client:
        response = await client.post(
            f"http://127.0.0.1:{server.port}{PATH}",
            data={"signed_request": signed_request()},
            headers={"Accept-Encoding": "gzip", "Accept-Language": "de"},
        )
        if response.status != 200 or response.headers.get("Content-Encoding") != "gzip":
            raise RuntimeError(f"the tab answered {response.status}: {await response.text()}")
        return await response.read()
