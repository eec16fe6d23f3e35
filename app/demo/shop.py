"""Furnishes the demo's flower shop: goods, texts, staff, deals."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from app.demo.goods import CUT_FLOWERS, IMPRINT, WARES, Ware
from core.money import Money
from core.pages import Pages
from core.pictures import ReadPicture, keep_picture, read_picture
from core.shops import Shop, open_shop
from promotions.deals import create_deal
from promotions.issuing import create_code
from promotions.models import CouponCode, Deal
from staff.members import hire
from staff.models import Member
from storefront.invoices.models import InvoiceSeller
from storefront.legal import TEXTS, starting_text
from storefront.product_pictures import add_picture
from storefront.products import create_product, set_state
from storefront.storefronts import edit_storefront
from storefront.variants import add_variant

PICTURES = Path(__file__).parent / "pictures"
# Made up, and only on this machine: people may type it, but the demo's door signs in by itself.
OWNER_EMAIL, OWNER_PASSWORD = "mia@blumen-am-markt.example", "blumen-am-markt"


@dataclass(frozen=True, slots=True)
class Furnished:
    shop: Shop
    owner: Member
    spring: Deal
    spring_code: CouponCode


Pictures = Mapping[str, ReadPicture]


async def read_pictures() -> Pictures:
    """All at once, in threads, before the transaction."""
    names = ["logo", "cover", "post-fruehling", *(ware.picture for ware in WARES)]
    return dict(
        zip(
            names, await asyncio.gather(*(read_picture(picture(one)) for one in names)), strict=True
        )
    )


async def furnish(
    session: AsyncSession,
    pages: Pages,
    pictures: Pictures,
    slug: str,
    name: str,
    *,
    now: datetime,
) -> Furnished:
    shop = await open_shop(session, slug, name, now=now)
    await _window(session, pages, pictures, shop)
    session.add(
        InvoiceSeller(shop_id=shop.key, name="Mia Krüger, Blumen am Markt", street="Marktplatz 3",
                      postcode="99999", town="Musterstadt", vat_id="DE999999999")
    )  # fmt: skip
    for ware in WARES:
        await _put_on_sale(session, shop, ware, pictures[ware.picture], now=now)
    owner = await hire(
        session, shop.key, "Mia Krüger", OWNER_EMAIL, "owner", password=OWNER_PASSWORD, now=now
    )
    await hire(session, shop.key, "Jonas Weber", "jonas@blumen-am-markt.example", "agent", now=now)
    spring, code = await _deals(session, pictures, shop, now=now)
    return Furnished(shop, owner, spring, code)


async def _window(session: AsyncSession, pages: Pages, pictures: Pictures, shop: Shop) -> None:
    window = await edit_storefront(session, shop.key, imprint=IMPRINT)
    logo = await keep_picture(session, shop.key, pictures["logo"])
    cover = await keep_picture(session, shop.key, pictures["cover"])
    await edit_storefront(
        session,
        shop.key,
        logo_digest=logo.digest,
        cover_digest=cover.digest,
        welcome="Jeden Morgen frisch vom Großmarkt, von Hand gebunden und noch am selben Tag bei "
        "Ihnen.",
        **{
            page: starting_text(pages, page, shop, window, "de")
            for page in TEXTS
            if page != "imprint"
        },
        contact_email="laden@blumen-am-markt.example",
        contact_phone="0999 123456",
        shipping_fee_minor=590,
        shipping_tax_bp=700,
        free_shipping_from_minor=6000,
        delivery_countries=["DE", "AT"],
        return_address="Blumen am Markt\nMia Krüger\nMarktplatz 3\n99999 Musterstadt",
        pickup_offered=True,
        slip_line_de="Liebe Grüße vom Markt, {name}! Frisch anschneiden, dann halten sie länger.",
        slip_line_en="Warm wishes from the market, {name}! Cut the stems afresh and they last.",
        pickup_text="Marktplatz 3, Montag bis Freitag 8–18 Uhr, Samstag 8–14 Uhr",
    )


async def _put_on_sale(
    session: AsyncSession, shop: Shop, ware: Ware, shown: ReadPicture, *, now: datetime
) -> None:
    product = await create_product(
        session, shop.key, ware.name, description=ware.text, tax_bp=ware.tax_bp,
        safety_exempt=ware.tax_bp != 1900, producer="" if ware.tax_bp != 1900 else IMPRINT,
        no_withdrawal="perishable" if ware.slug in CUT_FLOWERS else "", now=now,
    )  # fmt: skip
    for size in ware.sizes:
        await add_variant(
            session, shop, product, name=size.name if len(ware.sizes) > 1 else "",
            sku=f"{ware.slug}-{size.name}".lower().replace(" ", "-")[:40],
            price=Money(size.price_minor, shop.currency), pieces=size.on_hand, now=now,
        )  # fmt: skip
    await add_picture(session, product, shown, alt=ware.alt, now=now)
    await set_state(session, shop.key, product.key, "live", now=now)


async def _deals(
    session: AsyncSession, pictures: Pictures, shop: Shop, *, now: datetime
) -> tuple[Deal, CouponCode]:
    art = await keep_picture(session, shop.key, pictures["post-fruehling"])
    spring = await create_deal(
        session, shop.key, title="Frische Farben: 10 % auf alles", kind="percent", percent=10,
        currency=shop.currency, needs_code=True, picture_digest=art.digest,
        text="Heute früh kam die erste Kiste Tulpen aus dem Gewächshaus. Diese Woche geben wir "
        "10 % auf jeden Strauß und jede Pflanze.",
        ends_at=now + timedelta(days=7), by="Mia Krüger", now=now,
    )  # fmt: skip
    code = await create_code(session, shop.key, spring.key, code="TULPE10", now=now)
    await create_deal(
        session, shop.key, title="Versand geschenkt ab 40 €", kind="shipping",
        currency=shop.currency, minimum=Money(4000, shop.currency), by="Mia Krüger", now=now,
    )  # fmt: skip
    return spring, code


def picture(name: str) -> bytes:
    return (PICTURES / f"{name}.webp").read_bytes()
