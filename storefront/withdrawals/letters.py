"""Letters about a case: received, accepted with the way back, rejected, goods here."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.jobs import enqueue
from core.pages import Pages
from core.shops import Shop, get_shop
from storefront.events import (
    ReturnArrived,
    WithdrawalAccepted,
    WithdrawalReceived,
    WithdrawalRejected,
)
from storefront.legal import blocks, legal_text
from storefront.letters.writing import is_written, post_letter
from storefront.notes import exact_time
from storefront.orders.finding import get_order, status_link
from storefront.orders.models import Order
from storefront.storefronts import find_storefront
from storefront.times import now_of
from storefront.withdrawals.deadlines import deadline, send_back_until
from storefront.withdrawals.finding import find_label, get_case
from storefront.withdrawals.goods import goods_of
from storefront.withdrawals.models import Withdrawal
from storefront.withdrawals.worth import worth_of

SUBJECTS = {
    ("accepted", True): "Your withdrawal: how it goes on",
    ("accepted", False): "Your return: how it goes on",
    ("rejected", True): "About your withdrawal",
    ("rejected", False): "About your return",
    ("arrived", True): "Your goods have arrived",
    ("arrived", False): "Your goods have arrived",
}
"""By what is told and whether it is a withdrawal."""


async def on_withdrawal_received(session: AsyncSession, event: WithdrawalReceived) -> None:
    await enqueue(
        session, write_withdrawal_receipt,
        {"shop_id": event.shop_id, "withdrawal_id": event.withdrawal_id,
         "order_id": event.order_id},
        key=f"letter:withdrawal:{event.withdrawal_id}",
        run_at=now_of(session) + timedelta(seconds=event.delay) if event.delay else None,
    )  # fmt: skip


async def on_withdrawal_accepted(session: AsyncSession, event: WithdrawalAccepted) -> None:
    await _write_later(session, event.shop_id, event.withdrawal_id, "accepted")


async def on_withdrawal_rejected(session: AsyncSession, event: WithdrawalRejected) -> None:
    await _write_later(session, event.shop_id, event.withdrawal_id, "rejected")


async def on_return_arrived(session: AsyncSession, event: ReturnArrived) -> None:
    await _write_later(session, event.shop_id, event.withdrawal_id, "arrived")


async def _write_later(session: AsyncSession, shop_id: int, case_id: int, kind: str) -> None:
    await enqueue(
        session, write_case_letter, {"shop_id": shop_id, "withdrawal_id": case_id, "kind": kind},
        key=f"withdrawal:{case_id}:{kind}", lock=f"withdrawal-letters:{case_id}",
    )  # fmt: skip


async def write_withdrawal_receipt(
    db: Database,
    pages: Pages,
    clock: Clock,
    origin: str,
    *,
    shop_id: int,
    withdrawal_id: int,
    order_id: int | None = None,
) -> None:
    """Job. §356a BGB: at once, on a durable medium, with content, date and time. `order_id` is
    known of what was declared on the order's own page; of all else it says the same whether or not
    it fits an order."""
    about = f"withdrawal:{withdrawal_id}"
    async with db.transaction() as session:
        if await is_written(session, shop_id, about):
            return
        shop = await get_shop(session, shop_id)
        declared = await get_case(session, shop_id, withdrawal_id)
        context = await _frame(session, pages, shop, declared, origin)
        if order_id is not None:
            order = await get_order(session, shop_id, order_id)
            context["link"] = status_link(origin, shop, order)
        subject = pages.translator(declared.locale)("We have received your withdrawal")
        await post_letter(
            session, pages, shop, recipient=declared.email, subject=subject,
            locale=declared.locale, kind="withdrawal", about=about, context=context, now=clock(),
        )  # fmt: skip


async def write_case_letter(
    db: Database,
    pages: Pages,
    clock: Clock,
    origin: str,
    *,
    shop_id: int,
    withdrawal_id: int,
    kind: str,
) -> None:
    """Job. Written once, in the state the case is in when it is written."""
    about = f"withdrawal:{withdrawal_id}:{kind}"
    async with db.transaction() as session:
        if await is_written(session, shop_id, about):
            return
        shop = await get_shop(session, shop_id)
        case = await get_case(session, shop_id, withdrawal_id)
        context = await _frame(session, pages, shop, case, origin)
        if case.order_id is not None:
            order = await get_order(session, shop_id, case.order_id)
            link = status_link(origin, shop, order)
            context |= await _about_order(session, shop, case, order, link, now=clock())
            # Filed by staff, it may be somebody else's order: no way in for whom is refused.
            if kind != "rejected" or case.email == order.email.lower():
                context["link"] = link
        subject = pages.translator(case.locale)(SUBJECTS[kind, case.is_lawful])
        await post_letter(
            session, pages, shop, recipient=case.email, subject=subject, locale=case.locale,
            kind=f"case_{kind}", about=about, context=context, now=clock(),
        )  # fmt: skip


async def _frame(
    session: AsyncSession, pages: Pages, shop: Shop, case: Withdrawal, origin: str
) -> dict[str, Any]:
    window = await find_storefront(session, shop.key)
    imprint = blocks(legal_text(pages, "imprint", shop, window, case.locale))
    return {
        "shop": shop, "storefront": window, "declared": case, "origin": origin, "order": None,
        "received": exact_time(case.received_at, shop, case.locale),
        "texts": {"imprint": imprint}, "link": None,
    }  # fmt: skip


async def _about_order(
    session: AsyncSession, shop: Shop, case: Withdrawal, order: Order, link: str, *, now: datetime
) -> dict[str, Any]:
    has_pdf = await find_label(session, case) is not None
    return {
        "order": order,
        "goods": await goods_of(session, case),
        "worth": await worth_of(session, order, case, now=now),
        "label": f"{link}/returns/{case.key}/label.pdf" if has_pdf else case.label_link,
        "send_until": send_back_until(case, shop.timezone),
        "deadline": deadline(case, shop.timezone, now=now),
    }
