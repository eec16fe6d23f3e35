"""Whatever is sent to whatever address: an answer, never a crash, and no without a reason."""

import html
import io
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest
from argon2 import PasswordHasher
from yarl import URL

from staff.passwords import PASSWORDS
from staff.signing_in import SIGN_IN_LIMITS
from storefront.limits import LIMITS
from tests.house.addresses import (
    ABOUT_NOBODY,
    STREAM,
    filled,
    form_for,
    front_address,
    front_form,
    places,
    rows_in,
    spellings,
)
from tests.house.estates import Estate, furnish
from tests.house.oddities import (
    BODIES,
    COOKIES,
    HEADERS,
    ODD_HEADERS,
    ODD_PLACES,
    ODD_VALUES,
    QUERIES,
    near_misses,
)
from tests.opened import House, open_house, sign_in

REASON = re.compile(r'class="(notice |flash |toast )?error\b|role="alert"')

# Sentences that say no more than that it did not work.
EMPTY = ("Bitte prüfen Sie die markierten Felder", "Please check the marked", "did not work")


@dataclass(slots=True)
class Prober:
    """Asks, and keeps a note of every answer that is none."""

    house: House
    estate: Estate
    stranger: aiohttp.ClientSession
    asked: int = 0
    faults: list[str] = field(default_factory=list)

    async def ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = "", *, note: str = ""
    ) -> None:
        house = self.house
        url = URL(house.at(path), encoded=True)
        headers = {"Accept": "text/html", "Origin": house.plan.product_url} | (
            {"Content-Type": kind} if kind else {}
        )
        http = self.stranger if path.split("?", maxsplit=1)[0] in ABOUT_NOBODY else house.http
        self.asked += 1
        async with http.request(
            method, url, data=io.BytesIO(body or b""), headers=headers, allow_redirects=False
        ) as answer:
            if path.startswith(STREAM) and answer.status == 200:
                answer.close()
                return
            text = html.unescape((await answer.read()).decode("utf-8", "replace"))
        self._judge(method, path, answer, text, note)
        self._forgive()

    def _forgive(self) -> None:
        """Nobody is too often here, or the later questions would all meet the same no."""
        limits, sender = self.house.product[LIMITS], f"{self.estate.shop.id}:127.0.0.1"
        for limit in (limits.codes, limits.orders, limits.withdrawals, limits.declarations):
            limit.forgive(sender)
        sign_ins = self.house.product[SIGN_IN_LIMITS]
        sign_ins.by_address.forgive("127.0.0.1")
        for kept in (sign_ins.by_email, sign_ins.letters):
            kept.forgive("mia@example.org")

    def _judge(
        self, method: str, path: str, answer: aiohttp.ClientResponse, text: str, note: str
    ) -> None:
        about = f"{answer.status} {method} {path[:80]} {note}"
        if answer.status >= 500:
            self.faults.append(about)
        elif answer.status >= 400 and method == "POST" and answer.content_type == "text/html":
            if path.endswith("/tab"):
                return  # its own page for what Facebook did not sign
            said = (
                re.search(r"<h1>([^<]{8,})", text) if "error-page" in text else REASON.search(text)
            )
            if said is None or any(words in said.group() for words in EMPTY):
                self.faults.append(f"no reason: {about}")

    async def post(self, path: str, form: list[tuple[str, bytes]], *, note: str) -> None:
        body = urlencode(form).encode()
        await self.ask("POST", path, body, "application/x-www-form-urlencoded", note=note)


@pytest.fixture
async def prober(database_url: str, tmp_path: Path) -> AsyncIterator[Prober]:
    async with open_house(database_url, tmp_path, works=False) as house:
        estate = await furnish(
            house, house.shop, "Anna", ("Rote Rosen", "Orchidee", "Trockenblumenkranz")
        )
        _hash_quickly(house)
        await sign_in(house)
        async with aiohttp.ClientSession() as stranger:
            yield Prober(house, estate, stranger)


def _hash_quickly(house: House) -> None:
    """Hundreds of passwords are tried here, and none is worth guarding."""
    passwords = house.product[PASSWORDS]
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._hasher = quick
    passwords._nobody = quick.hash("nobody has this password")


def all_routes(house: House) -> list[tuple[str, str]]:
    found = [
        (one.method, resource.canonical)
        for resource in house.product.router.resources()
        for one in resource
        if one.method != "HEAD"
    ]
    assert len(found) > 120
    return found


# What is open to everybody, and what may be posted there.
OPEN_FORMS: dict[str, dict[str, str]] = {
    "/counter/sign-in": {"email": "mia@example.org", "password": "x", "next": "/counter/"},
    "/counter/sign-in/link": {"email": "mia@example.org"},
    "/counter/welcome/{token}": {"password": "a long enough sentence"},
    "/counter/sign-out": {},
    "/counter/sign-out-everywhere": {},
    "/webhooks/meta": {},
    "/webhooks/mail": {},
    "/webhooks/stripe/connect": {},
    "/webhooks/stripe/{path_token}": {},
    "/s/{shop}/tab": {"signed_request": "a.b"},
}


