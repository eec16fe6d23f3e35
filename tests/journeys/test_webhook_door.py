"""The door webhooks come through: who is let in, and that nothing is stored of those who are not."""

import asyncio
import dataclasses
import hashlib
import hmac
import io
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from sqlmodel import select

from app.build import build_app
from app.demo.settings import APP_SECRET, PAGE, VERIFY_TOKEN, DemoPlan, product_settings
from core.database import DATABASE
from core.incoming import Incoming
from inbox.models import Conversation, Message
from tests.journeys.shapes import as_meta_writes, signed
from tests.journeys.telling import URL, rows, settle
from tests.opened import House

Client = TestClient[web.Request, web.Application]

# A body as Meta writes it (114 bytes) and its signature with the secret "app-secret".
BODY = (
    rb'{"object":"page","entry":[{"id":"1","time":1,"messaging":[{"message":'
    rb'{"text":"\u00e4\u00f6\u00e5 http:\/\/x"}}]}]}'
)
SIGNATURE = "fc480826bc9feefb821d9d21073bd07d575d5a7ef95d1a13648f8ed14ae3ad36"


@asynccontextmanager
async def open_door(url: str, folder: Path, **meta: Any) -> AsyncIterator[Client]:
    """The product alone, with these settings for Meta."""
    settings = product_settings(DemoPlan(folder, 0, 0, 0))
    changed = dataclasses.replace(
        settings,
        core=settings.core.model_copy(update={"database_url": url}),
        meta=settings.meta.model_copy(update=meta),
    )
    async with TestClient(TestServer(build_app(changed, works=False))) as client:
        yield client


@pytest.fixture
async def door(database_url: str, tmp_path: Path) -> AsyncIterator[Client]:
    async with open_door(database_url, tmp_path, app_secret=SecretStr("app-secret")) as client:
        yield client


async def stored(client: Client) -> list[Incoming]:
    assert client.app is not None
    async with client.app[DATABASE].reading() as session:
        return list((await session.exec(select(Incoming).order_by("id"))).all())


async def post(client: Client, body: bytes, header: str | None) -> int:
    headers = {} if header is None else {"X-Hub-Signature-256": header}
    async with client.post(URL, data=body, headers=headers) as answer:
        return answer.status


def shaking(mode: str = "subscribe", token: str = VERIFY_TOKEN) -> dict[str, str]:
    return {"hub.mode": mode, "hub.challenge": "1158201444", "hub.verify_token": token}


async def test_the_handshake_is_answered_with_the_bare_challenge(door: Client) -> None:
    answer = await door.get(URL, params=shaking())
    assert (answer.status, await answer.read()) == (200, b"1158201444")
    assert answer.content_type == "text/plain"


STRANGERS = [
    shaking(token="another"),
    shaking(token=""),
    shaking(token="wörtchen"),
    shaking(token=f"{VERIFY_TOKEN}\0"),
    shaking(mode="unsubscribe"),
    {"hub.mode": "subscribe", "hub.challenge": "1158201444"},
    {},
]


@pytest.mark.sqlite_only
async def test_a_handshake_without_our_word_is_refused(door: Client) -> None:
    answers = [await door.get(URL, params=asked) for asked in STRANGERS]
    # Half a letter is no word at all.
    answers.append(await door.get(f"{URL}?hub.mode=subscribe&hub.verify_token=%ff%ed%a0%80"))
    assert {answer.status for answer in answers} == {403}
    said = [await answer.text() for answer in answers]
    assert [text for text in said if "1158201444" in text] == []


async def test_what_meta_signed_over_the_raw_bytes_is_taken(door: Client) -> None:
    assert len(BODY) == 114
    assert await post(door, BODY, f"sha256={SIGNATURE}") == 200
    [event] = await stored(door)
    assert event.state == "ignored"
    assert "äöå http://x" in event.body


REFUSED = [
    (BODY, None),
    (BODY, ""),
    (BODY, SIGNATURE),
    (BODY, f"sha1={hashlib.sha1(BODY, usedforsecurity=False).hexdigest()}"),
    (BODY, f"sha1={SIGNATURE}"),
    (BODY, f"sha256={SIGNATURE[:-1]}"),
    (BODY, f"sha256={SIGNATURE.upper()}"),
    (BODY, f"sha256={hmac.digest(b'another', BODY, 'sha256').hex()}"),
    (BODY, f"sha256={hmac.digest(b'', BODY, 'sha256').hex()}"),
    (BODY, "sha256="),
    (BODY, "sha256=äöü"),
    (BODY + b" ", f"sha256={SIGNATURE}"),
    (BODY.replace(rb"\/", b"/"), f"sha256={SIGNATURE}"),
    (BODY.decode("unicode-escape").encode(), f"sha256={SIGNATURE}"),
]


async def test_what_is_signed_wrongly_is_refused_and_nothing_of_it_stored(door: Client) -> None:
    let_in = [header for body, header in REFUSED if await post(door, body, header) != 403]
    assert let_in == []
    assert await stored(door) == []


