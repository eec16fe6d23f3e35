"""A shop with something on its shelves, and buyers who come with nothing but a link."""

import html
import io
import re
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from PIL import Image
from sqlmodel import col, select

from core.money import Money
from core.pictures import read_picture
from core.shops import Shop
from promotions.deals import create_deal
from promotions.issuing import create_code
from promotions.models import CouponCode, Deal
from sandbox.webhooks import SENDER
from storefront.models import Order, Product, Variant
from storefront.product_pictures import add_picture
from storefront.products import create_product, set_state
from storefront.storefronts import edit_storefront
from storefront.variants import add_variant
from tests.opened import House

ADDRESS = {
    "name": "Anna Blum", "email": "anna@example.org", "street": "Gartenweg 3",
    "postcode": "01067", "town": "Dresden", "country": "DE",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Goods:
    """Roses come in two sizes, the orchid in one, and of the wreath there is none left."""

    roses: Product
    dozen: Variant
    two_dozen: Variant
    orchid: Product
    one_orchid: Variant
    wreath: Product
    deal: Deal
    code: CouponCode


def small_picture(colour: str = "red") -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (40, 40), colour).save(stream, "PNG")
    return stream.getvalue()


WARES = ("Rote Rosen", "Orchidee", "Trockenblumenkranz")


async def stock(
    house: House,
    shop: Shop | None = None,
    wares: tuple[str, str, str] = WARES,
    code: str = "ROSEN10",
) -> Goods:
    """Ten percent with the code from 20 euros on; shipping costs 4.90."""
    shop, now = shop or house.shop, house.now()
    picture = await read_picture(small_picture())
    async with house.db.transaction() as session:
        await edit_storefront(
            session, shop.key, shipping_fee_minor=490, imprint="Blumen am Markt, Marktplatz 3"
        )

        async def shelve(name: str, *sizes: tuple[str, int, int]) -> tuple[Product, list[Variant]]:
            product = await create_product(session, shop.key, name, tax_bp=700, now=now)
            variants = [
                await add_variant(session, shop, product, name=size, sku=f"{name}-{size}"[:40],
                                  price=Money(price, "EUR"), pieces=pieces, now=now)
                for size, price, pieces in sizes
            ]  # fmt: skip
            await set_state(session, shop.key, product.key, "live", now=now)
            return product, variants

        roses, (dozen, two_dozen) = await shelve(
            wares[0], ("12 Stück", 3600, 20), ("24 Stück", 6600, 8)
        )
        await add_picture(session, roses, picture, alt="Zwölf rote Rosen", now=now)
        orchid, (one_orchid,) = await shelve(wares[1], ("", 1990, 5))
        wreath, _ = await shelve(wares[2], ("", 3900, 0))
        deal = await create_deal(
            session, shop.key, title="10 % auf alles", text="Nur im Herbst.", kind="percent",
            currency="EUR", percent=10, minimum=Money(2000, "EUR"), needs_code=True, now=now,
        )  # fmt: skip
        made = await create_code(session, shop.key, deal.key, code=code, now=now)
    return Goods(roses, dozen, two_dozen, orchid, one_orchid, wreath, deal, made)


class Buyer:
    """A browser of somebody's own."""

    def __init__(self, house: House, language: str = "en") -> None:
        self.house = house
        headers = {"Origin": house.plan.product_url, "Accept": "text/html",
                   "Accept-Language": language}  # fmt: skip
        jar = aiohttp.CookieJar(unsafe=True)
        self.http = aiohttp.ClientSession(cookie_jar=jar, headers=headers)

    async def __aenter__(self) -> "Buyer":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.http.close()

    async def look(self, path: str, status: int = 200) -> str:
        async with self.http.get(self._at(path), allow_redirects=False) as answer:
            text = html.unescape(await answer.text())
            assert answer.status == status, f"{answer.status} {path}\n{text[:2000]}"
            return text

    async def send(self, path: str, status: int = 303, **fields: Any) -> str:
        """Where it leads."""
        data = {name: str(value) for name, value in fields.items()}
        async with self.http.post(self._at(path), data=data, allow_redirects=False) as answer:
            text = await answer.text()
            assert answer.status == status, f"{answer.status} {path}\n{text[:2000]}"
            return answer.headers.get("Location", "")

    def _at(self, path: str) -> str:
        return path if path.startswith("http") else self.house.at(path)

    async def place(self, base: str, **more: str) -> str:
        """From the order page to Stripe's; `base` is the shop with the visit in it."""
        page = await self.look(f"{base}order")
        hidden = dict(re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', page))
        return await self.send(f"{base}order/place", **(ADDRESS | hidden | more))

    async def buy(self, variant: Variant, shop: Shop | None = None, **more: str) -> Order:
        """Placed and paid for."""
        slug = (shop or self.house.shop).slug
        basket = await self.send(f"/s/{slug}/basket/add", variant=variant.key, quantity=1)
        await self.pay(await self.place(basket.removesuffix("basket"), **more))
        return await last_order(self.house)

    async def pay(self, pay_page: str) -> None:
        session_id = urlsplit(pay_page).path.rsplit("/", 1)[1]
        way = f"{self.house.plan.sandbox_url}/control/stripe/sessions/{session_id}/pay"
        async with self.http.post(way) as answer:
            assert answer.status == 200, await answer.text()
        await settle(self.house)


async def settle(house: House) -> None:
    """Until all webhooks have come in and all jobs that are due have run."""
    for _ in range(3):
        await house.sandbox[SENDER].settled()
        await house.settle()


async def last_order(house: House) -> Order:
    async with house.db.reading() as session:
        return (await session.exec(select(Order).order_by(col(Order.id).desc()).limit(1))).one()
