"""What is no form is refused in words before anybody works on it."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.typedefs import Handler

from core.csrf import FROM_OUTSIDE
from core.errors import ShopError
from core.forms import FormTooLarge, UnreadableForm, refuse_unreadable_forms

FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"

Client = TestClient[web.Request, web.Application]


@web.middleware
async def tell(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        answer: web.StreamResponse = await handler(request)
    except ShopError as refused:
        return web.Response(status=refused.status, text=refused.sentence)
    return answer


async def show(request: web.Request) -> web.Response:
    """Reads the form once more, as every page does."""
    data = await request.post()
    return web.json_response({name: str(value) for name, value in data.items()})


async def raw(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application(middlewares=[tell, refuse_unreadable_forms], client_max_size=10_000)
    app[FROM_OUTSIDE] = {"/hook"}
    app.router.add_post("/page", show)
    app.router.add_post("/hook", raw)
    async with TestClient(TestServer(app)) as opened:
        yield opened


async def post(client: Client, path: str, kind: str, body: bytes) -> tuple[int, str]:
    async with client.post(path, data=body, headers={"Content-Type": kind}) as answer:
        return answer.status, await answer.text()


async def test_a_form_is_there_for_its_page(client: Client) -> None:
    assert await post(client, "/page", FORM, b"a=1&b=%C3%A4") == (200, '{"a": "1", "b": "\\u00e4"}')
    whole = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'
    assert await post(client, "/page", PARTS, whole) == (200, '{"a": "1"}')


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (f"{FORM}; charset=nonsense", b"a=1"),
        (FORM, b"a=\xff"),
        ("multipart/form-data", b"--x--"),
        (PARTS, b"--y\r\n\r\n"),
        (PARTS, b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--\r\n'),
        (PARTS, b'--x\r\nContent-Disposition: form-data; name="a'),
    ],
)
async def test_what_is_none_is_refused(client: Client, kind: str, body: bytes) -> None:
    assert await post(client, "/page", kind, body) == (400, UnreadableForm.sentence)


async def test_too_much_is_told_so(client: Client) -> None:
    answer = await post(client, "/page", FORM, b"a=" + b"x" * 20_000)
    assert answer == (413, FormTooLarge.sentence)


async def test_outsiders_read_their_own_bodies(client: Client) -> None:
    assert await post(client, "/hook", f"{FORM}; charset=nonsense", b"a=1") == (200, "a=1")
