"""Invoice numbers: one circle for each shop and year, without a gap."""

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from storefront.invoices.models import InvoiceCounter
from storefront.storefronts import insert_or_leave


async def next_number(session: AsyncSession, shop_id: int, year: int) -> int:
    """A transaction that is rolled back gives its number back: the row stays locked until then."""
    await insert_or_leave(session, InvoiceCounter, shop_id=shop_id, year=year, last=0)
    raised = await session.exec(
        update(InvoiceCounter)
        .where(col(InvoiceCounter.shop_id) == shop_id, col(InvoiceCounter.year) == year)
        .values(last=col(InvoiceCounter.last) + 1)
        .returning(col(InvoiceCounter.last))
        .execution_options(synchronize_session=False)
    )
    number: int = raised.one()[0]
    return number


def number_text(prefix: str, year: int, running: int) -> str:
    """`2026-000123`, or `RE-2026-000123` with the shop's prefix."""
    number = f"{year}-{running:06d}"
    return f"{prefix}-{number}" if prefix else number
