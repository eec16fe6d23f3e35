"""Shops in currencies that count differently, with prices and discounts that do not divide."""

from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.money import Money
from core.shops import Shop, open_shop
from core.vault import Vault
from payments.accounts import keep_account
from promotions.deals import create_deal
from promotions.issuing import create_code
from storefront.invoices.forms import SellerForm
from storefront.invoices.sellers import save_seller
from storefront.packing import put_part
from storefront.storefronts import edit_storefront
from tests.orders_and_money.bank import Merchant
from tests.storefront.bills import DETAILS
from tests.storefront.goods import a_product

CODE, CODE_USES = "NEUN", 2
CODE_OF_EACH = "JEDEMEINMAL"


@dataclass(frozen=True, slots=True)
class Wares:
    """Prices in minor units; `at_stripe` is what one of them is in Stripe's numbers."""

    currency: str
    rose: int
    vase: int
    card: int
    gift: int
    shipping: int
    at_stripe: int = 1

    @property
    def smallest(self) -> int:
        """In minor units: what an amount has to be a multiple of for Stripe."""
        return 10 if self.currency == "KWD" else 1


# KWD has three decimals, but Stripe takes amounts only that end in 0; ISK has none, and Stripe
# counts it in hundredths.
WARES = {
    one.currency: one
    for one in (
        Wares("EUR", rose=333, vase=1999, card=101, gift=2477, shipping=490),
        Wares("JPY", rose=337, vase=1999, card=101, gift=2477, shipping=493),
        Wares("KWD", rose=1110, vase=6670, card=330, gift=8230, shipping=1490),
        Wares("ISK", rose=497, vase=2999, card=151, gift=3691, shipping=733, at_stripe=100),
        Wares("HUF", rose=133_337, vase=799_901, card=40_499, gift=987_671, shipping=199_003),
    )
}
PIECES = {"rose": 9, "vase": 2, "card": 30}
IN_A_GIFT = {"rose": 2, "vase": 1}
ON_SALE = ("card", "gift", "rose", "vase")
TAXES = {"rose": 700, "vase": 1900, "card": 1900, "gift": 1900}


@dataclass(frozen=True, slots=True)
class Stocked:
    """An open shop; `variants` are the ids of its goods by name."""

    shop: Shop
    merchant: Merchant
    wares: Wares
    variants: dict[str, int]

    @property
    def key(self) -> int:
        return self.shop.key

    def __repr__(self) -> str:
        return f"<shop in {self.wares.currency}>"


async def open_with_goods(db: Database, vault: Vault, clock: Clock, currency: str) -> Stocked:
    merchant, wares = Merchant(currency.lower()), WARES[currency]
    async with db.transaction() as session:
        shop = await open_shop(
            session, merchant.slug, f"Blumen in {currency}", currency=currency, now=clock()
        )
        await edit_storefront(
            session, shop.key, shipping_fee_minor=wares.shipping, pickup_offered=True,
            return_address="Blumen am Markt\nMarktplatz 3\n99999 Musterstadt",
        )  # fmt: skip
        await keep_account(
            session, vault, shop.key, key=SecretStr(merchant.key),
            webhook_secret=SecretStr(merchant.secret), path_token=merchant.path_token,
            now=clock(),
        )  # fmt: skip
        await save_seller(session, shop.key, SellerForm.read(DETAILS))
        variants = await _shelve(session, shop, wares, clock)
        await _reduce(session, shop, clock)
    return Stocked(shop, merchant, wares, variants)


async def _shelve(session: AsyncSession, shop: Shop, wares: Wares, clock: Clock) -> dict[str, int]:
    variants: dict[str, int] = {}
    for name in ON_SALE:
        price: Any = getattr(wares, name)
        _, variant = await a_product(
            session, shop, name, price=price, pieces=PIECES.get(name, 0), tax_bp=TAXES[name],
            now=clock(),
        )  # fmt: skip
        variants[name] = variant.key
    for part, pieces in IN_A_GIFT.items():
        await put_part(
            session, shop.key, variants["gift"], variants[part], pieces, now=clock()
        )  # fmt: skip
    return variants


async def _reduce(session: AsyncSession, shop: Shop, clock: Clock) -> None:
    """Seven percent off from a certain worth on, nine with a code that can be used twice, or with
    one that everybody can use once."""
    least = Money(WARES[shop.currency].vase, shop.currency)
    await create_deal(
        session, shop.key, title="7 %", kind="percent", currency=shop.currency, percent=7,
        minimum=least, now=clock(),
    )  # fmt: skip
    deal = await create_deal(
        session, shop.key, title="9 %", kind="percent", currency=shop.currency, percent=9,
        needs_code=True, now=clock(),
    )  # fmt: skip
    await edit_storefront(session, shop.key, apology_deal_id=deal.key)
    await create_code(session, shop.key, deal.key, code=CODE, total_limit=CODE_USES, now=clock())
    await create_code(
        session, shop.key, deal.key, code=CODE_OF_EACH, per_customer_limit=1, now=clock()
    )  # fmt: skip
