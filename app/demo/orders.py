"""Orders from before you came: placed as customers place them, paid on the sandbox's pay page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from sqlmodel import select

from app.demo.settings import DemoPlan
from core.clock import CLOCK
from core.database import DATABASE
from core.shops import Shop
from payments.clients import STRIPES
from payments.settling import settle_reference
from storefront.basket_filling import put, use_code
from storefront.basket_views import look_at
from storefront.baskets import open_basket
from storefront.forms import OrderForm, WithdrawalForm
from storefront.models import Variant
from storefront.orders.finding import lines_of
from storefront.orders.models import Order
from storefront.orders.placing import place
from storefront.pay_links import pay_link
from storefront.references import reference_of
from storefront.shipping.packing import send
from storefront.withdrawals.receiving import Declaration, declare_for_order


@dataclass(frozen=True, slots=True)
class Bought:
    """`goods` are article numbers with how many of each."""

    name: str
    email: str
    street: str
    goods: Sequence[tuple[str, int]]
    code: str = ""
    card_text: str = ""
    is_paid: bool = True
    is_sent: bool = False
    is_withdrawn: bool = False
    more: dict[str, str] = field(default_factory=dict)


TRACKING = "00340434161094042557"

BOUGHT = (
    Bought(
        "Tobias Brandt", "tobias@kunden.example", "Am Wall 12",
        [("trockenblumenkranz-30-cm", 1), ("grusskarte-einzeln", 1)],
        card_text="Alles Liebe zum neuen Zuhause!", is_sent=True, is_withdrawn=True,
    ),
    Bought(
        "Lena Hoffmann", "lena@kunden.example", "Gartenstraße 3",
        [("rosen-im-dutzend-12-stück", 1), ("vase-22-cm", 1)], code="TULPE10",
        card_text="Für Mama, zum Siebzigsten.",
    ),
    Bought(
        "Emma Clarke", "emma@kunden.example", "Mozartgasse 8", [("orchidee-weiß", 2)],
        is_paid=False, more={"country": "AT", "postcode": "8010", "town": "Graz", "locale": "en"},
    ),
)  # fmt: skip


async def place_orders(product: web.Application, plan: DemoPlan, shop: Shop) -> None:
    async with _pay_page(plan) as pay:
        for bought in BOUGHT:
            order = await _place(product, shop, bought)
            link = await pay_link(product, shop, order)
            if bought.is_paid:
                await pay(link)
                await _settle(product, shop, order)
            if bought.is_sent:
                async with product[DATABASE].transaction() as session:
                    await send(
                        session, shop.key, order.key, carrier="dhl", tracking=TRACKING,
                        by="Mia Krüger", now=product[CLOCK](),
                    )  # fmt: skip
            if bought.is_withdrawn:
                await _withdraw(product, order)


async def _place(product: web.Application, shop: Shop, bought: Bought) -> Order:
    now = product[CLOCK]()
    async with product[DATABASE].transaction() as session:
        basket = await open_basket(session, shop.key, now=now)
        for sku, pieces in bought.goods:
            variant = (await session.exec(select(Variant).where(Variant.sku == sku))).one()
            await put(session, basket, variant.key, pieces, now=now)
        if bought.code:
            await use_code(session, basket, bought.code, now=now)
        view = await look_at(session, shop, basket, now=now, email=bought.email)
        form = OrderForm.read({
            "basket_version": str(view.basket.version), "total_minor": str(view.quote.total.minor),
            "name": bought.name, "email": bought.email, "street": bought.street,
            "postcode": "50667", "town": "Köln", "country": "DE", "card_text": bought.card_text,
            **bought.more,
        })  # fmt: skip
        return (await place(session, shop, basket, form, now=now)).order


async def _withdraw(product: web.Application, order: Order) -> None:
    """From the first line, by the order's page: the counter has fourteen days for the money."""
    async with product[DATABASE].transaction() as session:
        [line, *_] = await lines_of(session, order)
        form = WithdrawalForm(name=order.name, contract=str(order.number), email=order.email,
                              scope="Der Kranz ist doch zu groß für die Tür.")  # fmt: skip
        await declare_for_order(
            session, order, Declaration(form, order.locale), {line.key: 1}, now=product[CLOCK]()
        )


async def _settle(product: web.Application, shop: Shop, order: Order) -> None:
    """What the return page does; the webhook comes on its own and finds it done."""
    await settle_reference(
        product[DATABASE], product[STRIPES], product[CLOCK], shop_id=shop.key,
        reference=reference_of(order.key),
    )  # fmt: skip


@asynccontextmanager
async def _pay_page(plan: DemoPlan) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    async with aiohttp.ClientSession(raise_for_status=True) as http:

        async def pay(link: str) -> None:
            session_id = link.rsplit("/", 1)[1].split("?", maxsplit=1)[0].split("#", maxsplit=1)[0]
            url = f"{plan.sandbox_url}/control/stripe/sessions/{session_id}/pay"
            async with http.post(url, json={}):
                pass

        yield pay
