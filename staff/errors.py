"""What can go wrong with people behind the counter."""

from core.errors import Forbidden, NotFound, ShopError


class SignInRefused(ShopError):
    """One sentence for every reason, so that nobody learns which addresses work here."""

    status = 401
    sentence = "E-mail address and password do not fit together."


class OwnersOnly(Forbidden):
    sentence = "Only an owner of the shop may do that."


class EmailTaken(ShopError):
    status = 409
    sentence = "Somebody with this e-mail address already has an account."


class LastOwner(ShopError):
    status = 409
    sentence = "A shop needs at least one owner. Make somebody else owner first."


class UnknownMember(NotFound):
    sentence = "This person does not work here (any more)."


class WrongPassword(ShopError):
    status = 422
    sentence = "Your present password is not right."


class WeakPassword(ShopError):
    status = 422
    sentence = "Please choose a password of at least 10 characters that is not your e-mail address."
