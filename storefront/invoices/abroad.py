"""What went to consumers in other EU countries: from 10,000 euros net a year on, the VAT of where
it goes is owed (Art. 59c VAT Directive, §3c Abs. 4 UStG)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from stdnum.eu.vat import MEMBER_STATES

from core.money import Money
from storefront.invoices.models import Invoice
from storefront.orders.models import Order

THRESHOLD = Money(1_000_000, "EUR")
# Northern Ireland has VAT IDs of the EU's, and goods sent there count as goods for the EU.
EU = frozenset(one.upper() for one in MEMBER_STATES)


@dataclass(frozen=True, slots=True)
class Abroad:
    """Net, by country, the most first."""

    year: int
    countries: Sequence[tuple[str, Money]]

    @property
    def total(self) -> Money:
        return Money(sum(one.minor for _, one in self.countries), "EUR")

    @property
    def is_above(self) -> bool:
        return self.total.minor > THRESHOLD.minor


async def sold_abroad(session: AsyncSession, shop_id: int, home: str, year: int) -> Abroad:
    """Businesses with a VAT ID are no distance sales."""
    net = func.sum(col(Invoice.total_minor) - col(Invoice.tax_minor))
    query = (
        select(Order.country, net)
        .join(Order, col(Order.id) == col(Invoice.order_id))
        .select_from(Invoice)
        .where(
            col(Invoice.shop_id) == shop_id,
            col(Invoice.year) == year,
            col(Invoice.currency) == "EUR",
            col(Order.vat_id) == "",
            col(Order.country).in_(EU - {home}),
        )
        .group_by(col(Order.country))
    )
    found = [(country, Money(int(minor), "EUR"))
             for country, minor in (await session.exec(query)).all()]  # fmt: skip
    return Abroad(year, sorted(found, key=lambda one: (-one[1].minor, one[0])))
