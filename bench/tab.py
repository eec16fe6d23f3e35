"""(2) The catalogue tab, hot and cold: a POST with Facebook's signed_request, as in the iframe."""

import base64
import hmac
import itertools
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import orjson

from bench.bare import Answer
from bench.load import request
from bench.names import APP_SECRET, PAGE_ID, SLUG
from bench.report import ratio, table
from bench.rounds import Plan, Row, take_turns
from bench.servers import Server, running

PATH = f"/s/{SLUG}/tab"
CONNECTIONS = 32
HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept-Encoding": "gzip",
    "Accept-Language": "de",
    "Origin": "https://www.facebook.com",
}

OWN = frozenset({"Content-Length", "Date", "Server"})


def tab_form() -> bytes:
    payload = {
        "algorithm": "HMAC-SHA256", "issued_at": int(time.time()),
        "page": {"id": PAGE_ID, "admin": False}, "user": {"country": "de", "locale": "de_DE"},
    }  # fmt: skip
    body = base64.urlsafe_b64encode(orjson.dumps(payload)).rstrip(b"=")
    digest = hmac.digest(APP_SECRET.encode(), body, "sha256")
    signed = base64.urlsafe_b64encode(digest).rstrip(b"=") + b"." + body
    return urlencode({"signed_request": signed.decode()}).encode()


def visits(number: int) -> Iterator[bytes]:
    """Signed anew for every round, because a proof is good for minutes only."""
    headers = [f"{name}: {value}" for name, value in HEADERS.items()]
    return itertools.repeat(request("POST", PATH, tab_form(), headers))


async def measure(furnished: Path, *, seconds: float, rounds: int) -> str:
    cold_file = shutil.copyfile(furnished, furnished.with_name("cold.db"))
    answer = furnished.with_name("tab.answer")
    with ExitStack() as stack:
        start = stack.enter_context
        hot = start(running("Tresen, hot", "bench.product", "accept", BENCH_DB=str(furnished)))
        (await _fetch(hot)).write(answer)
        limit = start(running("limit: aiohttp, the same bytes", "bench.bare",
                              BENCH_ANSWER=str(answer)))  # fmt: skip
        cold = start(running("Tresen, rendered for everybody anew", "bench.product", "cold",
                             BENCH_DB=str(cold_file)))  # fmt: skip
        peer = start(running("peer: sqlite3 and Jinja by hand", "bench.peer_tab",
                             BENCH_DB=str(cold_file)))  # fmt: skip
        sizes = {server.name: len((await _fetch(server)).body) for server in (hot, peer, cold)}
        rows = await take_turns(
            [limit, hot, peer, cold], visits, Plan(seconds, rounds, CONNECTIONS)
        )
    return _text(rows, sizes)


def _text(rows: list[Row], sizes: dict[str, int]) -> str:
    limit, hot, peer, cold = rows
    told = ", ".join(f"{name}: {size:,}" for name, size in sizes.items())
    return "\n".join([
        table(f"The catalogue tab, {CONNECTIONS} connections", rows),
        ratio("hot, of the bare bytes", hot.rate / limit.rate, 0.5),
        f"- rendered anew, of the page by hand: **{cold.rate / peer.rate:.2f}**",
        f"- compressed bytes of the page: {told}",
    ])  # fmt: skip


async def _fetch(server: Server) -> Answer:
    """The tab once, with what headers say about it; those the server writes itself left out."""
    url = f"http://127.0.0.1:{server.port}{PATH}"
    async with (
        aiohttp.ClientSession(auto_decompress=False) as client,
        client.post(url, data=tab_form(), headers=HEADERS) as answer,
    ):
        if answer.status != 200 or answer.headers.get("Content-Encoding") != "gzip":
            raise RuntimeError(f"{server.name} answered {answer.status}: {await answer.text()}")
        told = {name: text for name, text in answer.headers.items() if name not in OWN}
        return Answer(told, await answer.read())
