"""Bad days of the Graph API: errors, answers that never arrive, quotas near their end."""

from dataclasses import dataclass, field
from typing import Any

FAMILIES: dict[str, tuple[int, int, int, str]] = {
    # name: HTTP status, code, error_subcode, message
    "transient": (500, 2, 0, "An unexpected error has occurred. Please retry later."),
    "unknown": (500, 1, 0, "An unknown error occurred"),
    "app_rate": (403, 4, 0, "(#4) Application request limit reached"),
    "page_rate": (403, 32, 0, "(#32) Page request limit reached"),
    "rate": (400, 613, 0, "(#613) Calls to this api have exceeded the rate limit."),
    "messenger_rate": (400, 80006, 0, "(#80006) There have been too many calls to this account."),
    "window": (400, 10, 2018278, "(#10) This message is sent outside of allowed window."),
    "permission": (403, 200, 0, "(#200) Requires pages_messaging permission to manage the object"),
    "unreachable": (400, 551, 1545041, "(#551) This person isn't available right now."),
    "no_such_user": (400, 100, 2018001, "(#100) No matching user found"),
    "other_owner": (400, 2018300, 0, "(#2018300) Another app is controlling this thread now."),
    "token_expired": (400, 190, 463, "Error validating access token: Session has expired."),
    "token_revoked": (400, 190, 460, "Error validating access token: the password was changed."),
    "impersonating": (
        400,
        190,
        0,
        "Any of the pages_read_engagement, pages_manage_metadata permission(s) must be granted "
        "before impersonating a user's page.",
    ),
    "abuse": (400, 368, 0, "The action attempted has been deemed abusive or is disallowed"),
    "duplicate_post": (400, 506, 0, "(#506) Duplicate status message"),
    "link_scrape": (400, 1609005, 0, "(#1609005) The link could not be scraped"),
}


@dataclass
class GraphFault:
    """`family` is a key of FAMILIES, or "timeout_after_success": done, but never answered; the
    line is cut after `hang_s`, if the caller has not lost patience before.

    `path` is a part of the path it strikes ("" for all), `times` None means until cleared.
    """

    family: str
    times: int | None = 1
    path: str = ""
    method: str = ""

    def meets(self, method: str, path: str) -> bool:
        return self.times != 0 and self.path in path and self.method in ("", method)


@dataclass
class GraphWeather:
    """`usage` stands in the usage headers: percent called, minutes until access is regained."""

    faults: list[GraphFault] = field(default_factory=list)
    usage: dict[str, Any] = field(default_factory=dict)
    hang_s: float = 30

    def strike(self, method: str, path: str) -> str:
        for fault in self.faults:
            if fault.meets(method, path):
                if fault.times is not None:
                    fault.times -= 1
                return fault.family
        return ""
