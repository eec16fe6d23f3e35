"""/{page}/messenger_profile: Get Started, greeting, ice breakers, persistent menu."""

from datetime import timedelta
from typing import Any

from sandbox.graph.calls import Call
from sandbox.graph.checks import needed, only_keys, short_text, some_of, web_address
from sandbox.graph.edges import Edges
from sandbox.graph.errors import GraphError, bad_parameter
from sandbox.graph.template_limits import check_button
from sandbox.things import Channel, Page

edges = Edges()

CALLS, WITHIN = 10, timedelta(minutes=10)
MESSENGER_FIELDS = [
    "get_started",
    "greeting",
    "ice_breakers",
    "persistent_menu",
    "commands",
    "whitelisted_domains",
    "account_linking_url",
]
INSTAGRAM_FIELDS = ["ice_breakers", "persistent_menu"]


@edges.on("GET", "page", "messenger_profile", scope="pages_messaging")
async def show(call: Call) -> dict[str, Any]:
    channel = _channel(call)
    profile = call.page.profile[channel]
    wanted = call.words("fields") or sorted(profile)
    _known(wanted, channel)
    found = {name: profile[name] for name in wanted if name in profile}
    return {"data": [found] if found else []}


@edges.on("POST", "page", "messenger_profile", scope="pages_messaging")
async def change(call: Call) -> dict[str, Any]:
    channel = _channel(call)
    _count(call)
    names = [name for name in call.args if name not in ("platform", "fields")]
    if not names:
        raise bad_parameter("Requires one of the params: " + ", ".join(_fields(channel)))
    _known(names, channel)
    wanted = {name: _checked(call, name, channel) for name in names}
    profile = {**call.page.profile[channel], **wanted}
    if channel == "messenger" and profile.get("persistent_menu") and "get_started" not in profile:
        raise bad_parameter("You must set a Get Started button if you set a persistent menu.")
    call.page.profile[channel] = profile
    _redraw(call, channel)
    return {"result": "success"}


@edges.on("DELETE", "page", "messenger_profile", scope="pages_messaging")
async def remove(call: Call) -> dict[str, Any]:
    channel = _channel(call)
    _count(call)
    names = call.words("fields")
    _known(names, channel)
    if not names:
        raise bad_parameter("The parameter fields is required.")
    profile = call.page.profile[channel]
    if (
        "get_started" in names
        and profile.get("persistent_menu")
        and ("persistent_menu" not in names)
    ):
        raise bad_parameter("Get Started cannot go while there is a persistent menu.")
    call.page.profile[channel] = {k: v for k, v in profile.items() if k not in names}
    _redraw(call, channel)
    return {"result": "success"}


def _channel(call: Call) -> Channel:
    return "instagram" if call.text("platform").lower() == "instagram" else "messenger"


def _fields(channel: Channel) -> list[str]:
    return MESSENGER_FIELDS if channel == "messenger" else INSTAGRAM_FIELDS


def _known(names: list[str], channel: Channel) -> None:
    for name in names:
        if name not in _fields(channel):
            raise bad_parameter(f"Unknown messenger profile field: {name}")


def _count(call: Call) -> None:
    """Ten changes in ten minutes and page."""
    calls, now = call.page.profile_calls_at, call.now
    calls[:] = [at for at in calls if now - at < WITHIN]
    if len(calls) >= CALLS:
        raise GraphError(613, "(#613) Calls to this api have exceeded the rate limit.")
    calls.append(now)


def _checked(call: Call, name: str, channel: Channel) -> Any:
    check = CHECKS.get(name)
    if check is not None:
        return check(call.array(name))
    match name:
        case "get_started":
            button = only_keys(call.object(name), {"payload"}, name)
            short_text(needed(button, "payload", name), 1000, f"{name}[payload]")
            return button
        case "persistent_menu":
            return _menus(call.array(name), channel, call.page)
    return web_address(call.required(name), name, is_secure=True)


def _greetings(value: list[Any]) -> list[Any]:
    for greeting in some_of(value, 100, "greeting"):
        only_keys(greeting, {"locale", "text"}, "greeting")
        short_text(needed(greeting, "text", "greeting"), 160, "greeting[text]")
    _has_default(value, "greeting")
    return value


def _commands(value: list[Any]) -> list[Any]:
    return some_of(value, 100, "commands")


def _domains(value: list[Any]) -> list[Any]:
    for domain in some_of(value, 50, "whitelisted_domains"):
        web_address(domain, "whitelisted_domains", is_secure=True)
    return value


def _ice_breakers(value: list[Any]) -> list[Any]:
    """Either plain questions, or per locale `call_to_actions` with a default among them."""
    localised = [entry for entry in value if isinstance(entry, dict) and "call_to_actions" in entry]
    if localised:
        _has_default(localised, "ice_breakers")
    for questions in [entry["call_to_actions"] for entry in localised] or [value]:
        for question in some_of(questions, 4, "ice_breakers"):
            only_keys(question, {"question", "payload"}, "ice_breakers")
            short_text(needed(question, "question", "ice_breakers"), 80, "ice_breakers[question]")
            short_text(needed(question, "payload", "ice_breakers"), 1000, "ice_breakers[payload]")
    return value


def _menus(value: list[Any], channel: Channel, page: Page) -> list[Any]:
    keys = {"locale", "call_to_actions", "disabled_surfaces"}
    if channel == "messenger":
        keys |= {"composer_input_disabled"}
    for menu in some_of(value, 100, "persistent_menu"):
        only_keys(menu, keys, "persistent_menu")
        where = "persistent_menu[call_to_actions]"
        for item in some_of(menu.get("call_to_actions"), 20, where):
            title = item.get("title") if isinstance(item, dict) else None
            short_text(title, 30, f"{where}[title]")
            check_button({**item, "title": str(title)[:20]}, "instagram", page, where)
    _has_default(value, "persistent_menu")
    return value


def _has_default(entries: list[Any], name: str) -> None:
    if not any(entry.get("locale") == "default" for entry in entries):
        raise bad_parameter(f"Param {name} needs an entry with the locale default.")


def _redraw(call: Call, channel: Channel) -> None:
    for (kind, _), thread in call.page.threads.items():
        if kind == channel:
            call.world.live.changed(f"thread:{thread.id}")


CHECKS = {
    "greeting": _greetings,
    "ice_breakers": _ice_breakers,
    "commands": _commands,
    "whitelisted_domains": _domains,
}
