"""Where an account link leads, and the merchant's side of connected accounts, for people."""

from urllib.parse import urlsplit

from aiohttp import web

from sandbox.pages import render
from sandbox.stripe import accounts, balance, connecting, currencies, giving_back
from sandbox.stripe.errors import NotNow
from sandbox.stripe.world import WORLD, Account, Call, World

routes = web.RouteTableDef()

HAND_VERBS = ("complete", "restrict", "restore", "deauthorize", "empty", "fill")
FULL_MINOR = 1_000_000


@routes.get("/connect/setup/{token}")
async def show_setup(request: web.Request) -> web.Response:
    """Whoever comes too late is led to the address that makes a new link, as at Stripe."""
    world = request.app[WORLD]
    try:
        link = connecting.open_link(world, request.match_info["token"])
    except NotNow as gone:
        return _gone(request, gone)
    account = world.accounts[link["account"]]
    page = render(request, "stripe/connect.html", account=account, needed=_needed(world, account))
    _may_lead_to(page, link["return_url"])
    return page


@routes.post("/connect/setup/{token}")
async def send_setup(request: web.Request) -> web.Response:
    """`later` leaves without telling everything, as the real form allows."""
    world = request.app[WORLD]
    try:
        link = connecting.open_link(world, request.match_info["token"])
    except NotNow as gone:
        return _gone(request, gone)
    link["used"] = True
    if "later" not in await request.post():
        connecting.complete(world, world.accounts[link["account"]])
    return web.Response(status=303, headers={"Location": link["return_url"]})


def _gone(request: web.Request, gone: NotNow) -> web.Response:
    if refresh := gone.details.get("refresh_url"):
        return web.Response(status=303, headers={"Location": refresh})
    return render(request, "stripe/missing.html", status=404)


def _may_lead_to(page: web.Response, url: str) -> None:
    parts = urlsplit(url)
    page.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'; form-action 'self' {parts.scheme}://{parts.netloc}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    page.headers["Cache-Control"] = "no-store"


def _needed(world: World, account: Account) -> list[str]:
    own = accounts.own(Call(world, account), {})
    return list(own["requirements"]["currently_due"])


@routes.get("/connect/accounts")
async def show_accounts(request: web.Request) -> web.Response:
    """Every account with its money, and what its owner and Stripe can do to it."""
    world = request.app[WORLD]
    calls = [Call(world, account) for account in world.accounts.values()]
    found = [(call.account, accounts.own(call, {}), _money(call)) for call in calls]
    return render(request, "stripe/accounts.html", found=found)


def _money(call: Call) -> list[str]:
    return [
        currencies.text(balance.available(call, name), name, "de")
        for name in balance.currencies(call)
    ]


@routes.post("/connect/accounts/{id}/{verb}")
async def play(request: web.Request) -> web.Response:
    world, verb = request.app[WORLD], request.match_info["verb"]
    account = world.accounts.get(request.match_info["id"])
    if account is None or verb not in HAND_VERBS:
        return render(request, "stripe/missing.html", status=404)
    if verb in ("empty", "fill"):
        _set_balance(Call(world, account), 0 if verb == "empty" else FULL_MINOR)
    else:
        connecting.VERBS[verb](world, account)
    return web.Response(status=303, headers={"Location": "/connect/accounts"})


def _set_balance(call: Call, minor: int) -> None:
    currency = call.account.settings.currency
    balance.top_up(call, currency, minor - balance.available(call, currency))
    giving_back.retry_waiting(call)
