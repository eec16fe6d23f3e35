"""Which error belongs to which family (Graph API docs: Handling Errors; Messenger Platform docs:
Common Error Codes)."""

from typing import Any

from meta.errors import Family, GraphRefused, GraphUnavailable
from meta.shapes import Shape, number, shape, text

RATE = frozenset({4, 17, 32, 341, 613, 80001, 80002, 80006})
_TOKEN = frozenset({102, 190})

_BY_PAIR: dict[tuple[int, int], Family] = {
    (9, 2018352): "rate",
    (10, 2018278): "window",
    (10, 2534022): "window",
    (100, 33): "missing",
    (100, 2018001): "unreachable",
    (100, 2018218): "missing",
    (100, 2534025): "missing",
    (100, 2534037): "thread_owned",
    (100, 1893061): "window",
    (200, 1545041): "unreachable",
    (200, 2018028): "unreachable",
    (200, 2534041): "unreachable",
}
_BY_CODE: dict[int, Family] = {
    1: "temporary",
    2: "temporary",
    10: "permission",
    15: "permission",
    21: "missing",
    27: "thread_owned",
    100: "bad_parameter",
    210: "permission",
    230: "permission",
    368: "blocked",
    506: "duplicate",
    551: "unreachable",
    803: "missing",
    10900: "answered_before",
    10903: "unreachable",
    2018218: "missing",
    2018300: "thread_owned",
    1609005: "link_preview",
    9000001: "unreachable",
    **dict.fromkeys(range(200, 300), "permission"),
}
RETRIED: frozenset[Family] = frozenset({"temporary", "rate", "link_preview"})


def error_in(body: Any) -> Shape:
    """Meta's error object, also in the flat form that Instagram's OAuth answers with."""
    content = shape(body)
    if "error" in content:
        return shape(content["error"]) or {"message": str(content["error"])}
    if "error_message" in content or "error_type" in content:
        return {
            "code": content.get("code"),
            "message": content.get("error_message"),
            "type": content.get("error_type"),
        }
    return {}


def family_of(code: int, subcode: int, message: str, *, is_transient: bool = False) -> Family:
    known = _BY_PAIR.get((code, subcode))
    if known is not None:
        return known
    if code in RATE:
        return "rate"
    if is_transient:
        return "temporary"
    if code in _TOKEN:
        # A missing permission comes as 190 too, and is no reason to connect anew.
        return "token_scope" if "must be granted before" in message else "token_dead"
    return _BY_CODE.get(code, "unknown")


def to_exception(
    error: Shape, status: int, *, retry_after: float | None = None
) -> GraphRefused | GraphUnavailable:
    """What to raise for an error object that came with this HTTP status."""
    code, subcode = number(error.get("code")) or 0, number(error.get("error_subcode")) or 0
    reason = text(error.get("error_user_msg")) or text(error.get("message")) or f"HTTP {status}"
    transient = error.get("is_transient") is True or (status >= 500 and code not in _BY_CODE)
    family = family_of(code, subcode, text(error.get("message")), is_transient=transient)
    if status == 429:
        family = "rate"
    if family in RETRIED:
        return GraphUnavailable(reason, family=family, retry_after=retry_after)
    trace_id = text(error.get("fbtrace_id"))
    return GraphRefused(code, subcode, reason, family=family, trace_id=trace_id)
