"""What one chat event is, and what tells it from every other: its content, for there is no
delivery number, and what is sent again may carry another sending time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from meta.jsontext import dump
from meta.shapes import Shape, identifier, items, shape


@dataclass(frozen=True, slots=True)
class Described:
    """`at` is a raw timestamp of the event's own, if it has one."""

    what: str
    parts: tuple[object, ...]
    thread: str
    ignored: str | None = None
    at: object = None


def describe(account: str, event: Shape) -> Described:
    sender, recipient = _party(event.get("sender")), _party(event.get("recipient"))
    person = recipient if sender == account else sender
    for name, tell in _TELLING.items():
        if name in event:
            what, parts = tell(event, shape(event[name]), sender)
            return Described(what, parts, person)
    names = ",".join(sorted(str(name)[:30] for name in event)[:20])
    return Described("event", _content(event), person, f"unknown event: {names}"[:200])


def is_chat(value: object) -> bool:
    content = shape(value)
    return "sender" in content and "recipient" in content


def _party(value: object) -> str:
    """`user_ref` stands for somebody who only ticked a box; nobody at all in policy notices."""
    party = shape(value)
    return identifier(party.get("id")) or identifier(party.get("user_ref")) or ""


Told = tuple[str, tuple[object, ...]]


def _content(event: Shape) -> tuple[object, ...]:
    return (dump(event),)


def _message(event: Shape, content: Shape, sender: str) -> Told:
    what = "message"
    if content.get("is_echo") is True:
        what = "echo"
    elif content.get("is_deleted") is True:
        what = "unsent"
    mid = identifier(content.get("mid"))
    return what, (mid,) if mid else _content(event)


def _edit(event: Shape, content: Shape, sender: str) -> Told:
    mid = identifier(content.get("mid"))
    return "edit", (mid, content.get("num_edit")) if mid else _content(event)


def _reaction(event: Shape, content: Shape, sender: str) -> Told:
    parts = (content.get("mid"), sender, content.get("action"), event.get("timestamp"))
    return "reaction", parts


def _postback(event: Shape, content: Shape, sender: str) -> Told:
    mid = identifier(content.get("mid"))
    return "postback", (mid,) if mid else (sender, event.get("timestamp"), content.get("payload"))


def _marker(what: str) -> Callable[[Shape, Shape, str], Told]:
    def tell(event: Shape, content: Shape, sender: str) -> Told:
        mark: Any = (
            content.get("watermark") or content.get("mid") or dump(items(content.get("mids")))
        )
        return what, (sender, mark)

    return tell


def _as_it_is(what: str) -> Callable[[Shape, Shape, str], Told]:
    return lambda event, content, sender: (what, _content(event))


# In this order: a message may carry a referral, a coupon's reveal a template.
_TELLING: dict[str, Callable[[Shape, Shape, str], Told]] = {
    "message": _message,
    "message_edit": _edit,
    "postback": _postback,
    "reaction": _reaction,
    "read": _marker("read"),
    "delivery": _marker("delivery"),
    "referral": _as_it_is("referral"),
    "optin": _as_it_is("optin"),
    "template": _as_it_is("coupon"),
    "pass_thread_control": _as_it_is("handover"),
    "take_thread_control": _as_it_is("handover"),
    "request_thread_control": _as_it_is("handover"),
    "app_roles": _as_it_is("handover"),
    "policy_enforcement": _as_it_is("policy"),
    "policy-enforcement": _as_it_is("policy"),
    "order": _as_it_is("cart"),
    "messaging_feedback": _as_it_is("form"),
    "messaging_customer_information": _as_it_is("form"),
    "account_linking": _as_it_is("linking"),
}