def good_form(canonical: str, estate: Estate) -> dict[str, str]:
    if canonical in OPEN_FORMS:
        return OPEN_FORMS[canonical]
    if canonical.startswith("/s/"):
        return front_form(canonical, estate)
    return form_for(canonical, estate)


def good_address(canonical: str, estate: Estate) -> Iterator[str]:
    if canonical.startswith("/s/"):
        yield front_address(canonical, estate, estate.shop.slug)
    elif canonical in OPEN_FORMS or not canonical.startswith("/counter"):
        yield re.sub(r"\{\w+\}", "demo-stripe-webhook-path", canonical)
    else:
        for spelled in spellings(canonical):
            yield filled(canonical, spelled, dict.fromkeys(rows_in(canonical), estate))


# Whoever writes headers that make no sense is told so in the server's log only.
pytestmark = pytest.mark.filterwarnings("ignore::aiohttp.multipart.BadContentDispositionHeader")


async def test_odd_addresses(prober: Prober) -> None:
    await stand_oddly(prober)
    await ask_oddly(prober)
    assert not prober.faults, "\n".join(prober.faults)


async def stand_oddly(prober: Prober) -> None:
    """Numbers of rows and shops are read the same way everywhere, so each meets some; names meet
    everything."""
    house, estate, turns = prober.house, prober.estate, cycle(ODD_PLACES)
    for method, canonical in all_routes(house):
        for name in places(canonical):
            if "{visit}" in canonical and name != "visit":
                continue  # the same page stands at its other address
            whole = canonical.replace("{shop}", estate.shop.slug) if name != "shop" else canonical
            is_alike = name.endswith("_id") or name == "shop" or method == "POST"
            for odd in islice(turns, 4) if is_alike else ODD_PLACES:
                path = re.sub(r"\{\w+\}", "1", whole.replace(f"{{{name}}}", odd))
                await prober.ask(method, path)


def plain(routes: list[tuple[str, str]], method: str) -> Iterator[str]:
    """Pages that stand at a second address, with the visit in it, are asked at the first."""
    return (canonical for one, canonical in routes if one == method and "{visit}" not in canonical)


async def ask_oddly(prober: Prober) -> None:
    estate, turns = prober.estate, cycle(ODD_VALUES)
    for canonical in plain(all_routes(prober.house), "GET"):
        for path in good_address(canonical, estate):
            for odd in islice(turns, 3):
                asked = urlencode([(name, odd[:3000]) for name in QUERIES])
                await prober.ask("GET", f"{path}?{asked}", note=repr(odd[:40]))


async def test_odd_forms(prober: Prober) -> None:
    """Each form meets some of the odd values in all of its fields, some in one, and some bodies
    that are no form; over all the forms everything has its turn."""
    await look_faultless(prober)
    estate, turns, others = prober.estate, cycle(ODD_VALUES), cycle(BODIES)
    for canonical in plain(all_routes(prober.house), "POST"):
        good = {name: value.encode() for name, value in good_form(canonical, estate).items()}
        for path in good_address(canonical, estate):
            for odd in islice(turns, 3):
                await prober.post(path, [(name, odd) for name in good], note=f"all {odd[:30]!r}")
            for name, value in good.items():
                rest = {one: good[one] for one in good if one != name}
                for odd in (next(turns), *near_misses(value)):
                    form = [*rest.items(), (name, odd)]
                    await prober.post(path, form, note=f"{name} {odd[:30]!r}")
            await prober.post(path, [], note="nothing")
            for kind, make in islice(others, 2):
                body = make(list(good))
                await prober.ask("POST", path, body, kind, note=f"{kind} {body[:60]!r}")
            await prober.post(path, list(good.items()) * 2, note="twice")
    assert prober.asked > 500
    assert not prober.faults, "\n".join(prober.faults)


@pytest.mark.sqlite_only
async def test_odd_cookies_and_headers(prober: Prober) -> None:
    house, estate = prober.house, prober.estate
    shop = f"/s/{estate.shop.slug}/"
    for path in ("/", shop, f"{shop}basket", "/counter/sign-in", "/counter/", STREAM):
        for odd in ODD_HEADERS:
            cookies = "; ".join(f"{name}={odd}" for name in COOKIES)
            headers = dict.fromkeys(HEADERS, odd) | {"Cookie": cookies}
            async with prober.stranger.get(
                house.at(path), headers=headers, allow_redirects=False
            ) as answer:
                assert answer.status < 500, (path, odd)


async def look_faultless(prober: Prober) -> None:
    """Pages without a fault show none, or a reason would be found everywhere."""
    house, estate = prober.house, prober.estate
    shop = f"/s/{estate.shop.slug}/"
    asked = (f"/counter/products/{estate.rows['product_id']}", "/counter/deals/new", f"{shop}basket",
             "/counter/profile", "/counter/settings/shop", f"{shop}withdraw", "/counter/sign-in",
             f"/counter/inbox/{estate.rows['conversation_id:wall']}")  # fmt: skip
    for path in asked:
        http = prober.stranger if path.startswith(shop) or "sign-in" in path else house.http
        async with http.get(house.at(path)) as answer:
            text = await answer.text()
            assert answer.status == 200
        assert REASON.search(text) is None, (path, REASON.search(text))
