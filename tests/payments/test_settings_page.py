"""The owner connects Stripe: checked before it is kept, and never shown again."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestServer, unused_port
from sqlmodel import select

from core.vault import VAULT, Vault
from payments import admin
from payments.accounts import find_account
from payments.clients import STRIPES
from payments.models import StripeAccount
from staff.members import hire
from staff.passwords import Passwords
from tests.payments.till import KEY, SECRET, VAULT_KEY, Till
from tests.staff.conftest import PASSWORD, QUICK, Browser, counter_app

PAGE = "/counter/settings/payments"


@pytest.fixture
async def browser(till: Till) -> AsyncIterator[Browser]:
    """Signed in as the owner of a shop that has no Stripe account yet."""
    port, passwords = unused_port(), Passwords(QUICK)
    async with till.db.transaction() as session:
        await session.delete(await session.get_one(StripeAccount, 1))
        for name, role in (("Anna Beet", "owner"), ("Ben Ast", "agent")):
            await hire(
                session, till.shop.key, name, f"{role}@blumen.example", role,
                password=PASSWORD, passwords=passwords, locale="en", now=till.clock(),
            )  # fmt: skip
    app = counter_app(till.db, till.clock, passwords, origin=f"http://127.0.0.1:{port}")
    app[VAULT], app[STRIPES] = Vault(VAULT_KEY), till.stripes
    app.add_routes(admin.routes)
    async with Browser(TestServer(app, port=port), cookie_jar=CookieJar(unsafe=True)) as opened:
        await opened.sign_in("owner@blumen.example")
        yield opened


async def account(till: Till) -> StripeAccount | None:
    async with till.db.reading() as session:
        return await find_account(session, till.shop.key)


async def shown(browser: Browser) -> str:
    answer = await browser.open(PAGE)
    assert answer.status == 200
    return str(await answer.text())


async def test_before_anything_is_set_the_page_says_so(browser: Browser) -> None:
    page = await shown(browser)
    assert "Not connected yet." in page
    assert "webhook" not in page.lower().split("<main")[1]


async def test_a_good_key_is_checked_kept_sealed_and_not_shown(
    till: Till, browser: Browser
) -> None:
    answer = await browser.send(PAGE, key=f"  {KEY}\n")
    assert (answer.status, answer.headers["Location"]) == (303, PAGE)
    kept = await account(till)
    assert kept is not None
    assert (kept.livemode, kept.account_id, kept.account_name, kept.connected_by) == (
        False, "acct_flowers", "Blumen am Markt", "Anna Beet",
    )  # fmt: skip
    assert KEY not in kept.sealed_key
    assert Vault(VAULT_KEY).open(kept.sealed_key).get_secret_value() == KEY
    page = await shown(browser)
    assert KEY not in page
    assert "sk_test_…0001" in page
    assert "Test mode" in page
    assert "Blumen am Markt" in page
    assert f"/webhooks/stripe/{kept.path_token}" in page
    assert till.at_stripe() == []
    assert till.at_stripe("refund") == []


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "not a secret or restricted key"),
        ("hello", "not a secret or restricted key"),
        ("sk_test_" + "x" * 500, "not a secret or restricted key"),
        ("pk_test_flowers0000000001", "publishable key"),
        ("whsec_flowers", "webhook secret"),
        ("sk_test_unknown0000000001", "Stripe does not accept this key"),
    ],
)
async def test_a_key_that_is_none_is_refused_in_plain_words(
    till: Till, browser: Browser, key: str, said: str
) -> None:
    answer = await browser.send(PAGE, key=key)
    assert answer.status == 422
    page = await answer.text()
    assert said in page
    assert not key or key not in page
    assert await account(till) is None


async def test_a_key_without_enough_rights_says_which_are_missing(
    till: Till, browser: Browser
) -> None:
    await till.fault("403", "/v1/refunds", times=2)
    answer = await browser.send(PAGE, key=KEY)
    assert answer.status == 422
    assert "lacks rights the shop needs: Refunds: write, Refunds: read" in await answer.text()
    assert await account(till) is None


async def test_when_stripe_cannot_be_asked_nothing_is_kept(till: Till, browser: Browser) -> None:
    await till.fault("503", times=9)
    answer = await browser.send(PAGE, key=KEY)
    assert answer.status == 422
    assert "cannot be reached" in await answer.text()
    assert await account(till) is None


async def test_a_new_key_keeps_the_address_and_the_webhook_secret(
    till: Till, browser: Browser
) -> None:
    await browser.send(PAGE, key=KEY, webhook_secret=SECRET)
    first = await account(till)
    await browser.send(PAGE, key=KEY)
    second = await account(till)
    assert first is not None
    assert second is not None
    assert first.path_token == second.path_token
    assert second.sealed_webhook_secrets == first.sealed_webhook_secrets


async def test_webhook_secrets_are_kept_two_deep(till: Till, browser: Browser) -> None:
    await browser.send(PAGE, key=KEY)
    for secret in ("whsec_one_00001", "whsec_two_00002", "whsec_two_00002", "whsec_three_003"):
        answer = await browser.send(PAGE + "/webhook", webhook_secret=secret)
        assert answer.status == 303
    wrong = await browser.send(PAGE + "/webhook", webhook_secret="sk_test_flowers0000000001")
    assert wrong.status == 422
    assert "It begins with whsec_" in await wrong.text()
    kept = await account(till)
    assert kept is not None
    opened = [Vault(VAULT_KEY).open(one).get_secret_value() for one in kept.sealed_webhook_secrets]
    assert opened == ["whsec_three_003", "whsec_two_00002"]
    page = await shown(browser)
    assert "whsec_three_003" not in page
    assert "nothing has come in yet" in page


async def test_stripe_can_be_told_the_address_by_the_shop_itself(
    till: Till, browser: Browser
) -> None:
    await browser.send(PAGE, key=KEY)
    for _ in range(2):
        assert (await browser.send(PAGE + "/webhook/create")).status == 303
    kept = await account(till)
    assert kept is not None
    ours = [one for one in till.at_stripe("webhook_endpoint") if kept.path_token in one["url"]]
    assert len(ours) == 1
    assert "checkout.session.completed" in ours[0]["enabled_events"]
    newest = Vault(VAULT_KEY).open(kept.sealed_webhook_secrets[0]).get_secret_value()
    assert newest == ours[0]["_secret"]


async def test_a_key_that_may_not_do_that_says_how_to_go_on(till: Till, browser: Browser) -> None:
    await browser.send(PAGE, key=KEY)
    await till.fault("403", "/v1/webhook_endpoints")
    answer = await browser.send(PAGE + "/webhook/create")
    assert answer.status == 422
    assert "paste the secret yourself" in await answer.text()


async def test_a_key_that_stopped_working_is_shown_on_top(till: Till, browser: Browser) -> None:
    await browser.send(PAGE, key=KEY)
    await till.expect()
    await till.fault("401")
    with pytest.raises(Exception, match="cannot be reached"):
        await till.open()
    assert "The key no longer works." in await shown(browser)
    await browser.send(PAGE, key=KEY)
    assert "The key no longer works." not in await shown(browser)


async def test_only_owners_come_here(till: Till, browser: Browser) -> None:
    await browser.send("/counter/sign-out")
    await browser.sign_in("agent@blumen.example")
    assert (await browser.open(PAGE)).status == 403
    for way in ("", "/webhook", "/webhook/create"):
        assert (await browser.send(PAGE + way, key=KEY)).status == 403
    async with till.db.reading() as session:
        assert (await session.exec(select(StripeAccount))).all() == []


async def test_files_instead_of_words_are_refused(till: Till, browser: Browser) -> None:
    from aiohttp import FormData

    form = FormData()
    form.add_field("key", b"sk_test_flowers0000000001", filename="key.txt")
    origin = str(browser.make_url("")).rstrip("/")
    answer = await browser.post(PAGE, data=form, headers={"Origin": origin, "Accept": "text/html"})
    assert answer.status == 422
    assert await account(till) is None
