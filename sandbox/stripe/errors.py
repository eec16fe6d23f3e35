"""What the API answers when it refuses, in Stripe's words for kinds and codes."""

from typing import Any


class Problem(Exception):
    """`is_final` results are stored under the idempotency key, the others are not.

    Stripe docs: idempotent requests — nothing is stored when validation failed before the
    endpoint began its work.
    """

    status = 400
    kind = "invalid_request_error"
    is_final = False

    def __init__(self, message: str, *, param: str = "", code: str = "", **more: Any) -> None:
        super().__init__(message)
        self.details = {"message": message, "param": param, "code": code, **more}

    def body(self, request_id: str) -> dict[str, Any]:
        details = {name: value for name, value in self.details.items() if value != ""}
        url = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": {**details, "request_log_url": url, "type": self.kind}}


class Invalid(Problem):
    """The request could never work."""


class NotNow(Problem):
    """The request is well formed, but the object is in no state for it."""

    is_final = True


class NoSuch(Problem):
    """An id this account does not hold; in the path of the address it is a 404."""

    status = 404

    def __init__(self, what: str, thing_id: str, *, param: str = "id") -> None:
        super().__init__(f"No such {what}: '{thing_id}'", param=param, code="resource_missing")
        self.status = 404 if param == "id" else 400


class Unauthenticated(Problem):
    status = 401


class NotAllowed(Problem):
    status = 403


class KeyReused(Problem):
    kind = "idempotency_error"


class KeyInUse(Problem):
    status = 409
    kind = "idempotency_error"


class TooMany(Problem):
    status = 429


class Broken(Problem):
    status = 500
    kind = "api_error"
    is_final = True


class Declined(Problem):
    """A payment attempt the bank refused; buyers see it, API callers of Checkout do not."""

    status = 402
    kind = "card_error"
