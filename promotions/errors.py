"""Why a code does not work, in words for the one who typed it."""

from core.errors import NotFound, ShopError


class DealUnknown(NotFound):
    sentence = "This deal does not exist."


class CodeUnknown(ShopError):
    status = 422
    sentence = "We do not know this code. Please check how it is spelled."


class CodeMistyped(CodeUnknown):
    """It has the form of a generated code, but its check character does not fit."""

    sentence = "There is a slip in this code. Please compare it letter by letter."


class CodeNotYetValid(ShopError):
    """`since`: when it begins (UTC)."""

    status = 422
    sentence = "This code is not valid yet."


class CodeExpired(ShopError):
    status = 422
    sentence = "This code has expired."


class CodeUsedUp(ShopError):
    status = 422
    sentence = "This code has been used up."


class CodeUsedByYou(ShopError):
    status = 422
    sentence = "You have used this code already."


class CodeHeldByYou(CodeUsedByYou):
    """`reference`: the order that holds it."""

    sentence = (
        "This code is part of an order of yours that is not paid yet. Pay or cancel that order "
        "to use the code here."
    )


class CodeTaken(ShopError):
    status = 422
    sentence = "There is already a code that is spelled like this or nearly so: %(code)s."


class CodeNotAllowed(ShopError):
    status = 422
    sentence = "A code has 3 to 30 letters and digits."
