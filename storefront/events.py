"""What happens in the shop."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    shop_id: int
    order_id: int
    customer_id: int | None
    total_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class OrderPaid:
    """Also for totals of zero, which nobody has to pay."""

    shop_id: int
    order_id: int
    customer_id: int | None
    total_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    shop_id: int
    order_id: int
    customer_id: int | None
    by: str


@dataclass(frozen=True, slots=True)
class GoodsWereGone:
    """Paid when the goods were gone; the whole amount is going back. `code` is what the shop
    apologises with, or empty."""

    shop_id: int
    order_id: int
    customer_id: int | None
    code: str


@dataclass(frozen=True, slots=True)
class OrderExpired:
    """Nobody paid in time."""

    shop_id: int
    order_id: int
    customer_id: int | None


@dataclass(frozen=True, slots=True)
class OrderSent:
    """A parcel has left: shipped, or picked up. There may be several for one order."""

    shop_id: int
    order_id: int
    customer_id: int | None
    shipment_id: int


@dataclass(frozen=True, slots=True)
class ParcelTracked:
    """A parcel that has left can be followed, for the first time."""

    shop_id: int
    order_id: int
    customer_id: int | None
    shipment_id: int


@dataclass(frozen=True, slots=True)
class OrderReady:
    """Lies ready to be picked up, all of it or a part."""

    shop_id: int
    order_id: int
    customer_id: int | None
    shipment_id: int


@dataclass(frozen=True, slots=True)
class OrderDelivered:
    """A parcel has arrived; `by` is "customer" where she has said so herself."""

    shop_id: int
    order_id: int
    customer_id: int | None
    shipment_id: int
    by: str


@dataclass(frozen=True, slots=True)
class ShipmentUndone:
    """A parcel was marked by mistake."""

    shop_id: int
    order_id: int
    customer_id: int | None
    shipment_id: int


@dataclass(frozen=True, slots=True)
class ReviewDue:
    """The goods have been there for some days, and the buyer agreed to be asked for a review."""

    shop_id: int
    order_id: int


@dataclass(frozen=True, slots=True)
class OrderRefunded:
    """`amount_minor` has gone back now; `whole` if nothing of the order's price is left. With
    `change_id` it is what that change has told the customer about already."""

    shop_id: int
    order_id: int
    customer_id: int | None
    amount_minor: int
    currency: str
    whole: bool
    change_id: int | None = None


@dataclass(frozen=True, slots=True)
class OrderCorrected:
    """`fields` are the names of what was mended, with commas; `by` as in the order's history."""

    shop_id: int
    order_id: int
    customer_id: int | None
    by: str
    fields: str


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """A change was settled: its rows say by what the order differs from before."""

    shop_id: int
    order_id: int
    customer_id: int | None
    change_id: int
    kind: str
    by: str


@dataclass(frozen=True, slots=True)
class OrderChangeWaits:
    """A change was agreed, and the customer is to pay the difference; until then the order is as
    it was."""

    shop_id: int
    order_id: int
    customer_id: int | None
    change_id: int
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class OrderChangeDropped:
    """It had been agreed and waited for its payment: the order stays as it was."""

    shop_id: int
    order_id: int
    customer_id: int | None
    change_id: int
    by: str


@dataclass(frozen=True, slots=True)
class OrderNeedsAttention:
    """Something about this order wants a person; `reason` is a short symbol."""

    shop_id: int
    order_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class WithdrawalReceived:
    """`delay` is how many seconds the confirmation by e-mail has to wait."""

    shop_id: int
    withdrawal_id: int
    order_id: int | None
    delay: int = 0


@dataclass(frozen=True, slots=True)
class WithdrawalAccepted:
    """A withdrawal or another return."""

    shop_id: int
    withdrawal_id: int
    order_id: int


@dataclass(frozen=True, slots=True)
class WithdrawalRejected:
    shop_id: int
    withdrawal_id: int
    order_id: int | None


@dataclass(frozen=True, slots=True)
class ReturnArrived:
    """Goods of a case are back in the shop."""

    shop_id: int
    withdrawal_id: int
    order_id: int


@dataclass(frozen=True, slots=True)
class StockRanOut:
    shop_id: int
    product_id: int
    variant_id: int


@dataclass(frozen=True, slots=True)
class ProductChanged:
    shop_id: int
    product_id: int
