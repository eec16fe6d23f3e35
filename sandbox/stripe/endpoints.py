"""Webhook endpoints: the account's own from the settings, and those made through the API."""

from typing import Any

from stripe import api_version

from sandbox.stripe import lists, metadata, urls
from sandbox.stripe.errors import Invalid
from sandbox.stripe.things import Thing, blank, new_id
from sandbox.stripe.world import Account, Call, World

KIND = "webhook_endpoint"
MOST = 16


def from_settings(world: World, account: Account) -> None:
    settings = account.settings
    if settings.webhook_url:
        call = Call(world, account)
        _keep(call, settings.webhook_url, list(settings.webhook_events), settings.webhook_secret)
    if settings.connect_webhook_url:
        url, secret = settings.connect_webhook_url, settings.connect_webhook_secret
        _keep(Call(world, account), url, list(settings.webhook_events), secret, _connect=True)


def _keep(call: Call, url: str, types: list[str], secret: str, **more: Any) -> Thing:
    endpoint = blank(
        KIND,
        id=new_id("we_"),
        created=call.now,
        enabled_events=types,
        url=url,
        _secret=secret,
        **{"_connect": False, **more},
    )
    return call.account.keep(endpoint)


def create(call: Call, params: dict[str, Any]) -> Thing:
    """The answer alone carries the signing secret."""
    urls.check(params["url"], param="url")
    if not params["enabled_events"]:
        raise Invalid("At least one event type is needed.", param="enabled_events")
    version = params.get("api_version", api_version)
    if version != api_version:
        raise Invalid(f"The sandbox renders events in {api_version} only.", param="api_version")
    if len(call.account.things[KIND]) >= MOST:
        raise Invalid(f"An account has at most {MOST} webhook endpoints in test mode.")
    endpoint = _keep(
        call,
        params["url"],
        params["enabled_events"],
        new_id("whsec_", 32),
        api_version=params.get("api_version"),
        description=params.get("description") or None,
        metadata=metadata.check(params.get("metadata")),
        _connect=params.get("connect", False),
    )
    return {**endpoint, "secret": endpoint["_secret"]}


def retrieve(call: Call, endpoint_id: str, params: dict[str, Any]) -> Thing:
    return call.account.find(KIND, endpoint_id)


def listed(call: Call, params: dict[str, Any]) -> Thing:
    return lists.page(call.account.newest(KIND), params, url="/v1/webhook_endpoints")


def update(call: Call, endpoint_id: str, params: dict[str, Any]) -> Thing:
    endpoint = call.account.find(KIND, endpoint_id)
    if "url" in params:
        urls.check(params["url"], param="url")
        endpoint["url"] = params["url"]
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    if "metadata" in params:
        endpoint["metadata"] = metadata.merged(endpoint["metadata"], params["metadata"])
    for name in ("enabled_events", "description"):
        if name in params:
            endpoint[name] = params[name]
    return endpoint


def delete(call: Call, endpoint_id: str, params: dict[str, Any]) -> Thing:
    endpoint = call.account.find(KIND, endpoint_id)
    del call.account.things[KIND][endpoint_id]
    return {"id": endpoint["id"], "object": KIND, "deleted": True}
