"""How an order is called towards payments and promotions, which know no orders."""

_PREFIX = "order-"


def reference_of(order_id: int) -> str:
    return f"{_PREFIX}{order_id}"


def order_id_of(reference: str) -> int | None:
    """None for what is not an order of ours."""
    number = reference.removeprefix(_PREFIX)
    return int(number) if number != reference and number.isascii() and number.isdigit() else None
