"""What can go wrong with a case, in words for the one it happens to."""

from core.errors import NotFound, ShopError


class WithdrawalUnknown(NotFound):
    sentence = "There is no such declaration."


class CaseUnmatched(ShopError):
    status = 409
    sentence = "Please say first which order this is about."


class CaseDecided(ShopError):
    status = 409
    sentence = "This case has been decided already."


class CaseUndecided(ShopError):
    status = 409
    sentence = "Please accept or reject it first."


class CaseClosed(ShopError):
    status = 409
    sentence = "This case is closed."


class NoGoodsChosen(ShopError):
    status = 422
    sentence = "Please choose at least one piece."


class TooManyPieces(ShopError):
    """`left`: how many are not in another case and not back already."""

    status = 422
    sentence = "Only %(left)s of %(name)s can be chosen here."


class ReasonMissing(ShopError):
    status = 422
    sentence = "Please give the reason: the customer reads it."


class ReturnAddressMissing(ShopError):
    status = 409
    sentence = "Please enter the shop's return address in the settings first."


class NotALabel(ShopError):
    status = 422
    sentence = (
        "Please upload the label as a PDF of up to 2 MB, or enter a link that begins with https://."
    )


class GoodsNotAwaited(ShopError):
    status = 409
    sentence = "No goods are awaited in this case."


class PaidBackAlready(ShopError):
    status = 409
    sentence = "The money for this case has been given back already."


class LostTooMuch(ShopError):
    """`most`: what these pieces cost."""

    status = 422
    sentence = "The value lost cannot be more than the %(most)s these pieces cost."
