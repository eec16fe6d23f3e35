"""What the control API takes; anything else is refused."""

from typing import Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.stripe.faults import FaultKind
from sandbox.stripe.methods import FINE_CARD, FINE_IBAN


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FaultForm(Form):
    """`path` is a prefix like /v1/refunds; `seconds` is for slow calls and timeouts."""

    kind: FaultKind
    times: int = Field(1, ge=1, le=10_000)
    method: Literal["", "GET", "POST", "DELETE"] = ""
    path: str = ""
    seconds: float = Field(0, ge=0, le=600)


class LostEventForm(Form):
    """`type` is a prefix; "" loses every event."""

    type: str = ""
    times: int = Field(1, ge=1, le=10_000)


class ClockForm(Form):
    """Seconds ahead of real time, or how much further from where the clock stands."""

    offset_s: float | None = None
    advance_s: float | None = None


class BalanceForm(Form):
    account: str
    currency: str = Field("eur", pattern=r"^[a-z]{3}$")
    amount_minor: int


class BuyerForm(Form):
    """One buyer's visit; `settle_after_s` None leaves a debit's outcome to a later call."""

    email: str = "mia.krueger@example.com"
    name: str = "Mia Krüger"
    phone: str = ""
    country: str = "DE"
    line1: str = "Lindenstr. 7"
    postal_code: str = "10969"
    city: str = "Berlin"
    shipping_rate: str = ""
    card: str = FINE_CARD
    iban: str = FINE_IBAN
    decline_code: str = "generic_decline"
    settle_after_s: float | None = Field(None, ge=0)
    reason: str = "fraudulent"
    amount_minor: int | None = Field(None, ge=1)
    days: int = Field(9, ge=1, le=60)


class ReasonForm(Form):
    reason: str = "expired_or_canceled_card"


class DisputeForm(Form):
    """Reason `inquiry` asks only; no money moves. `days` are left to answer."""

    reason: str = "fraudulent"
    amount_minor: int | None = Field(None, ge=1)
    days: int = Field(9, ge=1, le=60)


F = TypeVar("F", bound=Form)


async def read(request: web.Request, kind: type[F]) -> F:
    body = await request.read()
    try:
        return kind.model_validate_json(body or b"{}")
    except ValidationError as error:
        problems = error.json(include_url=False, include_context=False, include_input=False)
        raise web.HTTPBadRequest(text=problems, content_type="application/json") from None
