"""A webhook's body taken apart into single events, each with a key made of its content."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from meta import change_keys, chat_keys
from meta.chat_keys import Described
from meta.jsontext import Unreadable, dump, parse
from meta.shapes import identifier, items, moment, shape, text

TEST_ACCOUNT = "0"
_OF_A_CHANGE = frozenset({"field", "value"})
_OF_AN_ENTRYS_CHANGE = _OF_A_CHANGE | {"id", "time"}
_OF_AN_ENTRY = _OF_AN_ENTRYS_CHANGE | {"messaging", "standby", "changes", "changed_fields"}
_CHAT = {"page": "messenger", "instagram": "instagram"}
_WALL = {"page": "facebook", "instagram": "instagram"}


@dataclass(frozen=True, slots=True)
class Delivered:
    """One event. `kind` is e.g. `messenger.messaging`, `facebook.feed`, `instagram.comments`;
    `body` is JSON for `incoming.read`; `ignored` says why nobody will work on it."""

    key: str
    thread: str
    kind: str
    account_id: str
    happened_at: datetime
    body: str
    ignored: str | None = None


def split(raw: bytes, *, now: datetime) -> list[Delivered]:
    """Every event in a signed body, also those nobody understands. Never raises.

    `thread` names what has to be worked on one after the other: a chat's events by account and
    person; a wall's by account and post, because a comment, the page's answer to it and its
    removal belong together while their authors differ or are not told.
    """
    try:
        body = parse(raw)
    except Unreadable:
        return [_unreadable(raw, "not JSON", now)]
    if not isinstance(body, dict) or not isinstance(body.get("entry"), list):
        return [_unreadable(raw, "no entries", now)]
    found: list[Delivered] = []
    for entry in body["entry"]:
        try:
            found += _entry(text(body.get("object")), entry, now)
        except RecursionError:
            found.append(_unreadable(raw, "nested too deeply", now))
    return found or [_unreadable(raw, "no entries", now)]


def _unreadable(raw: bytes, reason: str, now: datetime) -> Delivered:
    key = f"raw:{blake2b(raw, digest_size=20).hexdigest()}"
    body = dump({"raw": raw.decode("utf-8", "backslashreplace")})
    return Delivered(key, "unreadable", "unreadable", "", now, body, f"unreadable: {reason}")


@dataclass(frozen=True, slots=True)
class _Envelope:
    """What an entry says about all of its events. `sent_at` is the raw time of sending."""

    source: str
    account: str
    sent_at: object
    now: datetime


def _entry(source: str, entry: object, now: datetime) -> Iterator[Delivered]:
    content = shape(entry)
    around = _Envelope(source, identifier(content.get("id")) or "", content.get("time"), now)
    if not content or source not in _CHAT:
        reason = f"unknown object: {source[:40]}" if content else "malformed entry"
        yield _other(around, entry, reason)
        return
    events = [*_events(around, content)]
    if not events:
        names = ",".join(str(name)[:30] for name in items(content.get("changed_fields"))[:20])
        # The app's subscription leaves values out ("include values" is off).
        reason = f"no values, only field names: {names}"[:200] if names else "empty entry"
        events = [_other(around, entry, reason)]
    elif unknown := _unknown_sections(content):
        reason = f"unknown section: {','.join(sorted(unknown))}"[:200]
        events.append(_other(around, unknown, reason))
    yield from events


def _unknown_sections(content: dict[str, Any]) -> dict[str, Any]:
    """What stands beside the sections we know and may hold events of a new kind."""
    return {
        name: part
        for name, part in content.items()
        if name not in _OF_AN_ENTRY and isinstance(part, list | dict) and part
    }


def _events(around: _Envelope, entry: dict[str, Any]) -> Iterator[Delivered]:
    for section in ("messaging", "standby", "changes"):
        found = entry.get(section, [])
        if not isinstance(found, list):
            yield _other(around, {section: found}, f"malformed {section}")
            continue
        for one in found:
            yield _change(around, one) if section == "changes" else _chat(around, section, one)
    # Instagram's docs show `field` and `value` right in the entry; real ones have `changes`.
    if "field" in entry:
        yield _change(around, entry, _OF_AN_ENTRYS_CHANGE)


def _change(around: _Envelope, change: object, known: frozenset[str] = _OF_A_CHANGE) -> Delivered:
    content = shape(change)
    field, value = content.get("field"), content.get("value")
    if not isinstance(field, str) or not field:
        return _other(around, change, "malformed change")
    # The dashboard's test button, and Instagram Login, put chat events into changes.
    if chat_keys.is_chat(value):
        return _chat(around, "messaging", value)
    more = {name: part for name, part in content.items() if name not in known}
    described = change_keys.describe(field, value, more)
    sent_at = moment(around.sent_at, otherwise=around.now)
    kind, at = f"{_WALL[around.source]}.{field}"[:40], moment(described.at, otherwise=sent_at)
    body = {"field": field, "value": value} | ({"more": more} if more else {})
    return _delivered(around, kind, described, at, body)


def _chat(around: _Envelope, section: str, event: object) -> Delivered:
    content = shape(event)
    if not content:
        return _other(around, event, "malformed event")
    described = chat_keys.describe(around.account, content)
    kind = f"{_CHAT[around.source]}.{section}"
    at = moment(content.get("timestamp"), otherwise=around.now)
    return _delivered(around, kind, described, at, {"event": content})


def _other(around: _Envelope, content: object, reason: str) -> Delivered:
    described = Described("other", (dump(content),), "other", reason)
    body = {"object": around.source, "content": content}
    return _delivered(around, "other", described, around.now, body)


def _delivered(
    around: _Envelope, kind: str, described: Described, at: datetime, body: dict[str, Any]
) -> Delivered:
    account = around.account
    return Delivered(
        key=_key(described.what, account, around.source, *described.parts),
        thread=f"{account}:{described.thread}"[:300],
        kind=kind,
        account_id=account,
        happened_at=at,
        body=dump({"account": account, "time": around.sent_at, **body}),
        ignored=_test(account) or described.ignored,
    )


def _test(account: str) -> str | None:
    return "sent by the dashboard's test button" if account == TEST_ACCOUNT else None


def _key(what: str, *parts: object) -> str:
    digest = blake2b(digest_size=20)
    for part in parts:
        encoded = str(part).encode("utf-8", "backslashreplace")
        digest.update(b"%d:%b" % (len(encoded), encoded))
    return f"{what}:{digest.hexdigest()}"
