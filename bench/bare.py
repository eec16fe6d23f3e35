"""The limits: what aiohttp alone does with the same bytes. `python -m bench.bare PORT`."""

import asyncio
import hashlib
import hmac
import os
import sys
from pathlib import Path

import uvloop
from aiohttp import web

SECRET = b"bench-app-secret"


async def accept(request: web.Request) -> web.Response:
    """Read the body, check the signature over it, answer: no webhook can cost less."""
    body = await request.read()
    wanted = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted, request.headers.get("X-Hub-Signature-256", "")):
        return web.Response(status=403)
    return web.Response(text="EVENT_RECEIVED")


def same_bytes(path: Path) -> web.Application:
    """Answers every POST with the bytes of a file, headers and all as the product sends them."""
    body = path.read_bytes()

    async def show(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(
            body=body,
            headers={"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip"},
        )

    app = web.Application()
    app.router.add_post("/{tail:.*}", show)
    app.router.add_get("/{tail:.*}", show)
    return app


def main() -> None:
    asyncio.set_event_loop(uvloop.new_event_loop())
    page = os.environ.get("BENCH_PAGE")
    if page:
        app = same_bytes(Path(page))
    else:
        app = web.Application()
        app.router.add_post("/webhooks/meta", accept)
    web.run_app(
        app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None,
        loop=asyncio.get_event_loop(),
    )  # fmt: skip


if __name__ == "__main__":
    main()
