"""What of a wish cannot be had, and why: several wishes for one piece are summed first."""

from collections.abc import Mapping

from core.errors import ShopError
from storefront.bundles import Shelf
from storefront.errors import NotEnough, NotEnoughTogether, SoldOut
from storefront.stock_moves import Wanted


def taken_by(shelf: Shelf, variant_id: int, quantity: int) -> Wanted:
    """What so many of it take from the shelf."""
    return {part: each * quantity for part, each in shelf.parts_of(variant_id).items()}


def shortage(
    shelf: Shelf, variant_id: int, quantity: int, *, beside: Wanted, names: Mapping[int, str]
) -> ShopError | None:
    """None where there is enough. `beside` is what the rest of the basket takes, `names` are
    those of its lines."""
    left = shelf.left(variant_id)
    if left <= 0:
        return SoldOut(name=names[variant_id])
    if left < quantity:
        return NotEnough(name=names[variant_id], left=left)
    for part, pieces in taken_by(shelf, variant_id, quantity).items():
        needed, there = pieces + beside.get(part, 0), shelf.pieces[part]
        if needed > there:
            name = shelf.names.get(part) or names[part]
            return NotEnoughTogether(name=name, left=there, needed=needed)
    return None
