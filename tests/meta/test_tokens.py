"""Page tokens die without notice: found out daily, and at the first call that meets it."""

from datetime import timedelta

import pytest
from pydantic import SecretStr

from core.shops import Shop
from meta.errors import GraphRefused
from meta.models import MetaPage
from meta.pages import find_page
from meta.tokens import SENTENCES, check_tokens, inspect, note_refusal
from sandbox.graph_faults import GraphFault
from tests.conftest import SetClock, WatchedDatabase
from tests.meta.conftest import PAGE, TOKEN, Network, Oddity, meta_settings


@pytest.fixture
async def page(sqlite_db: WatchedDatabase, network: Network, shop: Shop) -> MetaPage:
    async with sqlite_db.transaction() as session:
        page = network.page(shop_id=shop.key)
        session.add(page)
    return page


async def problem(db: WatchedDatabase, shop: Shop) -> tuple[str | None, str]:
    async with db.reading() as session:
        page = await find_page(session, shop.key)
    assert page is not None
    return page.token_problem, page.token_detail


REASONS = {
    458: "app_removed", 459: "checkpoint", 460: "password", 463: "expired", 467: "revoked",
    492: "no_role", 0: "revoked",
}  # fmt: skip


async def test_a_dead_token_is_told_with_its_reason(
    sqlite_db: WatchedDatabase, network: Network, clock: SetClock, shop: Shop, page: MetaPage
) -> None:
    token = network.world.tokens[TOKEN]
    for subcode, name in REASONS.items():
        token.is_live, token.subcode = False, subcode
        await check_tokens(sqlite_db, network.graphs, clock)
        assert await problem(sqlite_db, shop) == (name, "")
        assert name in SENTENCES
    token.is_live = True
    clock.advance(hours=1)
    await check_tokens(sqlite_db, network.graphs, clock)
    assert await problem(sqlite_db, shop) == (None, "")
    async with sqlite_db.reading() as session:
        stored = await find_page(session, shop.key)
    assert stored is not None
    assert stored.token_checked_at == clock()


async def test_when_meta_is_away_nothing_is_said_about_the_token(
    sqlite_db: WatchedDatabase, network: Network, clock: SetClock, shop: Shop, page: MetaPage
) -> None:
    network.world.graph_weather.faults.append(GraphFault("transient", times=None))
    await check_tokens(sqlite_db, network.graphs, clock)
    assert await problem(sqlite_db, shop) == (None, "")


async def test_a_wrong_app_secret_is_not_the_tokens_fault(
    sqlite_db: WatchedDatabase, network: Network, clock: SetClock, shop: Shop, page: MetaPage
) -> None:
    network.graphs.settings = meta_settings(network.url, app_secret=SecretStr("wrong"))
    await check_tokens(sqlite_db, network.graphs, clock)
    assert await problem(sqlite_db, shop) == (None, "")


async def test_a_refused_call_is_noted_at_once(
    sqlite_db: WatchedDatabase, clock: SetClock, shop: Shop, page: MetaPage
) -> None:
    for family, subcode, expected in (
        ("token_dead", 463, ("expired", "")),
        ("token_scope", 0, ("scopes", "pages_messaging must be granted")),
        ("blocked", 0, ("blocked", "")),
        ("window", 0, ("blocked", "")),
    ):
        reason = "pages_messaging must be granted"
        refused = GraphRefused(190, subcode, reason, family=family)  # type: ignore[arg-type]
        async with sqlite_db.transaction() as session:
            await note_refusal(session, shop.key, refused, now=clock())
        assert await problem(sqlite_db, shop) == expected


def described(**more: object) -> dict[str, object]:
    scopes = [
        "pages_messaging", "pages_manage_metadata", "pages_read_engagement",
        "pages_read_user_content", "pages_manage_posts", "pages_manage_engagement",
    ]  # fmt: skip
    data = {
        "app_id": 1900000000000001, "type": "PAGE", "is_valid": True, "scopes": scopes,
        "profile_id": int(PAGE), "expires_at": 0, "data_access_expires_at": 0,
    }  # fmt: skip
    return {"data": data | more}


async def look(odd: Oddity, clock: SetClock, instagram: str | None = None) -> tuple[object, ...]:
    state = await inspect(
        odd.graphs, SecretStr(TOKEN), page_id=PAGE, instagram_id=instagram, now=clock()
    )
    return state.page_id, state.problem, state.detail


async def test_ids_may_be_numbers(odd: Oddity, clock: SetClock) -> None:
    odd.says(described())
    assert await look(odd, clock) == (PAGE, None, "")


async def test_a_permission_for_another_page_is_none(odd: Oddity, clock: SetClock) -> None:
    elsewhere = [{"scope": "pages_messaging", "target_ids": ["999"]}]
    odd.says(described(granular_scopes=elsewhere))
    assert await look(odd, clock) == (PAGE, "scopes", "pages_messaging")
    here = [
        {"scope": "pages_messaging", "target_ids": ["999", PAGE]},
        {"scope": "pages_manage_posts"},
    ]
    odd.says(described(granular_scopes=here))
    assert await look(odd, clock) == (PAGE, None, "")


async def test_instagram_wants_permissions_of_its_own(odd: Oddity, clock: SetClock) -> None:
    odd.says(described())
    _, name, detail = await look(odd, clock, "17841400000000001")
    assert name == "scopes"
    assert detail == "instagram_basic, instagram_manage_comments, instagram_manage_messages"


@pytest.mark.parametrize("which", ["expires_at", "data_access_expires_at"])
async def test_an_end_within_a_week_is_announced(odd: Oddity, clock: SetClock, which: str) -> None:
    ends_at = clock() + timedelta(days=6)
    odd.says(described(**{which: int(ends_at.timestamp())}))
    assert await look(odd, clock) == (PAGE, "expires_soon", f"{ends_at:%Y-%m-%d}")
    odd.says(described(**{which: int((clock() + timedelta(days=8)).timestamp())}))
    assert await look(odd, clock) == (PAGE, None, "")


async def test_a_token_of_another_app_is_named(odd: Oddity, clock: SetClock) -> None:
    odd.says(described(app_id="555"))
    assert await look(odd, clock) == (PAGE, "other_app", "555")
