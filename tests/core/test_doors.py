"""What every request passes: the origin check, errors as pages, health, static files."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text

from core import health, pictures, static
from core.cache import CACHE, open_cache
from core.csrf import FROM_OUTSIDE, OWN_ORIGINS, open_to_outsiders, refuse_foreign_forms
from core.database import DATABASE
from core.errorpages import render_errors
from core.errors import InvalidForm, NotFound, TooManyRequests
from core.pages import PAGES, Pages
from core.pictures import Picture, keep_picture, read_picture
from core.shops import Shop
from core.static import STATIC, read_static
from core.translations import TRANSLATIONS, Translations
from tests.conftest import WatchedDatabase
from tests.core.test_pictures import drawing

OURS = "https://shop.example"
JSON = {"Accept": "application/json"}
Client = TestClient[web.Request, web.Application]


async def greet(request: web.Request) -> web.Response:
    return web.Response(text="done")


async def fail(request: web.Request) -> web.Response:
    match request.query["how"]:
        case "often":
            raise TooManyRequests(seconds=7)
        case "gone":
            raise NotFound()
        case "form":
            raise InvalidForm({"name": "Please enter a name."})
        case "away":
            raise web.HTTPSeeOther("/there")
        case "large":
            raise web.HTTPRequestEntityTooLarge(1, 2)
    raise RuntimeError("sk_live_" + "a" * 20)


@pytest.fixture
async def client(sqlite_db: WatchedDatabase, tmp_path: Path) -> AsyncIterator[Client]:
    (tmp_path / "error.html").write_text("<h1>{{ code }}: {{ sentence }}</h1>")
    (tmp_path / "de").mkdir()
    (tmp_path / "de/core.po").write_text(
        'msgid "We could not find that page."\nmsgstr "Diese Seite gibt es nicht."\n'
    )
    (tmp_path / "static").mkdir()
    (tmp_path / "static/shop.css").write_text("body { color: black }\n" * 50)
    (tmp_path / "static/dot.webp").write_bytes(b"RIFF....WEBP")
    app = web.Application(middlewares=[render_errors, refuse_foreign_forms])
    translations = Translations(tmp_path)
    app[TRANSLATIONS] = translations
    app[PAGES] = Pages(translations, folder=tmp_path)
    app[OWN_ORIGINS], app[FROM_OUTSIDE] = frozenset({OURS}), set()
    app[DATABASE], app[CACHE] = sqlite_db, open_cache("memory://")
    app[STATIC] = read_static(tmp_path / "static")
    for routes in (health.routes, pictures.routes, static.routes):
        app.add_routes(routes)
    app.router.add_route("*", "/form", greet)
    app.router.add_post("/webhooks/{token}", greet)
    app.router.add_get("/fail", fail)
    open_to_outsiders(app, "/webhooks/{token}")
    async with TestClient(TestServer(app)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": OURS}, 200),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://shop.example.evil"}, 403),
        ({"Origin": "http://shop.example"}, 403),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_forms_are_taken_from_our_own_pages_only(
    client: Client, headers: dict[str, str], status: int, method: str
) -> None:
    assert (await client.request(method, "/form", headers=headers)).status == status


async def test_looking_needs_no_origin_and_listed_paths_bring_their_own_proof(
    client: Client,
) -> None:
    assert (await client.get("/form", headers={"Origin": "https://evil.example"})).status == 200
    assert (await client.post("/webhooks/abc")).status == 200
    assert (await client.post("/webhooks/a/b")).status in {403, 404}


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("often", 429, "TooManyRequests"),
        ("gone", 404, "NotFound"),
        ("form", 422, "InvalidForm"),
        ("large", 413, "HTTPRequestEntityTooLarge"),
        ("crash", 500, "Crashed"),
    ],
)
async def test_errors_become_pages_and_json_without_secrets(
    client: Client, how: str, status: int, code: str
) -> None:
    answer = await client.get("/fail", params={"how": how})
    page = await answer.text()
    assert (answer.status, answer.content_type) == (status, "text/html")
    assert page.startswith(f"<h1>{code}: ")
    assert "sk_live" not in page
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    answer = await client.get("/fail", params={"how": how}, headers=JSON)
    assert answer.status == status
    assert (await answer.json())["error"] == code


async def test_an_error_speaks_the_readers_language(client: Client) -> None:
    for language, sentence in (
        ("de", "Diese Seite gibt es nicht."),
        ("en", "We could not find that page."),
    ):
        answer = await client.get("/nowhere", headers=JSON | {"Accept-Language": language})
        assert await answer.json() == {"error": "NotFound", "message": sentence}
        assert sentence in await (await client.get(f"/nowhere?lang={language}")).text()


async def test_numbers_stand_in_the_sentence(client: Client) -> None:
    answer = await client.get("/fail?how=often&lang=en", headers=JSON)
    assert "in 7 seconds" in (await answer.json())["message"]


async def test_a_redirect_is_no_error(client: Client) -> None:
    answer = await client.get("/fail?how=away", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/there")


async def test_health_tells_alive_from_ready(client: Client, sqlite_db: WatchedDatabase) -> None:
    assert (await client.get("/health/live")).status == 200
    assert (await client.get("/health/ready")).status == 200
    async with sqlite_db.transaction() as session:
        await (await session.connection()).execute(text("ALTER TABLE shop RENAME TO away"))
    assert (await client.get("/health/live")).status == 200
    answer = await client.get("/health/ready")
    assert (answer.status, await answer.json()) == (
        503,
        {"status": "not ready", "database": "unreachable"},
    )


async def test_static_files_are_packed_and_kept_by_browsers_under_their_digest(
    client: Client,
) -> None:
    answer = await client.get("/static/shop.css?v=abc", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["Cache-Control"]
    assert (await answer.text()).startswith("body {")
    plain = await client.get("/static/shop.css", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Cache-Control"] == "no-cache"
    picture = await client.get("/static/dot.webp", headers={"Accept-Encoding": "gzip"})
    assert picture.headers["Content-Type"] == "image/webp"
    assert "Content-Encoding" not in picture.headers


@pytest.mark.parametrize("path", ["nothing.css", "../error.html", "..%2ferror.html", "/etc/passwd"])
async def test_no_path_leads_out_of_the_static_folder(client: Client, path: str) -> None:
    assert (await client.get(f"/static/{path}")).status == 404


async def test_a_picture_is_served_for_ever_in_both_sizes_and_as_jpeg(
    client: Client, sqlite_db: WatchedDatabase, shop: Shop
) -> None:
    async with sqlite_db.transaction() as session:
        kept: Picture = await keep_picture(session, shop.key, await read_picture(drawing()))
    for path, kind in (("full.webp", "webp"), ("thumb.webp", "webp"), ("full.jpg", "jpeg")):
        for _ in range(2):
            answer = await client.get(f"/pictures/{kept.digest}/{path}")
            assert (answer.status, answer.content_type) == (200, f"image/{kind}")
            assert "immutable" in answer.headers["Cache-Control"]
            assert await answer.read()
    assert (await client.get(kept.url)).status == 200
    assert (await client.get(f"/pictures/{'0' * 64}/full.webp")).status == 404
    assert (await client.get("/pictures/nonsense/full.webp")).status == 404
