"""The layers of webhook subscriptions: the app's objects and fields, then each page's."""

import secrets
from typing import Any

import aiohttp

from sandbox.graph.calls import Call
from sandbox.graph.edges import Edges
from sandbox.graph.errors import GraphError, bad_parameter
from sandbox.things import Subscription
from sandbox.world import World

edges = Edges()

PAGE_FIELDS = frozenset(
    [
        "feed",
        "mention",
        "ratings",
        "messages",
        "message_deliveries",
        "message_echoes",
        "message_edits",
        "message_reactions",
        "message_reads",
        "message_context",
        "message_template_status_update",
        "messaging_account_linking",
        "messaging_customer_information",
        "messaging_direct_sends",
        "messaging_feedback",
        "messaging_handovers",
        "messaging_in_thread_lead_form_submit",
        "messaging_integrity",
        "messaging_optins",
        "messaging_optouts",
        "messaging_policy_enforcement",
        "messaging_postbacks",
        "messaging_referrals",
        "inbox_labels",
        "response_feedback",
        "send_cart",
        "standby",
        "live_videos",
        "leadgen",
        "conversations",
        "videos",
    ]
)
INSTAGRAM_FIELDS = frozenset(
    [
        "comments",
        "live_comments",
        "mentions",
        "story_insights",
        "messages",
        "messaging_postbacks",
        "messaging_seen",
        "message_reactions",
        "message_edit",
        "messaging_referral",
        "messaging_handover",
        "standby",
    ]
)
OBJECTS = {"page": PAGE_FIELDS, "instagram": INSTAGRAM_FIELDS}


@edges.on("GET", "app", "subscriptions", tokens=("APP",))
async def list_objects(call: Call) -> dict[str, Any]:
    return {
        "data": [
            {
                "object": name,
                "callback_url": subscription.callback_url,
                "active": True,
                "fields": [
                    {"name": field, "version": call.version}
                    for field in sorted(subscription.fields)
                ],
            }
            for name, subscription in call.world.subscriptions.items()
        ]
    }


@edges.on("POST", "app", "subscriptions", tokens=("APP",))
async def subscribe_app(call: Call) -> dict[str, Any]:
    """Asks the callback to prove itself first (Webhooks docs: verification requests)."""
    name = call.required("object")
    if name not in OBJECTS:
        raise bad_parameter(f"Param object must be one of {{{', '.join(OBJECTS)}}}")
    fields = _known(call.words("fields"), OBJECTS[name])
    await register(
        call.world,
        name,
        fields,
        call.required("callback_url"),
        call.required("verify_token"),
        has_values=call.flag("include_values", True),
    )
    return {"success": True}


@edges.on("DELETE", "app", "subscriptions", tokens=("APP",))
async def unsubscribe_app(call: Call) -> dict[str, Any]:
    if call.has("object"):
        call.world.subscriptions.pop(call.text("object"), None)
    else:
        call.world.subscriptions.clear()
    return {"success": True}


@edges.on("GET", "page", "subscribed_apps", scope="pages_manage_metadata")
async def list_apps(call: Call) -> dict[str, Any]:
    fields = sorted(call.page.subscribed_fields)
    if not fields:
        return {"data": []}
    app = {
        "category": "Business",
        "name": "Sandbox",
        "id": call.world.settings.app_id,
        "subscribed_fields": fields,
    }
    return {"data": [app]}


@edges.on("POST", "page", "subscribed_apps", scope="pages_manage_metadata")
async def subscribe_page(call: Call) -> dict[str, Any]:
    """Succeeds also where the app's own subscription lacks the field, as Meta does."""
    fields = _known(call.words("subscribed_fields"), PAGE_FIELDS)
    if not fields:
        raise bad_parameter("The parameter subscribed_fields is required.")
    call.page.subscribed_fields = set(fields)
    return {"success": True}


@edges.on("DELETE", "page", "subscribed_apps", scope="pages_manage_metadata")
async def unsubscribe_page(call: Call) -> dict[str, Any]:
    call.page.subscribed_fields = set()
    return {"success": True}


async def register(
    world: World,
    name: str,
    fields: list[str],
    callback_url: str,
    verify_token: str,
    *,
    has_values: bool = True,
) -> None:
    problem = await _handshake(world, callback_url, verify_token)
    if problem:
        raise GraphError(
            2200, f"(#2200) Callback verification failed with the following errors: {problem}"
        )
    before = world.subscriptions.get(name)
    kept = before.fields if before else set()
    world.subscriptions[name] = Subscription(callback_url, kept | set(fields), has_values)


async def _handshake(world: World, callback_url: str, verify_token: str) -> str:
    """What is wrong with the callback, or nothing."""
    challenge = str(secrets.randbelow(2**31))
    query = {
        "hub.mode": "subscribe",
        "hub.challenge": challenge,
        "hub.verify_token": verify_token,
    }
    if world.sender.http is None:
        return "the sandbox is not running"
    try:
        async with world.sender.http.get(
            callback_url, params=query, timeout=world.sender.timeout
        ) as answer:
            text = await answer.text()
            if answer.status != 200:
                return f"HTTP Status Code = {answer.status}"
            return "" if text == challenge else "curl_errno = 0; the challenge did not come back"
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return f"The URL could not be reached ({type(error).__name__})"


def _known(fields: list[str], known: frozenset[str]) -> list[str]:
    for field in fields:
        if field not in known:
            raise bad_parameter(f"Param fields must be one of {{{', '.join(sorted(known))}}}")
    return fields
