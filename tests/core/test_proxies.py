"""Behind a proxy everybody would seem to come from the proxy's own address."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from core.proxies import trust_proxies


async def who_asks(proxies: int, forwarded: str | None) -> str:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.remote} {request.match_info['name']}")

    app = web.Application(middlewares=[trust_proxies(proxies)] if proxies else [])
    app.router.add_get("/{name}", answer)
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    async with TestClient(TestServer(app)) as client, client.get("/x", headers=headers) as found:
        return await found.text()


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        (2, "made-up, 203.0.113.9, 192.0.2.1", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "nonsense", "127.0.0.1"),
        (1, None, "127.0.0.1"),
    ],
)
async def test_the_address_is_the_one_the_outermost_trusted_proxy_saw(
    proxies: int, forwarded: str | None, address: str
) -> None:
    assert await who_asks(proxies, forwarded) == f"{address} x"
