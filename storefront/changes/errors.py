"""Why an order cannot be changed like that, in words that say what to do instead."""

from core.errors import Forbidden, NotFound, ShopError


class ChangeUnknown(NotFound):
    sentence = "There is no such change."


class NotChangeable(ShopError):
    status = 409
    sentence = "This order has come to nothing or was given back, so there is nothing to change."


class NothingToChange(ShopError):
    status = 422
    sentence = "Nothing would be different."


class NothingWouldBeLeft(ShopError):
    status = 409
    sentence = "Nothing would be left of this unpaid order. Please cancel it instead."


class LineUnknown(NotFound):
    sentence = "This line is not part of the order."


class SentAlready(ShopError):
    """`sent`: how many are with the customer."""

    status = 409
    sentence = "%(sent)s of %(name)s are with the customer already. What comes back is entered as returned."


class NotThatMany(ShopError):
    status = 409
    sentence = "There are only %(most)s of %(name)s for that."


class MoreThanPaid(ShopError):
    status = 422
    sentence = "At most %(most)s can be let go here."


class PriceRuleNotYours(Forbidden):
    sentence = (
        "Prices stay as they were agreed. "
        "Only owners of the shop, and whom they allow it (Settings, Team), may set another one."
    )


class ReasonNeeded(ShopError):
    status = 422
    sentence = "Please say why the agreed price is left."


class AnotherChangeWaits(ShopError):
    status = 409
    sentence = (
        "Another change of this order waits for the customer's payment. "
        "Please drop that one first, or wait for it."
    )


class ChangeIsOver(ShopError):
    status = 409
    sentence = "This change is settled or dropped already."


class CustomerIsPaying(ShopError):
    status = 409
    sentence = (
        "The customer is paying this order at this moment. Please try again in a few minutes."
    )


class GoodwillTooEarly(ShopError):
    status = 409
    sentence = (
        "Goodwill is for orders that are paid. For this one, give back the shipping "
        "or set another price instead."
    )
