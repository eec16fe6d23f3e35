"""What is sent about parcels: how many of what, who carries it, what the slip says."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from core.errors import InvalidForm
from storefront.forms import LARGEST_ID, Form, Line

_PIECES = re.compile(r"pieces-([0-9]{1,10})")


class ParcelForm(Form):
    """`seen` is how many parcels the order had when the form was opened. How many pieces of each
    line are in it is read with `read_pieces`."""

    carrier: Line = Field(default="", max_length=20)
    tracking: Line = Field(default="", max_length=80)
    seen: int | None = Field(default=None, ge=0, le=LARGEST_ID)

    SENTENCES: ClassVar[dict[str, str]] = {
        "tracking": "Please enter the tracking number as it stands on the label: 6 to 40 letters "
        "and digits, no link.",
    }


class PersonalLineForm(Form):
    personal_line: Line = Field(default="", max_length=300)


def read_pieces(data: Mapping[str, Any]) -> dict[int, int]:
    """`pieces-17=2`: two of line 17. Raises InvalidForm."""
    pieces: dict[int, int] = {}
    for name, value in data.items():
        found = _PIECES.fullmatch(name)
        if found is None or not isinstance(value, str) or not value.strip():
            continue
        if not re.fullmatch(r"[0-9]{1,5}", value.strip()) or int(found[1]) > LARGEST_ID:
            raise InvalidForm({name: "Please enter how many pieces are in the parcel."})
        pieces[int(found[1])] = int(value)
    return pieces
