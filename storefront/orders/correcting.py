"""Slips mended before anything is sent: who gets an order, where, when, and what the card says.

Prices, goods and the country (taxes hang on it) stay as they were agreed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlmodel.ext.asyncio.session import AsyncSession

from core.events import record
from core.shops import Shop
from storefront.errors import OrderChangedMeanwhile, TooLateToCorrect
from storefront.events import OrderCorrected
from storefront.forms import CorrectionForm
from storefront.models import Storefront
from storefront.orders.models import Order, OrderEvent
from storefront.orders.paying import want_attention
from storefront.orders.states import lock_order, note
from storefront.shipping.days import check_calendar, check_day
from storefront.storefronts import find_storefront

FIELDS = ("name", "company", "vat_id", "email", "phone", "recipient", "street", "postcode", "town", "wish_date",
          "card_text", "remark")  # fmt: skip
OWN_FIELDS = tuple(name for name in FIELDS if name != "email")
"""What buyers may mend themselves: with the address of the letters anybody who has come by the
link could make the order theirs."""

_PICKED_UP = frozenset({"recipient", "street", "postcode", "town"})


@dataclass(frozen=True, slots=True)
class Mended:
    """One field, as text."""

    field: str
    before: str
    after: str


def fields_of(order: Order, names: Sequence[str] = FIELDS) -> list[str]:
    """What can be wrong in it: who picks up has given no address."""
    return [name for name in names if order.delivery != "pickup" or name not in _PICKED_UP]


def is_correctable(order: Order) -> bool:
    """Until it is on its way, or lies ready."""
    return order.state in ("placed", "confirmed") and not (order.shipped_at or order.ready_at)


def own_corrections_until(order: Order, window: Storefront) -> datetime | None:
    """How long buyers may mend it themselves; None if they may not."""
    if not is_correctable(order) or not window.own_correction_hours:
        return None
    return order.placed_at + timedelta(hours=window.own_correction_hours)


def fingerprint(order: Order) -> str:
    """Of what was looked at: who mends an order somebody else has just mended is told so."""
    told = json.dumps([_text(order, name) for name in FIELDS])
    return sha256(told.encode()).hexdigest()[:16]


async def correct(
    session: AsyncSession,
    shop: Shop,
    order_id: int,
    form: CorrectionForm,
    *,
    by: str,
    now: datetime,
) -> list[Mended]:
    """By staff. What is the same stays; nothing different is nothing done.

    Raises OrderUnknown, TooLateToCorrect, OrderChangedMeanwhile, InvalidForm.
    """
    order = await lock_order(session, shop.key, order_id)
    if not is_correctable(order):
        raise TooLateToCorrect()
    return await _mend(session, shop, order, form, FIELDS, by=by, now=now)


async def correct_own(
    session: AsyncSession, shop: Shop, order_id: int, form: CorrectionForm, *, now: datetime
) -> list[Mended]:
    """By the buyer, within the shop's limit. Somebody may have begun to pack: the team is told.

    Raises as `correct` does.
    """
    order = await lock_order(session, shop.key, order_id)
    until = own_corrections_until(order, await find_storefront(session, shop.key))
    if until is None or now > until:
        raise TooLateToCorrect()
    mended = await _mend(session, shop, order, form, OWN_FIELDS, by="customer", now=now)
    if mended and order.state == "confirmed":
        await want_attention(session, order, "corrected_by_customer", now=now)
    return mended


async def _mend(
    session: AsyncSession,
    shop: Shop,
    order: Order,
    form: CorrectionForm,
    names: Sequence[str],
    *,
    by: str,
    now: datetime,
) -> list[Mended]:
    if form.seen != fingerprint(order):
        raise OrderChangedMeanwhile()
    before = {name: _text(order, name) for name in fields_of(order, names)}
    if form.wish_date != order.wish_date:
        if by == "customer":
            window = await find_storefront(session, shop.key)
            check_day(window, shop, form.wish_date, now=now)
        # The team may promise what the shop's limits would not.
        check_calendar(shop, form.wish_date, now=now)
    for name in before:
        setattr(order, name, getattr(form, name) if name != "email" else form.email or order.email)
    after = {name: _text(order, name) for name in before}
    mended = [Mended(name, before[name], after[name]) for name in before
              if before[name] != after[name]]  # fmt: skip
    if mended:
        told = json.dumps([[one.field, one.before, one.after] for one in mended])
        note(session, order, "corrected", by=by, detail=told, now=now)
        fields = ",".join(one.field for one in mended)
        record(session, OrderCorrected(order.shop_id, order.key, order.customer_id, by, fields))
    return mended


def mended_in(event: OrderEvent) -> list[Mended]:
    """What a line of an order's history mended."""
    return [Mended(*one) for one in json.loads(event.detail)] if event.what == "corrected" else []


def _text(order: Order, name: str) -> str:
    value: str | date | None = getattr(order, name)
    return value.isoformat() if isinstance(value, date) else value or ""
