"""Invoice numbers: one circle for each shop and year, without a gap."""

from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.invoices.models import InvoiceCounter
from storefront.storefronts import count_up


async def next_number(session: AsyncSession, shop_id: int, year: int) -> int:
    return await count_up(session, InvoiceCounter, shop_id=shop_id, year=year)


def number_text(prefix: str, year: int, running: int) -> str:
    """`2026-000123`, or `RE-2026-000123` with the shop's prefix."""
    number = f"{year}-{running:06d}"
    return f"{prefix}-{number}" if prefix else number
