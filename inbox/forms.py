"""What may be sent to the inbox's pages."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from aiohttp import web
from multidict import MultiMapping
from pydantic import Field

from inbox.listing import CHANNELS, SHOWS, Wish
from staff.forms import Form

# Beyond this no row is counted (an INTEGER of PostgreSQL).
Number = Annotated[int, Field(ge=0, lt=2**31)]
Mode = Literal["message", "public", "private", "note"]


class ReplyForm(Form):
    mode: Mode
    text: Annotated[str, Field(max_length=10_000)] = ""
    seen: Number = 0
    answers: Number | None = None


class AssignForm(Form):
    member: Annotated[str, Field(max_length=9)] = ""

    @property
    def member_id(self) -> int | None:
        return int(self.member) if self.member.isascii() and self.member.isdigit() else None


def wish_of(query: MultiMapping[str]) -> Wish:
    """What the address asks for; what makes no sense is as if it were not there."""
    show, channel = query.get("show", "open"), query.get("channel", "")
    return Wish(
        show=show if show in SHOWS else "open",
        channel=channel if channel in CHANNELS else "",
        text=query.get("q", "")[:100],
        before=_before(query.get("before", "")),
    )


def _before(text: str) -> tuple[datetime, int] | None:
    at, _, number = text.partition("_")
    fits = number.isascii() and number.isdigit() and len(number) < 10
    try:
        moment = datetime.fromisoformat(at)
        is_whole = moment.tzinfo is not None and fits
        return (moment.astimezone(UTC), int(number)) if is_whole else None
    except (ValueError, OverflowError):
        return None


def number_in(request: web.Request, name: str) -> int | None:
    text = request.query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
