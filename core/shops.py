"""Shops: the rows everything else belongs to. One installation can hold several."""

from datetime import datetime

from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.columns import UtcDateTime
from core.errors import NotFound


class Shop(SQLModel, table=True):
    """A tenant. Its page, its Stripe keys and its wares are rows of the rooms above."""

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True, max_length=60)
    name: str = Field(max_length=120)
    currency: str = Field(default="EUR", max_length=3)
    locale: str = Field(default="de", max_length=5)
    timezone: str = Field(default="Europe/Berlin", max_length=60)
    created_at: datetime = Field(sa_type=UtcDateTime)

    @property
    def key(self) -> int:
        """The id of a stored shop."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id


class UnknownShop(NotFound):
    sentence = "There is no shop at this address."


async def find_shop(session: AsyncSession, slug: str) -> Shop:
    shop = (await session.exec(select(Shop).where(col(Shop.slug) == slug))).first()
    if shop is None:
        raise UnknownShop()
    return shop


async def get_shop(session: AsyncSession, shop_id: int) -> Shop:
    shop = await session.get(Shop, shop_id)
    if shop is None:
        raise UnknownShop()
    return shop


async def is_only_shop(session: AsyncSession) -> bool:
    """What belongs to the house and to no shop is shown to staff only where the two are one."""
    return len((await session.exec(select(Shop.id).limit(2))).all()) == 1


async def open_shop(
    session: AsyncSession,
    slug: str,
    name: str,
    *,
    now: datetime,
    currency: str = "EUR",
    locale: str = "de",
    timezone: str = "Europe/Berlin",
) -> Shop:
    shop = Shop(slug=slug, name=name, currency=currency, locale=locale, timezone=timezone,
                created_at=now)  # fmt: skip
    session.add(shop)
    await session.flush()
    return shop
