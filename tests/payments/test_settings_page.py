"""The owner connects Stripe: checked before it is kept, and never shown again."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestServer, unused_port
from sqlmodel import select

from core.vault import VAULT, Vault
from payments import admin, admin_connecting
from payments.accounts import find_account
from payments.clients import STRIPES
from payments.models import StripeAccount
from payments.setup import is_public
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
    app.add_routes(admin_connecting.routes)
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
    assert "News from Stripe" not in page


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
    assert (
        "lacks rights the shop needs: Charges and Refunds: Write, Charges and Refunds: Read"
        in await answer.text()
    )
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


async def test_each_right_is_shown_with_a_tick_or_with_what_to_do(
    till: Till, browser: Browser
) -> None:
    await till.fault("403", "/v1/events")
    assert (await browser.send(PAGE, key=KEY)).status == 303
    page = await shown(browser)
    assert "Disputes: Read – in order" in page
    assert "Events: Read – missing, but not needed to sell" in page
    assert "set “Events” to “Read”" in page
    kept = await account(till)
    assert kept is not None
    assert [name for name, may in kept.rights.items() if not may] == ["Events: Read"]
    await browser.send(PAGE + "/check")
    assert "missing" not in (await shown(browser)).split("What the key may do")[1].split("form")[0]


async def test_a_right_that_is_needed_is_named_before_the_key_is_kept(
    till: Till, browser: Browser
) -> None:
    await till.fault("403", "/v1/disputes")
    answer = await browser.send(PAGE, key=KEY)
    page = await answer.text()
    assert "Disputes: Read – missing" in page
    assert "set “Disputes” to “Read”" in page
    assert await account(till) is None


async def test_checking_again_sees_what_has_changed_at_stripe(till: Till, browser: Browser) -> None:
    await browser.send(PAGE, key=KEY)
    await browser.send(PAGE + "/webhook/create")
    page = await shown(browser)
    assert "Taking payments – in order" in page
    assert "News from Stripe – in order" in page
    assert "Address of the shop – for you to know" in page
    [endpoint] = [
        one
        for one in till.world.accounts["acct_flowers"].things["webhook_endpoint"].values()
        if one["description"] == "Tresen"
    ]
    endpoint |= {"status": "disabled"}
    till.world.accounts["acct_flowers"].standing = {
        "payouts_enabled": False, "requirements": {"currently_due": ["external_account"]},
    }  # fmt: skip
    assert (await browser.send(PAGE + "/check")).status == 303
    page = await shown(browser)
    assert "switched the endpoint off" in page
    assert "Payouts to your bank – needs you" in page
    assert "The bank account for your payouts" in page
    endpoint |= {"status": "enabled", "api_version": "2025-01-01.old"}
    await browser.send(PAGE + "/check")
    assert "another version of Stripe" in await shown(browser)
    del till.world.accounts["acct_flowers"].things["webhook_endpoint"][endpoint["id"]]
    await browser.send(PAGE + "/check")
    assert "Stripe has no endpoint for this shop any more" in await shown(browser)


async def test_a_shop_is_connected_through_the_platform_by_a_link(
    till: Till, browser: Browser
) -> None:
    assert "Connect through the platform" in await shown(browser)
    assert (await browser.send(PAGE + "/connect")).status == 303
    page = await shown(browser)
    assert "Nobody can pay yet." in page
    assert "The bank account for your payouts" in page
    answer = await browser.open(PAGE + "/connect/again")
    form = answer.headers["Location"]
    assert form.startswith(f"{till.url}/connect/setup/")
    async with till.http.post(form, allow_redirects=False) as sent:
        assert sent.headers["Location"].endswith(PAGE + "/connect/back")
    await browser.open(PAGE + "/connect/back")
    page = await shown(browser)
    assert "Connected through the platform" in page
    assert "Taking payments – in order" in page
    kept = await account(till)
    assert kept is not None
    assert (kept.is_connected, kept.sealed_key, kept.charges_enabled) == (True, "", True)


async def test_who_leaves_stripes_form_early_sees_what_is_missing(
    till: Till, browser: Browser
) -> None:
    await browser.send(PAGE + "/connect")
    answer = await browser.open(PAGE + "/connect/again")
    await till.http.post(answer.headers["Location"], data={"later": "1"}, allow_redirects=False)
    await browser.open(PAGE + "/connect/back")
    page = await shown(browser)
    assert "Tell Stripe about your business" in page
    assert "Your consent to Stripe" in page


async def test_an_own_key_takes_the_place_of_the_platform(till: Till, browser: Browser) -> None:
    await browser.send(PAGE + "/connect")
    await browser.send(PAGE, key=KEY)
    kept = await account(till)
    assert kept is not None
    assert (kept.is_connected, kept.account_id, kept.charges_enabled) == (
        False, "acct_flowers", True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("origin", "is_it"),
    [
        ("https://shop.example.org", True),
        ("http://shop.example.org", False),
        ("https://localhost:8000", False),
        ("https://192.168.1.5", False),
        ("https://tresen.local", False),
        ("https://tresen", False),
    ],
)
def test_whether_stripe_can_reach_an_address(origin: str, is_it: bool) -> None:
    assert is_public(origin) is is_it
