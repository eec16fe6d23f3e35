"""Errors in Meta's shape: message, type, code, error_subcode, fbtrace_id."""

import secrets
from typing import Any

FORBIDDEN = {4, *range(200, 300)}
METHOD_TYPES = {33}


class GraphError(Exception):
    def __init__(
        self,
        code: int,
        message: str,
        *,
        subcode: int = 0,
        status: int = 0,
        kind: str = "OAuthException",
        title: str = "",
        user_message: str = "",
    ) -> None:
        super().__init__(message)
        self.code, self.subcode, self.message, self.kind = code, subcode, message, kind
        self.title, self.user_message = title, user_message
        self.status = status or (403 if code in FORBIDDEN else 500 if code in (1, 2) else 400)
        self.trace_id = "A" + secrets.token_urlsafe(16)

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"message": self.message, "type": self.kind, "code": self.code}
        if self.subcode:
            error["error_subcode"] = self.subcode
        if self.code in (1, 2):
            error["is_transient"] = True
        if self.title:
            error |= {"error_user_title": self.title, "error_user_msg": self.user_message}
        return {"error": {**error, "fbtrace_id": self.trace_id}}


def bad_parameter(message: str, *, subcode: int = 0) -> GraphError:
    return GraphError(100, f"(#100) {message}", subcode=subcode)


def missing_object(method: str, node_id: str) -> GraphError:
    """Not there, or not this token's: Meta does not say which."""
    return GraphError(
        100,
        f"Unsupported {method.lower()} request. Object with ID '{node_id}' does not exist, "
        "cannot be loaded due to missing permissions, or does not support this operation.",
        subcode=33,
        kind="GraphMethodException",
    )


def missing_permission(scope: str) -> GraphError:
    return GraphError(200, f"(#200) Requires {scope} permission to manage the object")
