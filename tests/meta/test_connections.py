"""Connecting a page: looked at first, kept sealed, every layer set up, and told in plain words."""

from typing import Any

import pytest
from pydantic import SecretStr

from core.shops import Shop, open_shop
from core.translations import Translations
from meta.accounts import Accounts
from meta.checks import Check, check_all
from meta.connections import connect, disconnect, set_up
from meta.errors import (
    AppNotConfigured,
    GraphUnavailable,
    PageNotConnected,
    PageTakenElsewhere,
    TokenRefused,
)
from meta.models import MetaPage
from meta.pages import find_account, find_page
from meta.subscriptions import INSTAGRAM_FIELDS, PAGE_FIELDS
from sandbox.graph_faults import GraphFault
from tests.conftest import SetClock, WatchedDatabase
from tests.meta.conftest import APP, INSTAGRAM, PAGE, TOKEN, Network, meta_settings
from tests.meta.test_profiles import PROFILE

USER_TOKEN = "sandbox-user-token"


class Counter:
    """Connecting as the settings page does it."""

    def __init__(self, db: WatchedDatabase, network: Network, clock: SetClock, shop: Shop) -> None:
        self.db, self.network, self.clock, self.shop = db, network, clock, shop

    async def connect(
        self, token: str = TOKEN, page_id: str = PAGE, *, shop: Shop | None = None
    ) -> MetaPage:
        return await connect(
            self.db, self.network.graphs, self.clock,
            shop_id=(shop or self.shop).key, page_id=page_id, token=SecretStr(token),
            origin=self.network.bell.url, profile=PROFILE,
        )  # fmt: skip

    async def page(self) -> MetaPage | None:
        async with self.db.reading() as session:
            return await find_page(session, self.shop.key)

    async def checks(self) -> dict[str, Check]:
        page = await self.page()
        assert page is not None
        found = await check_all(
            self.db, self.network.graphs, self.clock, page, origin=self.network.bell.url
        )
        return {one.label: one for one in found}

    async def refusal(self, token: str, page_id: str = PAGE) -> str:
        with pytest.raises(TokenRefused) as caught:
            await self.connect(token, page_id)
        assert await self.page() is None
        return caught.value.sentence % caught.value.details


@pytest.fixture
def counter(db: WatchedDatabase, network: Network, clock: SetClock, shop: Shop) -> Counter:
    return Counter(db, network, clock, shop)


async def test_a_connected_page_is_kept_sealed_and_hears_everything(counter: Counter) -> None:
    page, world = await counter.connect(), counter.network.world
    assert (page.page_name, page.instagram_id) == ("Blumen am Markt", INSTAGRAM)
    assert page.instagram_username == "blumen.am.markt"
    assert TOKEN not in page.sealed_token
    assert counter.network.vault.open(page.sealed_token).get_secret_value() == TOKEN
    assert page.token_problem is None
    assert set(PAGE_FIELDS) == world.shop(PAGE).subscribed_fields
    assert set(PAGE_FIELDS) <= world.subscriptions["page"].fields
    assert {*INSTAGRAM_FIELDS, "message_edit"} <= world.subscriptions["instagram"].fields
    assert world.subscriptions["page"].callback_url == counter.network.bell.url + "/webhooks/meta"
    assert world.shop(PAGE).profile["messenger"]["persistent_menu"]
    assert {one.state for one in (await counter.checks()).values()} == {"good"}


async def test_a_persons_token_is_exchanged_for_the_pages_own(counter: Counter) -> None:
    page = await counter.connect(USER_TOKEN)
    assert counter.network.vault.open(page.sealed_token).get_secret_value() == TOKEN


async def test_a_pages_token_says_itself_which_page_it_is_for(counter: Counter) -> None:
    assert (await counter.connect(page_id="")).page_id == PAGE


async def test_connecting_again_renews_the_token(counter: Counter) -> None:
    first = await counter.connect()
    counter.network.grant("renewed-token")
    second = await counter.connect("renewed-token")
    assert second.id == first.id
    assert counter.network.vault.open(second.sealed_token).get_secret_value() == "renewed-token"


async def test_tokens_that_do_not_work_are_refused_in_plain_words(counter: Counter) -> None:
    grant = counter.network.grant
    grant("expired", is_live=False, subcode=463)
    grant("password", is_live=False, subcode=460)
    grant("stranger", kind="USER", scopes=())
    assert await counter.refusal("nonsense") == (
        "Meta does not know this token. Please copy it once more, the whole of it."
    )
    assert await counter.refusal("expired") == "This token has expired. Please make a new one."
    assert "changed password" in await counter.refusal("password")
    assert await counter.refusal(TOKEN, "99999") == (
        f"This token is for the page {PAGE}, not for the page 99999."
    )
    assert await counter.refusal(USER_TOKEN, "") == (
        "This token does not say which page it is for. Please add the page id."
    )
    assert "shows no page 99999" in await counter.refusal(USER_TOKEN, "99999")


async def test_without_an_app_nothing_is_asked(counter: Counter) -> None:
    counter.network.graphs.settings = meta_settings(counter.network.url, app_id="")
    with pytest.raises(AppNotConfigured):
        await counter.connect()


