"""Meta warns or blocks a page: people learn of it, and what waits is kept, not thrown at a wall."""

import time
from typing import Any

from app.demo.settings import PAGE
from inbox.models import Message
from sandbox.webhooks import SENDER
from tests.journeys.telling import rows, settle, tell
from tests.opened import House, sign_in


def policy(action: str, number: int) -> dict[str, Any]:
    """Without a sender: it is about the page (Messenger Platform docs)."""
    return {"object": "page", "entry": [{"id": PAGE.page_id, "time": number, "messaging": [{
        "recipient": {"id": PAGE.page_id}, "timestamp": int(time.time() * 1000) + number,
        "policy_enforcement": {"action": action, "reason": "Too many people blocked the page."}}]}]}  # fmt: skip


async def start_page(house: House) -> str:
    headers = {"Accept": "text/html", "Accept-Language": "en"}
    async with house.http.get(house.at("/counter/settings/meta"), headers=headers) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_a_blocked_page_says_so_and_keeps_what_it_wants_to_say(house: House) -> None:
    await sign_in(house)
    anna = house.world.meet("Anna Weber")
    await tell(house, policy("block", 1))
    await settle(house)
    assert "für eine Weile gesperrt" in await start_page(house)
    house.world.write(anna, house.page, "Hallo!")
    await house.sandbox[SENDER].settled()
    await settle(house)
    assert [(one.author, one.state) for one in await rows(house, Message)] == [
        ("customer", "received"),
        ("bot", "queued"),
    ]
    assert [one.is_from_page for one in house.world.talk(anna, house.page).messages] == [False]

    await tell(house, policy("unblock", 2))
    house.world.write(anna, house.page, "Hallo?")
    await house.sandbox[SENDER].settled()
    await settle(house)
    waiting = [one for one in await rows(house, Message) if one.state == "queued"]
    assert waiting == []


async def test_a_warned_page_says_so_and_goes_on(house: House) -> None:
    await sign_in(house)
    anna = house.world.meet("Anna Weber")
    await tell(house, policy("warning", 1))
    house.world.write(anna, house.page, "Hallo!")
    await house.sandbox[SENDER].settled()
    await settle(house)
    assert "Too many people blocked the page." in await start_page(house)
    assert house.world.talk(anna, house.page).messages[-1].is_from_page
