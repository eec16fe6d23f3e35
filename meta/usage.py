"""How much of Meta's patience is left: the usage headers, per kind of call."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from meta.errors import GraphUnavailable
from meta.shapes import items, number, shape, text

EXHAUSTED = 100
PAUSE = timedelta(minutes=5)
"""Where Meta says that it is full but not for how long."""

SHORT_PAUSE = timedelta(seconds=5)
"""For limits that count per second (Messenger Platform docs: 300 texts a second and page)."""

ALL = "app"
_BUCKETS = {4: ALL, 17: ALL, 341: ALL, 32: "pages", 80001: "pages", 80002: "instagram",
            80006: "messenger"}  # fmt: skip


class Usage:
    """One page's quotas. Calls while throttled prolong the block, so none are made then.

    Kept per process: another process learns it from its own first refused call.
    """

    def __init__(self) -> None:
        self._closed_until: dict[str, datetime] = {}

    def check(self, bucket: str, *, now: datetime) -> None:
        """Raises GraphUnavailable while the bucket, or the whole app, has to wait."""
        until = max(
            (self._closed_until[name] for name in (bucket, ALL) if name in self._closed_until),
            default=now,
        )
        if until > now:
            wait = (until - now).total_seconds()
            raise GraphUnavailable(f"{bucket} is used up", family="rate", retry_after=wait)

    def note(self, headers: Mapping[str, str], *, now: datetime) -> None:
        """Read what an answer says about the quotas. The headers are absent at 0 %."""
        if _is_full(_json(headers.get("X-App-Usage"))):
            self.close(ALL, now + PAUSE)
        if _is_full(_json(headers.get("X-Page-Usage"))):
            self.close("pages", now + PAUSE)
        for entries in shape(_json(headers.get("X-Business-Use-Case-Usage"))).values():
            for entry in items(entries):
                self._note_entry(shape(entry), now)

    def _note_entry(self, entry: dict[str, Any], now: datetime) -> None:
        bucket = text(entry.get("type")) or "pages"
        minutes = number(entry.get("estimated_time_to_regain_access")) or 0
        if minutes > 0:
            self.close(bucket, now + timedelta(minutes=min(minutes, 24 * 60)))
        elif _is_full(entry):
            self.close(bucket, now + PAUSE)

    def refused(self, code: int, bucket: str, *, now: datetime) -> float:
        """Take note of a rate error; the seconds to wait, by the headers if they said more."""
        name = _BUCKETS.get(code, bucket)
        self.close(name, now + (SHORT_PAUSE if code == 613 else PAUSE))
        return (self._closed_until[name] - now).total_seconds()

    def close(self, bucket: str, until: datetime) -> None:
        self._closed_until[bucket] = max(until, self._closed_until.get(bucket, until))


def _is_full(usage: object) -> bool:
    counts = ("call_count", "total_time", "total_cputime")
    return any((number(shape(usage).get(name)) or 0) >= EXHAUSTED for name in counts)


def _json(header: str | None) -> Any:
    try:
        return json.loads(header) if header else None
    except (ValueError, RecursionError):
        return None