async def test_when_meta_is_away_nothing_has_changed(counter: Counter) -> None:
    counter.network.world.graph_weather.faults.append(GraphFault("transient", times=None))
    with pytest.raises(GraphUnavailable):
        await counter.connect()
    assert await counter.page() is None


async def test_a_page_belongs_to_one_shop_only(counter: Counter) -> None:
    await counter.connect()
    async with counter.db.transaction() as session:
        other = await open_shop(session, "other", "Other", now=counter.clock())
    with pytest.raises(PageTakenElsewhere):
        await counter.connect(shop=other)
    async with counter.db.reading() as session:
        assert await find_page(session, other.key) is None


async def test_missing_permissions_are_named_and_do_not_keep_the_rest_from_working(
    counter: Counter,
) -> None:
    counter.network.grant("thin", scopes=["pages_manage_metadata", "pages_read_engagement"])
    page = await counter.connect("thin")
    assert page.token_problem == "scopes"
    assert "pages_messaging" in page.token_detail
    assert counter.network.world.shop(PAGE).subscribed_fields
    checks = await counter.checks()
    assert checks["Access token and permissions"].state == "bad"
    assert "instagram_manage_messages" in checks["Access token and permissions"].details["detail"]
    assert checks["Menu and greeting in Messenger"].state == "bad"
    assert checks["The page's own subscription"].state == "good"


async def test_each_layer_that_is_not_subscribed_is_found(counter: Counter) -> None:
    await counter.connect()
    world = counter.network.world
    world.subscriptions["page"].fields.discard("feed")
    world.shop(PAGE).subscribed_fields.discard("messages")
    world.subscriptions.pop("instagram")
    world.shop(PAGE).profile["messenger"] = {}
    checks = await counter.checks()
    assert checks["Webhook of the page"].details == {"fields": "feed"}
    assert checks["The page's own subscription"].details == {"fields": "messages"}
    assert {name for name, one in checks.items() if one.state == "bad"} == {
        "Webhook of the page", "The page's own subscription", "Webhook of Instagram",
        "Menu and greeting in Messenger",
    }  # fmt: skip
    page = await counter.page()
    assert page is not None
    await set_up(counter.network.graphs, page, origin=counter.network.bell.url, profile=PROFILE)
    assert {one.state for one in (await counter.checks()).values()} == {"good"}


async def test_a_webhook_that_leads_elsewhere_is_found(counter: Counter) -> None:
    await counter.connect()
    counter.network.world.subscriptions["page"].callback_url = "https://old.example/webhooks/meta"
    check = (await counter.checks())["Webhook of the page"]
    assert check.details["theirs"] == "https://old.example/webhooks/meta"


async def test_checks_say_when_meta_could_not_be_asked(counter: Counter) -> None:
    await counter.connect()
    counter.network.world.graph_weather.faults.append(GraphFault("transient", times=None))
    assert {one.state for one in (await counter.checks()).values()} == {"unknown"}


async def test_every_sentence_of_the_checks_has_its_german(counter: Counter) -> None:
    from core.pages import ROOT

    german = Translations(ROOT / "templates" / "locale").translator("de")
    counter.network.grant("thin", scopes=["pages_read_engagement"])
    await counter.connect("thin")
    counter.network.world.subscriptions.clear()
    for check in (await counter.checks()).values():
        for text in filter(None, (check.label, check.sentence)):
            assert german(text) != text
            german(text) % check.details


async def test_a_page_that_was_let_go_is_forgotten(counter: Counter) -> None:
    await counter.connect()
    await disconnect(
        counter.db, counter.network.graphs, shop_id=counter.shop.key, now=counter.clock()
    )
    assert await counter.page() is None
    assert counter.network.world.shop(PAGE).subscribed_fields == set()
    with pytest.raises(PageNotConnected):
        await disconnect(
            counter.db, counter.network.graphs, shop_id=counter.shop.key, now=counter.clock()
        )


async def test_it_is_let_go_even_when_meta_is_away(counter: Counter) -> None:
    await counter.connect()
    counter.network.world.graph_weather.faults.append(GraphFault("transient", times=None))
    await disconnect(
        counter.db, counter.network.graphs, shop_id=counter.shop.key, now=counter.clock()
    )
    assert await counter.page() is None


async def test_accounts_are_found_by_page_and_by_instagram_at_once(counter: Counter) -> None:
    accounts = Accounts(counter.db)
    assert await accounts.shops_of({PAGE, INSTAGRAM, "0"}) == {}
    await counter.connect()
    shop_id = counter.shop.key
    assert await accounts.shops_of({PAGE, INSTAGRAM, "0"}) == {PAGE: shop_id, INSTAGRAM: shop_id}
    async with counter.db.reading() as session:
        found: Any = await find_account(session, INSTAGRAM)
        assert found.page_id == PAGE
        assert await find_account(session, "0") is None


async def test_a_known_account_costs_no_query(counter: Counter) -> None:
    await counter.connect()
    accounts = Accounts(counter.db)
    await accounts.shops_of([PAGE])
    async with counter.db.transaction() as session:
        page = await find_page(session, counter.shop.key)
        await session.delete(page)
    assert await accounts.shops_of([PAGE]) == {PAGE: counter.shop.key}
    assert APP not in await accounts.shops_of([APP])
