"""What can go wrong in the shop, in words for the one it happens to."""

from core.errors import NotFound, ShopError


class ProductUnknown(NotFound):
    sentence = "This product is not (or no longer) on sale here."


class SoldOut(ShopError):
    status = 409
    sentence = "%(name)s is sold out."


class NotEnough(ShopError):
    """`left`: how many can still be had."""

    status = 409
    sentence = "Only %(left)s of %(name)s are left."


class NotEnoughTogether(ShopError):
    """`name` is what several lines of a basket need, `needed` times altogether."""

    status = 409
    sentence = "Only %(left)s of %(name)s are left, and your basket needs %(needed)s altogether."


class TooMany(ShopError):
    status = 422
    sentence = "Up to %(most)s of one product fit into a basket. For more, please write to us."


class BasketIsFull(ShopError):
    status = 422
    sentence = "Up to %(most)s different products fit into a basket. For more, please write to us."


class BasketEmpty(ShopError):
    status = 409
    sentence = "Your basket is empty."


class BasketChanged(ShopError):
    status = 409
    sentence = (
        "Your basket has changed since this page was opened. Please look at the summary again."
    )


class TotalChanged(ShopError):
    """`former` and `total` are amounts."""

    status = 409
    sentence = (
        "The total has changed from %(former)s to %(total)s. Please look at the summary again."
    )


class OrderUnknown(NotFound):
    sentence = "There is no such order."


class OrderNotUnpaid(ShopError):
    status = 409
    sentence = "This order is not waiting for a payment any more."


class PaymentUnderWay(ShopError):
    status = 409
    sentence = (
        "A payment for this order is under way, so it cannot be cancelled at this moment. "
        "Please write to us and we will sort it out."
    )


class OrderNotReadyForThat(ShopError):
    status = 409
    sentence = "This is not possible in the order's present state."


class ShipmentUnknown(NotFound):
    sentence = "There is no such parcel (any more)."


class NothingToSend(ShopError):
    status = 422
    sentence = "Choose at least one piece that has not been sent yet."


class NotSoManyToSend(ShopError):
    """`left`: how many are still to be sent."""

    status = 409
    sentence = "Only %(left)s of %(name)s are still to be sent."


class TrackingUnreadable(ShopError):
    status = 422
    sentence = (
        "Please enter the tracking number as it stands on the label: 6 to 40 letters and digits, "
        "no link."
    )


class CameBackAlready(ShopError):
    status = 409
    sentence = "Pieces of %(name)s from this parcel have come back already, so it cannot be undone."


class TooLateToTakeBack(ShopError):
    status = 409
    sentence = "This cannot be taken back here any more. Please write to the shop."


class PartlySent(ShopError):
    status = 409
    sentence = (
        "A part of this order has left already. Take the rest out of the order first, or send it; "
        "then what was sent can be refunded."
    )


class TooLateToCorrect(ShopError):
    status = 409
    sentence = "This order cannot be mended here any more. Please write to the shop."


class OrderChangedMeanwhile(ShopError):
    status = 409
    sentence = "Somebody has changed this order meanwhile. Please look at it again."


class ProductWasSold(ShopError):
    status = 409
    sentence = (
        "This product has been sold, so it stays in the books. Hide it instead of deleting it."
    )


class StockBelowZero(ShopError):
    """`least`: how many are promised to customers."""

    status = 422
    sentence = "There cannot be fewer than %(least)s pieces: so many are promised to customers."


class PartRetired(ShopError):
    status = 409
    sentence = "This variant is no longer offered, so it cannot be part of a bundle."


class PartIsBundle(ShopError):
    status = 409
    sentence = "A bundle cannot be part of a bundle. Put in the goods it is made of instead."


class BundleIsPart(ShopError):
    status = 409
    sentence = "This variant is part of a bundle itself, so it cannot be made of parts."


class BundleHasStock(ShopError):
    """`count`: how many pieces of it are on the shelf."""

    status = 409
    sentence = (
        "This variant has %(count)s pieces in stock. Take them out of the stock first: of a bundle "
        "there is as much as there is of its parts."
    )


class TooManyParts(ShopError):
    status = 422
    sentence = "Up to %(most)s different parts fit into a bundle."


class StockIsOfParts(ShopError):
    status = 409
    sentence = "A bundle has no stock of its own. Change the stock of its parts."


class ProductIsPart(ShopError):
    status = 409
    sentence = "This product is part of a bundle. Take it out of there first."


class BooksInOrder(ShopError):
    status = 409
    sentence = "These counters are what the movements add up to. There is nothing to mend."


class BooksDoNotAddUp(ShopError):
    status = 409
    sentence = (
        "The movements themselves add up to less than nothing. Count what is there and book the "
        "difference instead."
    )
