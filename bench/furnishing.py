"""The shop that is measured: sixty products with pictures, two deals, a connected page."""

from datetime import datetime
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw
from pydantic import SecretStr
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

import app.tables  # noqa: F401 - SQLModel.metadata holds what was imported
from app.reactions import REACTIONS
from bench.names import (
    CODE,
    PAGE_ID,
    SECRET_KEY,
    SLUG,
    STRIPE_KEY,
    STRIPE_PATH,
    STRIPE_WEBHOOK_SECRET,
)
from core.clock import utc_now
from core.database import Database
from core.engines import open_engine
from core.money import Money
from core.pictures import keep_picture, read_picture
from core.shops import Shop, open_shop
from core.vault import Vault
from meta.models import MetaPage
from payments.accounts import keep_account
from promotions.deals import create_deal
from promotions.issuing import create_code
from storefront.invoices.models import InvoiceSeller
from storefront.models import Variant
from storefront.product_pictures import add_picture
from storefront.products import create_product, set_state
from storefront.stocktaking import adjust
from storefront.storefronts import edit_storefront
from storefront.variants import add_variant

KINDS = ("Rosen", "Tulpen", "Pfingstrosen", "Lilien", "Nelken", "Dahlien", "Astern", "Freesien",
         "Gerbera", "Hortensien", "Ranunkeln", "Sonnenblumen")  # fmt: skip
MANNERS = ("Strauß", "im Topf", "im Glas", "Kranz", "Gesteck")
PLENTY = 1_000_000
SIZES = (("klein", 1490), ("mittel", 2490), ("groß", 3990))


async def furnish(path: Path) -> None:
    """Into a file that is not there yet, by the same verbs the counter uses. Afterwards the file
    alone holds everything and can be copied."""
    db = open_database(f"sqlite:///{path}")
    try:
        async with db.writer.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)
        await fill(db, now=utc_now())
    finally:
        await db.close()


def open_database(url: str) -> Database:
    """With all reactions, and jobs that nobody works on here."""
    db = Database(url, reactions=REACTIONS)
    db.provide("jobs", open_engine(db, {}, clock=utc_now))
    db.provide("clock", utc_now)
    return db


async def fill(db: Database, *, now: datetime) -> Shop:
    async with db.transaction() as session:
        shop = await open_shop(session, SLUG, "Blumen am Markt", now=now)
        await _window(session, shop)
        await _connect(session, shop, now=now)
    for number in range(len(KINDS) * len(MANNERS)):
        async with db.transaction() as session:
            await _put_on_sale(session, shop, number, now=now)
    return shop


async def open_till(url: str) -> None:
    """A migrated PostgreSQL database becomes the same shop, ready to take money: with Stripe
    connected, all that an invoice needs, a code, and shelves no bench can empty."""
    db, now = open_database(url), utc_now()
    try:
        shop = await fill(db, now=now)
        async with db.transaction() as session:
            await keep_account(
                session, Vault(SecretStr(SECRET_KEY)), shop.key, key=SecretStr(STRIPE_KEY),
                webhook_secret=SecretStr(STRIPE_WEBHOOK_SECRET), path_token=STRIPE_PATH, now=now,
            )  # fmt: skip
            session.add(
                InvoiceSeller(
                    shop_id=shop.key, name="Blumen am Markt", street="Marktplatz 3",
                    postcode="99999", town="Musterstadt", vat_id="DE999999999",
                )
            )  # fmt: skip
            deal = await create_deal(
                session, shop.key, title="10 % für neue Kunden", kind="percent", percent=10,
                currency=shop.currency, needs_code=True, now=now,
            )  # fmt: skip
            await create_code(session, shop.key, deal.key, code=CODE, per_customer_limit=1, now=now)
            for variant_id in (await session.exec(select(Variant.id))).all():
                assert variant_id is not None
                await adjust(
                    session, shop.key, variant_id, PLENTY, reason="delivery", by="bench", now=now
                )
    finally:
        await db.close()


async def _window(session: AsyncSession, shop: Shop) -> None:
    cover = await keep_picture(session, shop.key, await read_picture(picture(0, (410, 180))))
    await edit_storefront(
        session, shop.key, cover_digest=cover.digest, shipping_fee_minor=590,
        welcome="Jeden Morgen frisch vom Großmarkt, von Hand gebunden.",
    )  # fmt: skip


async def _put_on_sale(session: AsyncSession, shop: Shop, number: int, *, now: datetime) -> None:
    """One in four has three sizes, one in twenty is sold out."""
    kind, manner = KINDS[number % len(KINDS)], MANNERS[number // len(KINDS)]
    product = await create_product(
        session, shop.key, f"{kind} {manner}", tax_bp=700, safety_exempt=True, now=now,
        description=f"{kind}, heute früh geschnitten und von Hand gebunden. Hält gut eine Woche.",
    )  # fmt: skip
    sizes = SIZES if number % 4 == 0 else SIZES[1:2]
    for name, price in sizes:
        await add_variant(
            session, shop, product, name=name if len(sizes) > 1 else "", now=now,
            price=Money(price + number * 10, shop.currency), pieces=0 if number % 20 == 19 else 50,
        )  # fmt: skip
    await add_picture(
        session, product, await read_picture(picture(number + 1)), alt=f"{kind} {manner}", now=now
    )
    await set_state(session, shop.key, product.key, "live", now=now)


async def _connect(session: AsyncSession, shop: Shop, *, now: datetime) -> None:
    await create_deal(
        session, shop.key, title="Versand geschenkt ab 40 €", kind="shipping",
        currency=shop.currency, minimum=Money(4000, shop.currency), now=now,
    )  # fmt: skip
    sealed = Vault(SecretStr(SECRET_KEY)).seal(SecretStr("bench-page-token"))
    session.add(
        MetaPage(
            shop_id=shop.key, page_id=PAGE_ID, page_name=shop.name, sealed_token=sealed,
            scopes=["pages_messaging"], connected_at=now,
        )
    )  # fmt: skip


def picture(number: int, size: tuple[int, int] = (240, 240)) -> bytes:
    """A different one for every number, drawn in a moment."""
    image = Image.new("RGB", size, (90 + number * 2, 200 - number * 2, 120))
    ImageDraw.Draw(image).ellipse((20, 20, size[1] - 20, size[1] - 20), fill=(250, 90 + number, 90))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