@pytest.mark.sqlite_only
async def test_the_legacy_signature_alone_opens_nothing(door: Client) -> None:
    legacy = hmac.digest(b"app-secret", BODY, "sha1").hex()
    answer = await door.post(URL, data=BODY, headers={"X-Hub-Signature": f"sha1={legacy}"})
    assert answer.status == 403


@pytest.mark.sqlite_only
async def test_each_accepted_secret_opens_and_a_former_one_does_not(
    database_url: str, tmp_path: Path
) -> None:
    more = (SecretStr("instagram-secret"), SecretStr("former-secret"))
    async with open_door(database_url, tmp_path, more_app_secrets=more) as client:
        found = []
        for number, secret in enumerate(
            [APP_SECRET, "instagram-secret", "former-secret", "long-gone-secret"]
        ):
            body = as_meta_writes({"object": "page", "entry": [], "n": number})
            found.append(await post(client, body, signed(body, secret)["X-Hub-Signature-256"]))
        assert found == [200, 200, 200, 403]
        assert len(await stored(client)) == 3


@pytest.mark.sqlite_only
async def test_without_a_secret_there_is_no_door(database_url: str, tmp_path: Path) -> None:
    nothing = {"app_secret": SecretStr(""), "verify_token": SecretStr("")}
    async with open_door(database_url, tmp_path, **nothing) as client:
        body_of_nobody = f"sha256={hmac.digest(b'', BODY, 'sha256').hex()}"
        assert await post(client, BODY, body_of_nobody) == 404
        assert (await client.get(URL, params=shaking(token=""))).status == 404
        assert await stored(client) == []


@pytest.mark.sqlite_only
async def test_a_body_that_is_too_large_is_refused_whether_announced_or_not(door: Client) -> None:
    large = b'{"object":"page","entry":[' + b" " * (2 * 1024 * 1024) + b"]}"
    headers = signed(large, "app-secret")

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 65_536):
            yield large[start : start + 65_536]

    assert (await door.post(URL, data=io.BytesIO(large), headers=headers)).status == 413
    assert (await door.post(URL, data=in_pieces(), headers=headers)).status == 413
    assert await stored(door) == []


async def test_what_is_signed_but_unreadable_is_kept_as_it_came(door: Client) -> None:
    bodies = [b"", b"\xff\xfe", b"{", b"null", b"\x00", b"[" * 100_000, b'"\\ud83d"']
    for body in bodies:
        assert await post(door, body, signed(body, "app-secret")["X-Hub-Signature-256"]) == 200
    events = await stored(door)
    assert [(event.kind, event.state) for event in events] == [("unreadable", "ignored")] * 7
    assert all((event.reason or "").startswith("unreadable: ") for event in events)


@pytest.mark.sqlite_only
async def test_other_methods_have_no_business_here(door: Client) -> None:
    headers = {"Origin": "http://127.0.0.1:0"}
    assert [(await door.request(method, URL, headers=headers)).status
            for method in ("PUT", "DELETE", "PATCH")] == [405, 405, 405]  # fmt: skip


def said(person: str, number: int, text: str) -> dict[str, Any]:
    return {
        "sender": {"id": person}, "recipient": {"id": PAGE.page_id},
        "timestamp": int(time.time() * 1000) - 1000 + number,
        "message": {"mid": f"m_{person}_{number}", "text": text},
    }  # fmt: skip


def delivery(*events: dict[str, Any]) -> bytes:
    entries = [{"id": PAGE.page_id, "time": 1, "messaging": [event]} for event in events]
    return as_meta_writes({"object": "page", "entry": entries})


async def test_one_delivery_told_fifty_times_at_once_has_its_effect_once(house: House) -> None:
    raw = delivery(said("70001", 1, "Hallo!"))
    headers = signed(raw, APP_SECRET)

    async def tell() -> int:
        async with house.http.post(house.at(URL), data=raw, headers=headers) as answer:
            return answer.status

    assert set(await asyncio.gather(*(tell() for _ in range(50)))) == {200}
    await settle(house)
    assert [row.state for row in await rows(house, Incoming)] == ["done"]
    assert [one.text for one in await rows(house, Message) if one.direction == "in"] == ["Hallo!"]
    assert len([one for one in await rows(house, Message) if one.direction == "out"]) == 1


@pytest.mark.sqlite_only
async def test_a_thousand_updates_in_one_delivery_stay_in_their_order(house: House) -> None:
    """Meta sends up to so many at once. Nobody is answered who only says ok."""
    raw = delivery(*(said(f"8000{number % 7}", number, "ok") for number in range(1000)))
    async with house.http.post(house.at(URL), data=raw, headers=signed(raw, APP_SECRET)) as answer:
        assert answer.status == 200
    assert len(await rows(house, Incoming)) == 1000
    await settle(house)
    assert {row.state for row in await rows(house, Incoming)} == {"done"}
    told = await rows(house, Message)
    assert len(told) == 1000
    for conversation in await rows(house, Conversation):
        mine = [number_of(one) for one in told if one.conversation_id == conversation.id]
        assert mine == sorted(mine)
    assert len(await rows(house, Conversation)) == 7


def number_of(message: Message) -> int:
    return int((message.platform_id or "").rsplit("_", 1)[1])
