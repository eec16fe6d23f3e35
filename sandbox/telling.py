"""Tells the product what happened, if its app and the page are subscribed to it."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from sandbox.signing import escaped, webhook_signature
from sandbox.state import State
from sandbox.things import Page, Thread
from sandbox.webhooks import Delivery

STANDBY_FIELDS = {"messages", "message_echoes", "message_reads", "messaging_postbacks"}


def milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)


def seconds(time: datetime) -> int:
    return int(time.timestamp())


def graph_time(time: datetime) -> str:
    """`2026-11-22T09:00:00+0000`, as the Graph API writes times."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def tell_thread(state: State, thread: Thread, field: str, event: dict[str, Any]) -> None:
    """One messaging event; it moves to `standby`, a field of its own, while another app owns
    the thread."""
    kind = "messaging"
    if thread.other_owner_app_id and field in STANDBY_FIELDS:
        kind = field = "standby"
        event = _without_payload(event)
    entry = {
        "time": milliseconds(state.now()),
        "id": thread.account_id,
        kind: [event],
    }
    object_name = "page" if thread.channel == "messenger" else "instagram"
    _tell(state, thread.page, object_name, field, entry, lane=thread.id)


def tell_change(
    state: State, page: Page, field: str, value: dict[str, Any], *, lane: str = ""
) -> None:
    """One change on the page (`feed`) or the Instagram account (`comments`)."""
    is_instagram = field in ("comments", "mentions", "live_comments")
    entry: dict[str, Any] = {
        "id": page.settings.instagram_id if is_instagram else page.id,
        "time": seconds(state.now()),
    }
    object_name = "instagram" if is_instagram else "page"
    subscription = state.subscriptions.get(object_name)
    if subscription is not None and not subscription.has_values:
        entry["changed_fields"] = [field]
    else:
        entry["changes"] = [{"value": value, "field": field}]
    _tell(state, page, object_name, field, entry, lane=lane)


def is_subscribed(state: State, page: Page, object_name: str, field: str) -> bool:
    """All layers: the app's subscription, its field, the page's subscription.

    An Instagram account has no choice of its own: subscribed to any field, it sends all the
    app's fields (Instagram Platform docs: Webhooks).
    """
    subscription = state.subscriptions.get(object_name)
    if subscription is None or field not in subscription.fields:
        return False
    if object_name == "instagram":
        return bool(page.subscribed_fields)
    return field in page.subscribed_fields


def deliver(
    state: State, object_name: str, entries: list[dict[str, Any]], *, label: str, lane: str = ""
) -> Delivery | None:
    """Send entries as they are, signed; None where the app has no subscription to the object."""
    subscription = state.subscriptions.get(object_name)
    if subscription is None:
        return None
    body = escaped({"object": object_name, "entry": entries})
    headers = partial(_headers, state.settings.app_secret)
    return state.sender.send(
        subscription.callback_url, body, headers, label=f"meta:{label}", lane=lane
    )


def _tell(
    state: State, page: Page, object_name: str, field: str, entry: dict[str, Any], *, lane: str
) -> None:
    if not state.is_quiet and is_subscribed(state, page, object_name, field):
        deliver(state, object_name, [entry], label=field, lane=lane)


def _headers(secret: str, body: bytes) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": "facebookexternalua",
        "X-Hub-Signature-256": webhook_signature(secret, body),
    }


def _without_payload(event: dict[str, Any]) -> dict[str, Any]:
    """Only the app that sent a button learns its payload (Conversation Routing docs)."""
    if "postback" not in event:
        return event
    postback = {key: part for key, part in event["postback"].items() if key != "payload"}
    return {**event, "postback": postback}
