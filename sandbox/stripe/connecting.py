"""Connect: accounts made under a platform, led through a form, restricted, taken away again."""

from dataclasses import replace
from typing import Any

from sandbox.stripe import accounts, balance, events, metadata, urls
from sandbox.stripe.errors import Invalid, NotAllowed, NotNow
from sandbox.stripe.settings import SandboxAccount
from sandbox.stripe.things import Thing, blank, new_id
from sandbox.stripe.world import Account, Call, World

LINK_LASTS_S = 300
NEEDED = ("business_profile.url", "external_account", "representative.first_name",
          "tos_acceptance.date")  # fmt: skip
NOT_ACTED_OUT = ("type", "individual", "company", "external_account", "account_token", "groups",
                 "documents", "tos_acceptance", "settings")  # fmt: skip
CONTROLLER = {
    "fees": {"payer": "account"},
    "losses": {"payments": "stripe"},
    "requirement_collection": "stripe",
    "stripe_dashboard": {"type": "full"},
}


def create(call: Call, params: dict[str, Any]) -> Thing:
    """Only as the docs advise new platforms: by controller properties, not by type."""
    if call.platform:
        raise NotAllowed("Connected accounts cannot connect accounts of their own.")
    for name in NOT_ACTED_OUT:
        if name in params:
            raise Invalid(f"The sandbox does not act out {name}.", param=name)
    controller = {**CONTROLLER, **params.get("controller", {})}
    if controller != CONTROLLER:
        raise Invalid("The sandbox acts out full dashboards only.", param="controller")
    profile = params.get("business_profile", {})
    settings = SandboxAccount(
        secret_key=new_id("sk_test_"),
        account_id=new_id("acct_", 16),
        name=profile.get("name", ""),
        country=params.get("country", call.account.settings.country),
        currency=call.account.settings.currency,
        platform=call.account.id,
    )
    account = Account(settings)
    account.standing = _unfinished() | {"metadata": metadata.check(params.get("metadata"))}
    call.world.accounts[account.id] = account
    call.world.keys[settings.secret_key] = account
    call.world.lacks[settings.secret_key] = ()
    return accounts.own(replace(call, account=account), {})


def _unfinished() -> Thing:
    capabilities = dict.fromkeys(("card_payments", "sepa_debit_payments", "transfers"), "inactive")
    return {
        "capabilities": capabilities,
        "charges_enabled": False,
        "controller": {"type": "application", "is_controller": True, **CONTROLLER},
        "details_submitted": False,
        "payouts_enabled": False,
        "requirements": _asked(NEEDED, "requirements.past_due"),
    }


def _asked(needed: tuple[str, ...], why: str | None) -> Thing:
    asked: Thing = blank("account")["requirements"]
    return asked | {
        "currently_due": list(needed),
        "past_due": list(needed) if why else [],
        "disabled_reason": why,
    }


def link(call: Call, params: dict[str, Any]) -> Thing:
    """Works once and for five minutes."""
    account = call.world.accounts.get(params["account"])
    if account is None or account.settings.platform != call.account.id:
        raise NotAllowed(
            f"The provided key does not have access to account '{params['account'][:60]}'.",
            code="account_invalid",
        )
    if params["type"] != "account_onboarding":
        raise Invalid(
            "You cannot create account_update links for accounts with a dashboard.", param="type"
        )
    for name in ("return_url", "refresh_url"):
        if name not in params:
            raise Invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
        urls.check(params[name], param=name)
    token, until = new_id("", 24), call.now + LINK_LASTS_S
    call.world.links[token] = {
        "account": account.id, "until": until,
        "return_url": params["return_url"], "refresh_url": params["refresh_url"],
    }  # fmt: skip
    url = f"{call.origin}/connect/setup/{token}"
    return blank("account_link", created=call.now, expires_at=until, url=url)


def complete(world: World, account: Account) -> bool:
    """The merchant has told Stripe everything it asks for."""
    if not account.settings.platform or not account.standing:
        return False
    kept = {name: account.standing[name] for name in ("metadata", "controller")}
    account.standing = kept | {"tos_acceptance": {"date": world.now}}
    _tell(world, account)
    return True


def restrict(world: World, account: Account) -> bool:
    """Stripe wants to see a document, and takes no charges until then."""
    needed = ("individual.verification.document",)
    account.standing |= {
        "charges_enabled": False,
        "payouts_enabled": False,
        "requirements": _asked(needed, "requirements.past_due"),
    }
    _tell(world, account)
    return True


def restore(world: World, account: Account) -> bool:
    for name in ("charges_enabled", "payouts_enabled", "requirements"):
        account.standing.pop(name, None)
    _tell(world, account)
    return True


def deauthorize(world: World, account: Account) -> bool:
    """The merchant has thrown the platform out, in the dashboard's settings."""
    if not account.settings.platform:
        return False
    application: Thing = {"id": new_id("ca_"), "object": "application", "name": "Tresen"}
    events.record(Call(world, account), "account.application.deauthorized", application)
    account.settings = account.settings.model_copy(update={"platform": ""})
    return True


def _tell(world: World, account: Account) -> None:
    call = Call(world, account)
    events.record(call, "account.updated", accounts.own(call, {}))


VERBS = {
    "complete": complete,
    "restrict": restrict,
    "restore": restore,
    "deauthorize": deauthorize,
}


def take_fee(call: Call, charge: Thing) -> None:
    """What the platform keeps of a charge of its connected account."""
    platform = call.world.accounts.get(call.account.settings.platform)
    if charge["application_fee_amount"] and platform is not None:
        above = replace(call, account=platform, platform="")
        balance.book(above, "application_fee", charge["application_fee_amount"], source=charge)


def open_link(world: World, token: str) -> Thing:
    """Raises NotNow where it was used, or is too old."""
    found = world.links.get(token)
    if found is None:
        raise NotNow("There is no such link.")
    if found.get("used") or found["until"] < world.now:
        raise NotNow("This link has expired.", refresh_url=found["refresh_url"])
    return found
