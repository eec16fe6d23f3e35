"""The counter is closed to whoever is not signed in, and forms to whoever comes from elsewhere."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from app.build import build_app
from app.demo.settings import DemoPlan, product_settings
from core.csrf import FROM_OUTSIDE
from staff.access import OPEN_PAGES
from tests.databases import snapshot
from tests.opened import House, open_house, sign_in

# All that strangers may see behind the counter, and all that others may post to. Whoever adds a
# line here has to say why.
SIGN_IN = {"/counter/sign-in", "/counter/sign-in/link", "/counter/welcome/{token}"}
OUTSIDERS = {"/webhooks/meta", "/webhooks/stripe/{path_token}", "/s/{shop}/tab"}
SAFE = {"GET", "HEAD", "OPTIONS"}

Client = TestClient[web.Request, web.Application]
Way = tuple[str, str]


@pytest.fixture
async def stranger(database_url: str, tmp_path: Path) -> AsyncIterator[Client]:
    settings = product_settings(DemoPlan(tmp_path, 0, 0, 0))
    core = settings.core.model_copy(update={"database_url": database_url})
    app = build_app(type(settings)(**{**vars_of(settings), "core": core}), works=False)
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        yield client
