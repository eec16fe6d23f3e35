"""What may be sent to the sign-in and the team pages."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from core.errors import InvalidForm
from staff.passwords import LONGEST


def _email(text: str) -> str:
    try:
        # Whether the domain exists is for the mail server to say; no look-ups while typing.
        return validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise ValueError("This is not an e-mail address.") from None


Email = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_email)
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Password = Annotated[str, Field(max_length=LONGEST)]


class Form(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


Filled = TypeVar("Filled", bound=Form)

_SENTENCES = {
    "missing": "Please fill this in.",
    "string_too_short": "Please fill this in.",
    "string_too_long": "This is too long.",
    "literal_error": "Please choose one of these.",
}


def fill(shape: type[Filled], sent: Mapping[str, Any]) -> Filled:
    """The form as it was sent. Raises InvalidForm with a sentence for each field."""
    try:
        return shape.model_validate({name: sent[name] for name in sent})
    except ValidationError as error:
        raise InvalidForm({_field(one): _sentence(one) for one in error.errors()}) from None


def _field(problem: Any) -> str:
    return str(problem["loc"][0]) if problem["loc"] else ""


def _sentence(problem: Any) -> str:
    own = problem.get("ctx", {}).get("error")
    return str(own) if own else _SENTENCES.get(problem["type"], "Please check this.")


class SignInForm(Form):
    email: Annotated[str, Field(max_length=254)] = ""
    password: Password = ""
    next: str = ""


class LinkForm(Form):
    email: Annotated[str, Field(max_length=254)] = ""


class WelcomeForm(Form):
    password: Password = ""


class InvitationForm(Form):
    name: Name
    email: Email
    role: Literal["owner", "agent"] = "agent"
    locale: Literal["de", "en"] = "de"


class RoleForm(Form):
    role: Literal["owner", "agent"]


class PricesForm(Form):
    allowed: bool


class ProfileForm(Form):
    name: Name
    locale: Literal["de", "en"]


class PasswordForm(Form):
    present: Password = ""
    new: Password = ""
