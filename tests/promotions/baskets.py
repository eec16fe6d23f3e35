"""Baskets and rules for tests."""

from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from core.money import Money
from promotions.deals import create_deal
from promotions.issuing import create_code
from promotions.models import CouponCode
from promotions.pricing import PriceLine, Rule


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def line(product_id: int, unit: int, quantity: int = 1, tax_bp: int = 1900) -> PriceLine:
    return PriceLine(product_id * 10, product_id, quantity, eur(unit), tax_bp)


def percent(deal_id: int, value: int, *products: int, **more: Any) -> Rule:
    return Rule(deal_id, f"Deal {deal_id}", "percent", percent=value,
                product_ids=frozenset(products), **more)  # fmt: skip


def amount(deal_id: int, minor: int, *products: int, **more: Any) -> Rule:
    return Rule(deal_id, f"Deal {deal_id}", "amount", amount=eur(minor),
                product_ids=frozenset(products), **more)  # fmt: skip


def free_shipping(deal_id: int, **more: Any) -> Rule:
    return Rule(deal_id, f"Deal {deal_id}", "shipping", **more)


async def a_code(
    session: AsyncSession, shop_id: int, *, now: datetime, code: str = "ROSEN10", **limits: Any
) -> CouponCode:
    deal = await create_deal(
        session, shop_id, title="Zehn Prozent auf Rosen", kind="percent", percent=10,
        currency="EUR", needs_code=True, now=now,
    )  # fmt: skip
    return await create_code(session, shop_id, deal.key, code=code, now=now, **limits)
