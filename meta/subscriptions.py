"""Webhook subscriptions: three layers, and all of them are needed (Graph API docs: Webhooks)."""

from collections.abc import Sequence

from meta.errors import GraphRefused
from meta.graph import Graph
from meta.models import MetaPage
from meta.pages import Graphs
from meta.shapes import Shape, items, shape, text

PATH = "/webhooks/meta"

PAGE_FIELDS = (
    "feed",
    "mention",
    "ratings",
    "messages",
    "message_deliveries",
    "message_echoes",
    "message_edits",
    "message_reactions",
    "message_reads",
    "messaging_handovers",
    "messaging_optins",
    "messaging_policy_enforcement",
    "messaging_postbacks",
    "messaging_referrals",
    "standby",
)
INSTAGRAM_FIELDS = (
    "comments",
    "live_comments",
    "mentions",
    "message_reactions",
    "messages",
    "messaging_handover",
    "messaging_postbacks",
    "messaging_referral",
    "messaging_seen",
    "standby",
)
# Not every text about Instagram knows this one: wished for, not insisted on.
INSTAGRAM_WISHES = ("message_edit",)


async def subscribe_page(graph: Graph, page: MetaPage) -> None:
    """The page's own layer. An Instagram account has none: it follows its page."""
    fields = ",".join(PAGE_FIELDS)
    await graph.put_object(page.page_id, "subscribed_apps", subscribed_fields=fields)


async def unsubscribe_page(graph: Graph, page: MetaPage) -> None:
    await graph.request(f"{graph.version}/{page.page_id}/subscribed_apps", method="DELETE")


async def subscribe_app(graphs: Graphs, origin: str, *, with_instagram: bool) -> None:
    """The app's two layers: which objects, which fields. Meta asks our address for the challenge
    while this call is under way."""
    await _subscribe_object(graphs, "page", PAGE_FIELDS, origin)
    if not with_instagram:
        return
    try:
        await _subscribe_object(graphs, "instagram", INSTAGRAM_FIELDS + INSTAGRAM_WISHES, origin)
    except GraphRefused as refused:
        if refused.family != "bad_parameter":
            raise
        await _subscribe_object(graphs, "instagram", INSTAGRAM_FIELDS, origin)


async def _subscribe_object(graphs: Graphs, name: str, fields: Sequence[str], origin: str) -> None:
    settings = graphs.settings
    await graphs.app_graph().put_object(
        settings.app_id,
        "subscriptions",
        object=name,
        callback_url=f"{origin}{PATH}",
        verify_token=settings.verify_token.get_secret_value(),
        fields=",".join(fields),
        include_values=True,
    )


async def fields_of_page(graph: Graph, page: MetaPage, app_id: str) -> set[str]:
    """What this app hears of the page, by the page's own layer."""
    answer = await graph.get_connections(page.page_id, "subscribed_apps")
    apps = [shape(one) for one in items(shape(answer).get("data"))]
    return {
        text(field)
        for app in apps
        if str(app.get("id")) == app_id
        for field in items(app.get("subscribed_fields"))
    }


async def objects_of_app(graphs: Graphs) -> dict[str, Shape]:
    """The app's subscriptions by object, as Meta describes them."""
    answer = await graphs.app_graph().get_connections(graphs.settings.app_id, "subscriptions")
    found = [shape(one) for one in items(shape(answer).get("data"))]
    return {text(one.get("object")): one for one in found}


def fields_of(subscription: Shape) -> set[str]:
    """Names, or objects with a name and a version: both are met."""
    return {
        text(field) or text(shape(field).get("name")) for field in items(subscription.get("fields"))
    }
