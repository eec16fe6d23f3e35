"""How an order and its changes are called towards payments and promotions, which know neither.

`order-12` is an order, `order-12-change-5` the difference one of its changes is to be paid with.
"""

import re

_REFERENCE = re.compile(r"order-(\d{1,9})(?:-change-(\d{1,9}))?", re.ASCII)


def reference_of(order_id: int) -> str:
    return f"order-{order_id}"


def change_reference(order_id: int, change_id: int) -> str:
    return f"order-{order_id}-change-{change_id}"


def order_id_of(reference: str) -> int | None:
    """None for what is not an order itself: a change of one, or nothing of ours."""
    found = _REFERENCE.fullmatch(reference)
    return int(found[1]) if found and found[2] is None else None


def change_id_of(reference: str) -> int | None:
    found = _REFERENCE.fullmatch(reference)
    return int(found[2]) if found and found[2] else None


def way_to_order(reference: str) -> str | None:
    """The page behind the counter."""
    order_id = any_order_id_of(reference)
    return None if order_id is None else f"/counter/orders/{order_id}"


def any_order_id_of(reference: str) -> int | None:
    """Whose money it is, whether for the order itself or for one of its changes."""
    found = _REFERENCE.fullmatch(reference)
    return int(found[1]) if found else None
