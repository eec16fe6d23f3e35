"""The limits: what aiohttp alone does with the same bytes. `python -m bench.bare PORT`."""

import asyncio
import hmac
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import uvloop
from aiohttp import web

from bench.names import APP_SECRET

_SECRET = APP_SECRET.encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody else's answer, to be given again."""

    headers: dict[str, str]
    body: bytes

    def write(self, path: Path) -> None:
        path.write_bytes(json.dumps(self.headers).encode() + b"\n" + self.body)

    @staticmethod
    def read(path: Path) -> "Answer":
        head, _, body = path.read_bytes().partition(b"\n")
        return Answer(json.loads(head), body)


async def accept(request: web.Request) -> web.Response:
    """Read the body, check the signature over it, answer: no webhook can cost less."""
    if not is_signed(await request.read(), request.headers.get("X-Hub-Signature-256", "")):
        return web.Response(status=403)
    return web.Response(text="EVENT_RECEIVED")


def is_signed(body: bytes, header: str) -> bool:
    return hmac.compare_digest("sha256=" + hmac.digest(_SECRET, body, "sha256").hex(), header)


def accepting() -> web.Application:
    app = web.Application()
    app.router.add_post("/webhooks/meta", accept)
    return app


def showing(answer: Answer) -> web.Application:
    """Reads what is posted to the tab's address and answers the same every time."""

    async def show(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=answer.body, headers=answer.headers)

    app = web.Application()
    app.router.add_post("/s/{shop}/tab", show)
    return app


def serve(app: web.Application, port: int) -> None:
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None, loop=loop)


def main() -> None:
    answer = os.environ.get("BENCH_ANSWER")
    serve(showing(Answer.read(Path(answer))) if answer else accepting(), int(sys.argv[1]))


if __name__ == "__main__":
    main()
