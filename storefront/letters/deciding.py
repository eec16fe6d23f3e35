"""What is worth a letter: reactions that only decide; a job writes it."""

from sqlmodel.ext.asyncio.session import AsyncSession

from core.jobs import enqueue
from payments.events import PaymentFailed
from storefront.events import (
    GoodsWereGone,
    OrderCancelled,
    OrderChanged,
    OrderChangeDropped,
    OrderChangeWaits,
    OrderCorrected,
    OrderDelivered,
    OrderPaid,
    OrderPlaced,
    OrderReady,
    OrderRefunded,
    OrderSent,
    ParcelTracked,
    ReviewDue,
    ShipmentUndone,
)
from storefront.letters.writing import write_letter
from storefront.orders.finding import events_of, get_order
from storefront.references import order_id_of


async def on_order_placed(session: AsyncSession, event: OrderPlaced) -> None:
    """What costs nothing is confirmed by one e-mail, that of `on_order_paid`."""
    if event.total_minor:
        await write_later(session, event.shop_id, event.order_id, "received")


async def on_order_paid(session: AsyncSession, event: OrderPaid) -> None:
    await write_later(session, event.shop_id, event.order_id, "paid")


async def on_payment_failed(session: AsyncSession, event: PaymentFailed) -> None:
    """A direct debit came back after days: the buyer has to hear of it. A pay page that was
    only left alone is nothing to write about."""
    order_id = order_id_of(event.reference)
    if event.reason == "failed" and order_id is not None:
        order = await get_order(session, event.shop_id, order_id)
        times = [one for one in await events_of(session, order) if one.what == "payment_failed"]
        if order.state == "placed":
            await write_later(session, event.shop_id, order_id, "failed", mark=f":{len(times)}")


async def on_order_ready(session: AsyncSession, event: OrderReady) -> None:
    await _write_of_parcel(session, event, "ready")


async def on_order_cancelled(session: AsyncSession, event: OrderCancelled) -> None:
    """Who gave the order up themselves knows it, and what the shop ends by itself is told with its
    reason (`on_goods_gone`)."""
    if event.by not in ("customer", "system"):
        await write_later(session, event.shop_id, event.order_id, "cancelled")


async def on_goods_gone(session: AsyncSession, event: GoodsWereGone) -> None:
    await write_later(session, event.shop_id, event.order_id, "gone")


async def on_order_corrected(session: AsyncSession, event: OrderCorrected) -> None:
    """On a durable medium, whoever mended it: nobody else's slip may slip in."""
    order = await get_order(session, event.shop_id, event.order_id)
    times = [one for one in await events_of(session, order) if one.what == "corrected"]
    await write_later(
        session, event.shop_id, event.order_id, "corrected", mark=f":{len(times)}"
    )  # fmt: skip


async def on_order_changed(session: AsyncSession, event: OrderChanged) -> None:
    await _write_about_change(session, event, "changed")


async def on_change_waits(session: AsyncSession, event: OrderChangeWaits) -> None:
    await _write_about_change(session, event, "change_waits")


async def on_change_dropped(session: AsyncSession, event: OrderChangeDropped) -> None:
    """Who has decided so themselves knows it."""
    if event.by != "customer":
        await _write_about_change(session, event, "change_dropped")


async def _write_about_change(
    session: AsyncSession, event: OrderChanged | OrderChangeWaits | OrderChangeDropped, kind: str
) -> None:
    await write_later(
        session, event.shop_id, event.order_id, kind, mark=f":{event.change_id}",
        change_id=event.change_id,
    )  # fmt: skip


async def on_order_sent(session: AsyncSession, event: OrderSent) -> None:
    await _write_of_parcel(session, event, "sent")


async def on_parcel_tracked(session: AsyncSession, event: ParcelTracked) -> None:
    """Written only if the letter about the parcel had nothing to follow yet."""
    await _write_of_parcel(session, event, "tracking")


async def on_order_delivered(session: AsyncSession, event: OrderDelivered) -> None:
    """Who has said so herself knows it."""
    if event.by != "customer":
        await _write_of_parcel(session, event, "delivered")


async def on_shipment_undone(session: AsyncSession, event: ShipmentUndone) -> None:
    """Written only where the letter about the parcel has gone out."""
    await _write_of_parcel(session, event, "undone")


async def on_review_due(session: AsyncSession, event: ReviewDue) -> None:
    await write_later(session, event.shop_id, event.order_id, "review")


async def _write_of_parcel(
    session: AsyncSession,
    event: OrderReady | OrderSent | ParcelTracked | OrderDelivered | ShipmentUndone,
    kind: str,
) -> None:
    await write_later(
        session, event.shop_id, event.order_id, kind, mark=f":{event.shipment_id}",
        shipment_id=event.shipment_id,
    )  # fmt: skip


async def on_order_refunded(session: AsyncSession, event: OrderRefunded) -> None:
    """One that came back from the bank and is made again is told again; what belongs to a change
    stands in its letter."""
    if event.change_id is not None:
        return
    order = await get_order(session, event.shop_id, event.order_id)
    times = [one for one in await events_of(session, order) if one.what == "refunded"]
    await write_later(
        session, event.shop_id, event.order_id, "refunded", amount_minor=event.amount_minor,
        mark=f":{len(times)}",
    )  # fmt: skip


async def write_later(
    session: AsyncSession,
    shop_id: int,
    order_id: int,
    kind: str,
    *,
    amount_minor: int = 0,
    mark: str = "",
    change_id: int | None = None,
    shipment_id: int | None = None,
) -> None:
    """What may happen several times is told apart by its `mark`; everything else is told once."""
    about = f"order:{order_id}:{kind}{mark}"
    args = {"shop_id": shop_id, "order_id": order_id, "kind": kind, "amount_minor": amount_minor,
            "about": about, "change_id": change_id, "shipment_id": shipment_id}  # fmt: skip
    # One after another for each order, so that they arrive in the order of what happened.
    await enqueue(session, write_letter, args, key=about, lock=f"letters:{order_id}")
