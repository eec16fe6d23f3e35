"""Snapshot events: kept for the list, and sent to every endpoint that asked for their type."""

import json
from copy import deepcopy
from fnmatch import fnmatchcase
from typing import Any

from stripe import WebhookSignature, api_version

from sandbox.stripe import lists
from sandbox.stripe.errors import Invalid
from sandbox.stripe.things import Thing, blank, new_id, shown
from sandbox.stripe.world import Account, Call
from sandbox.webhooks import Delivery

MOST_TYPES = 20


def record(call: Call, kind: str, thing: Thing, *, before: Thing | None = None) -> None:
    """Say what happened to `thing`, as it is now. `before` are its previous attributes."""
    call.world.changed()
    if call.world.faults.loses(kind):
        return
    data: Thing = {"object": shown(thing)}
    if before is not None:
        data["previous_attributes"] = deepcopy(before)
    event = blank(
        "event",
        id=new_id("evt_"),
        api_version=api_version,
        created=call.now,
        data=data,
        request={"id": call.request_id, "idempotency_key": call.idempotency_key},
        type=kind,
        _deliveries=[],
    )
    call.account.keep(event)
    send(call, event)


def send(call: Call, event: Thing) -> None:
    """To the account's own endpoints and, with Connect, to its platform's; again if called again."""
    own = _endpoints(call.account, event["type"], connect=False)
    platform = call.world.accounts.get(call.account.settings.platform)
    above = _endpoints(platform, event["type"], connect=True) if platform else []
    event["pending_webhooks"] = len(own) + len(above)
    for endpoint in own:
        event["_deliveries"].append(_deliver(call, endpoint, shown(event)))
    for endpoint in above:
        outside = {**shown(event), "account": call.account.id}
        event["_deliveries"].append(_deliver(call, endpoint, outside))


def _endpoints(account: Account, kind: str, *, connect: bool) -> list[Thing]:
    return [
        endpoint
        for endpoint in account.things["webhook_endpoint"].values()
        if endpoint["status"] == "enabled"
        and endpoint["_connect"] == connect
        and any(wanted in ("*", kind) for wanted in endpoint["enabled_events"])
    ]


def _deliver(call: Call, endpoint: Thing, event: Thing) -> Delivery:
    body = json.dumps(event, indent=2, ensure_ascii=False).encode()
    thing, secret = event["data"]["object"], endpoint["_secret"]
    return call.world.sender.send(
        endpoint["url"],
        body,
        lambda sent: signed(sent, secret),
        label=f"stripe:{event['type']}",
        # One object's events leave in their order; Stripe promises none between objects.
        lane=str(thing.get("payment_intent") or thing["id"]),
    )


def signed(body: bytes, secret: str) -> dict[str, str]:
    """The headers of one attempt; the signature carries the time of sending."""
    signature = WebhookSignature.generate_signature_header(body.decode(), secret)
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (sandbox)",
        "Stripe-Signature": signature,
    }


def retrieve(call: Call, event_id: str, params: dict[str, Any]) -> Thing:
    return _with_pending(call.account.find("event", event_id))


def listed(call: Call, params: dict[str, Any]) -> Thing:
    if "type" in params and "types" in params:
        raise Invalid("You may send either type or types, not both.", param="types")
    wanted = params.get("types", [params["type"]] if "type" in params else ["*"])
    if len(wanted) > MOST_TYPES:
        raise Invalid(f"types holds at most {MOST_TYPES} names.", param="types")
    events = [
        _with_pending(event)
        for event in call.account.newest("event")
        if any(fnmatchcase(event["type"], pattern) for pattern in wanted)
        and params.get("delivery_success", _arrived(event)) == _arrived(event)
    ]
    return lists.page(events, params, url="/v1/events")


def _arrived(event: Thing) -> bool:
    return all(delivery.state == "delivered" for delivery in event["_deliveries"])


def _with_pending(event: Thing) -> Thing:
    states = [delivery.state for delivery in event["_deliveries"]]
    event["pending_webhooks"] = sum(state != "delivered" for state in states)
    return event
