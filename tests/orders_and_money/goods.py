"""Every piece is where the books say: on the shelf, put aside, promised, in a parcel, back again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from storefront.changes.models import OrderChange
from storefront.models import Variant
from storefront.orders.finding import pieces_in
from storefront.orders.models import Order, OrderLine
from storefront.shipping.finding import set_aside
from storefront.shipping.fulfilment import fulfilment_of
from tests.orders_and_money.books import Books

Pieces = Mapping[int, int]


def check_stock(books: Books) -> None:
    """Counters are the sums of their movements, and what the orders say they must be."""
    moved: dict[int, tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    for one in books.movements:
        sums = moved[one.variant_id]
        moved[one.variant_id] = (
            sums[0] + one.on_hand, sums[1] + one.held, sums[2] + one.allocated,
        )  # fmt: skip
    arrived, gone = _arrived(books), _sums(pieces_in(one, one.shipped) for one in books.lines)
    held, allocated = _held(books), _allocated(books)
    for variant in books.variants:
        counters = (variant.on_hand, variant.held, variant.allocated)
        assert counters == moved[variant.key], f"movements of variant {variant.key}"
        owed = (
            arrived[variant.key] - gone[variant.key], held[variant.key], allocated[variant.key],
        )  # fmt: skip
        assert counters == owed, f"variant {variant.key} against the orders"
        assert variant.available >= 0
        _check_has_no_stock_of_its_own(variant)


def _check_has_no_stock_of_its_own(variant: Variant) -> None:
    if variant.is_bundle:
        assert (variant.on_hand, variant.held, variant.allocated) == (0, 0, 0), "a bundle"


def _arrived(books: Books) -> dict[int, int]:
    """What was ever laid on the shelf by people: delivered, counted, or brought back."""
    return _sums(
        {one.variant_id: one.on_hand}
        for one in books.movements
        if one.what in ("received", "corrected", "restocked")
    )


def _held(books: Books) -> dict[int, int]:
    """For those unpaid orders that put something aside, and for changes that wait to be paid."""
    holding = {one.key for one in books.orders if one.state == "placed" and one.hold == "held"}
    lines = [pieces_in(one, one.quantity) for one in books.lines if one.order_id in holding]
    waiting = [one.terms["held"] for one in books.changes if one.state == "waiting"]
    return _sums([*lines, *({int(key): many for key, many in one.items()} for one in waiting)])


def _allocated(books: Books) -> dict[int, int]:
    paid = {one.key for one in books.orders if one.state == "confirmed"}
    return _sums(pieces_in(one, one.to_ship) for one in books.lines if one.order_id in paid)


def _sums(parts: Iterable[Pieces]) -> dict[int, int]:
    sums: dict[int, int] = defaultdict(int)
    for part in parts:
        for key, pieces in part.items():
            sums[key] += pieces
    return sums


def check_parcels(books: Books) -> None:
    """What the lines say was sent lies in parcels, and the order's word follows from both."""
    for order in books.orders:
        lines, parcels = books.lines_of(order), books.parcels_of(order)
        gone = _sums(one.pieces for one in parcels if one.shipment.has_left)
        assert {one.key: one.shipped for one in lines if one.shipped} == dict(gone), "parcels"
        ready = set_aside(parcels)
        assert all(ready.get(one.key, 0) <= one.to_ship for one in lines), "lies ready for nobody"
        assert order.fulfilment == fulfilment_of(order, lines, parcels)
        is_done = bool(gone) and not any(line.to_ship for line in lines)
        assert (order.state == "closed") == is_done, f"order {order.key} is {order.state}"
        assert (order.shipped_at is not None) == is_done
        if order.state not in ("confirmed", "closed"):
            assert (dict(gone), ready) == ({}, {}), f"parcels of an order that is {order.state}"


def check_returns(books: Books) -> None:
    """What came back was taken off its line once, and lies on the shelf once, if it can be sold."""
    shelved: list[Pieces] = []
    for order in books.orders:
        back = _taken_back(books.changes_of(order, "settled"))
        for line in books.lines_of(order):
            assert line.returned == sum(many for many, _ in back[line.key]), "pieces come back"
            shelved += [
                pieces_in(line, many) for many, can_be_sold in back[line.key] if can_be_sold
            ]
        shelved += _shelved_late(books, order)
    restocked = _sums(
        {one.variant_id: one.on_hand}
        for one in books.movements
        if one.what == "restocked" or one.reason.startswith("#")
    )
    assert {key: many for key, many in restocked.items() if many} == _not_zero(_sums(shelved))


def _taken_back(changes: Iterable[OrderChange]) -> dict[int, list[tuple[int, bool]]]:
    """By line: how many pieces, and whether they can be sold again."""
    back: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    for change in changes:
        for action in change.actions:
            if action["do"] == "take_back":
                back[action["line_id"]].append((action["quantity"], action["restock"]))
    return back


def _shelved_late(books: Books, order: Order) -> list[Pieces]:
    """Of cases whose money had gone back before the goods were here."""
    lines: dict[int, OrderLine] = {one.key: one for one in books.lines_of(order)}
    return [
        pieces_in(lines[row.order_line_id], row.restocked)
        for case in books.cases_of(order)
        if case.goods_at and case.paid_back_at and case.goods_at > case.paid_back_at
        for row in books.claimed_in(case)
    ]


def _not_zero(sums: Pieces) -> dict[int, int]:
    return {key: many for key, many in sums.items() if many}
