"""What can go wrong when a deal is told."""

from core.errors import NotFound, ShopError


class PostUnknown(NotFound):
    sentence = "This post does not exist."


class NoPageConnected(ShopError):
    status = 409
    sentence = "No Facebook page is connected yet. Connect one under Settings, then post again."


class NothingToTryAgain(ShopError):
    status = 409
    sentence = "This post is not waiting for another try."
