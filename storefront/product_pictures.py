"""A product's pictures, in their order, each with words for those who cannot see it."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.errors import InvalidForm
from core.pictures import ReadPicture, keep_picture
from storefront.catalogue import pictures_of
from storefront.errors import ProductUnknown
from storefront.models import Product, ProductPicture
from storefront.products import product_changed

MOST = 12
_WORDS_MISSING = "Describe the picture in a few words, for those who cannot see it."


async def add_picture(
    session: AsyncSession, product: Product, read: ReadPicture, *, alt: str = "", now: datetime
) -> ProductPicture:
    """Raises InvalidForm (enough of them, or no words)."""
    pictures = await pictures_of(session, product)
    if len(pictures) >= MOST:
        raise InvalidForm({"pictures": "Twelve pictures of one product are enough."})
    if not alt and product.state == "live":
        raise InvalidForm({"alt": _WORDS_MISSING})
    kept = await keep_picture(session, product.shop_id, read)
    picture = ProductPicture(
        shop_id=product.shop_id, product_id=product.key, digest=kept.digest, alt=alt,
        position=max((one.position for one in pictures), default=0) + 1,
    )  # fmt: skip
    session.add(picture)
    await product_changed(session, product, now=now)
    return picture


async def find_picture(session: AsyncSession, product: Product, picture_id: int) -> ProductPicture:
    picture = await session.get(ProductPicture, picture_id)
    if picture is None or picture.product_id != product.id:
        raise ProductUnknown()
    return picture


async def describe_picture(
    session: AsyncSession, product: Product, picture_id: int, alt: str, *, now: datetime
) -> None:
    """A picture of something on sale cannot lose its words."""
    picture = await find_picture(session, product, picture_id)
    if not alt and product.state == "live":
        raise InvalidForm({"alt": _WORDS_MISSING})
    picture.alt = alt
    session.add(picture)
    await product_changed(session, product, now=now)


async def show_first(
    session: AsyncSession, product: Product, picture_id: int, *, now: datetime
) -> None:
    picture = await find_picture(session, product, picture_id)
    query = select(ProductPicture).where(col(ProductPicture.product_id) == product.key)
    first = min(one.position for one in (await session.exec(query)).all())
    picture.position = first - 1
    session.add(picture)
    await product_changed(session, product, now=now)


async def remove_picture(
    session: AsyncSession, product: Product, picture_id: int, *, now: datetime
) -> None:
    """The picture itself stays: messages and orders may show it."""
    await session.delete(await find_picture(session, product, picture_id))
    await product_changed(session, product, now=now)
