"""No page of the built product behind the counter opens to a stranger."""

import re
from pathlib import Path

import pytest
from aiohttp import web

from staff.access import OPEN_PAGES
from tests.opened import House, open_house


def closed_routes(app: web.Application) -> list[tuple[str, str]]:
    """Every method and path behind the counter, with something in the places of names."""
    return sorted(
        (route.method, re.sub(r"\{[^}]+\}", "1", resource.canonical))
        for resource in app.router.resources()
        for route in resource
        if resource.canonical.startswith("/counter")
        and resource.canonical not in OPEN_PAGES
        and route.method != "HEAD"
    )


async def asked(house: House, method: str, path: str, accept: str) -> tuple[int, str]:
    async with house.http.request(
        method, house.at(path), headers={"Accept": accept}, allow_redirects=False
    ) as answer:
        return answer.status, answer.headers.get("Location", "")


@pytest.mark.sqlite_only
async def test_every_counter_page_wants_a_sign_in(database_url: str, tmp_path: Path) -> None:
    async with open_house(database_url, tmp_path, works=False, connected=False) as house:
        routes = closed_routes(house.product)
        assert ("GET", "/counter/inbox") in routes
        assert ("GET", "/counter/events") in routes
        for method, path in routes:
            status, way = await asked(house, method, path, "text/html")
            assert (status, way.split("?")[0]) == (303, "/counter/sign-in"), (method, path)
            status, _ = await asked(house, method, path, "application/json")
            assert status == 401, (method, path)
            status, _ = await asked(house, method, path, "text/event-stream")
            assert status == 401, (method, path)
