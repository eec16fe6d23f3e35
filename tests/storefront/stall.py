"""A market stall for tests: the shop's pages on a real server, the small Stripe, all reactions."""

import html
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import CookieJar, web
from aiohttp.test_utils import TestClient, TestServer, unused_port
from pydantic import SecretStr
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import pictures, static
from core.cache import CACHE, open_cache
from core.clock import CLOCK
from core.csrf import FROM_OUTSIDE, OWN_ORIGIN, OWN_ORIGINS, refuse_foreign_forms
from core.database import DATABASE
from core.errorpages import render_errors
from core.events import Reaction
from core.jobs import Handler, name_of
from core.mail import POST, Mail, MailFile, Post, send_mail
from core.mail_events import MailFailed
from core.pages import PAGES, ROOT, Pages
from core.settings import MailSettings
from core.shops import Shop
from core.signing import SIGNER, Signer
from core.static import STATIC, read_static
from core.translations import TRANSLATIONS, Translations
from meta.settings import META, MetaSettings
from payments import events as money
from payments.clients import STRIPES
from promotions.events import DealCreated, DealEnded
from staff import routes as staff_routes
from staff.access import UNREAD, keep_counter_closed
from staff.members import hire
from staff.models import Role
from staff.passwords import PASSWORDS, Passwords
from staff.signing_in import SIGN_IN_LIMITS, SignInLimits
from storefront import admin, events, routes, tab
from storefront.changes import paying as changes
from storefront.invoices import writing as invoices
from storefront.letters import deciding as letters
from storefront.letters import failing
from storefront.letters.writing import write_letter
from storefront.models import Order
from storefront.orders import ending, paying, refunding
from storefront.settings import SHOP, ShopSettings
from storefront.shipping import fulfilment
from storefront.storefronts import on_deal_changed
from storefront.wiring import lay_out
from storefront.withdrawals import letters as case_letters
from storefront.withdrawals import matching
from storefront.withdrawals.letters import write_case_letter, write_withdrawal_receipt
from tests.conftest import SetClock, WatchedDatabase, Witness
from tests.payments.till import Till, open_till
from tests.staff.conftest import PASSWORD, QUICK
from tests.storefront.goods import ADDRESS

SECRET = SecretStr("the app secret of the flower shop")

REACTIONS: dict[type, list[Reaction]] = {
    money.PaymentSucceeded: [paying.on_payment_succeeded, changes.on_payment_succeeded],
    money.PaymentProcessing: [paying.on_payment_processing],
    money.PaymentFailed: [paying.on_payment_failed, letters.on_payment_failed],
    money.PaymentMismatched: [paying.on_payment_mismatched],
    money.PaymentDisputed: [paying.on_payment_disputed],
    money.OverpaymentRefunded: [refunding.on_overpayment_refunded],
    money.CancelledPaymentRefunded: [refunding.on_cancelled_payment_refunded],
    money.RefundMadeAtStripe: [refunding.on_refund_made_at_stripe],
    money.RefundSucceeded: [refunding.on_refund_succeeded],
    money.RefundFailed: [refunding.on_refund_failed],
    money.RefundPaidElsewhere: [refunding.on_refund_paid_elsewhere],
    events.OrderPlaced: [letters.on_order_placed],
    events.OrderPaid: [letters.on_order_paid, invoices.on_order_paid],
    events.OrderReady: [letters.on_order_ready],
    events.OrderCancelled: [letters.on_order_cancelled, fulfilment.on_order_cancelled],
    events.GoodsWereGone: [letters.on_goods_gone],
    events.OrderCorrected: [letters.on_order_corrected],
    events.OrderChanged: [letters.on_order_changed, invoices.on_order_changed],
    events.OrderChangeWaits: [letters.on_change_waits],
    events.OrderChangeDropped: [letters.on_change_dropped],
    events.OrderSent: [letters.on_order_sent],
    events.ParcelTracked: [letters.on_parcel_tracked],
    events.OrderDelivered: [letters.on_order_delivered],
    events.ShipmentUndone: [letters.on_shipment_undone],
    events.ReviewDue: [letters.on_review_due],
    events.OrderRefunded: [letters.on_order_refunded, invoices.on_order_refunded],
    MailFailed: [failing.on_mail_failed],
    events.WithdrawalReceived: [
        case_letters.on_withdrawal_received,
        matching.on_withdrawal_received,
    ],
    events.WithdrawalAccepted: [case_letters.on_withdrawal_accepted],
    events.WithdrawalRejected: [case_letters.on_withdrawal_rejected],
    events.ReturnArrived: [case_letters.on_return_arrived],
    DealCreated: [on_deal_changed],
    DealEnded: [on_deal_changed],
}


class Reacting(Witness):
    """Remembers every event and reacts to it."""

    def __getitem__(self, kind: type) -> Sequence[Reaction]:
        return [self._remember, *REACTIONS.get(kind, [])]


@cache
def all_pages() -> tuple[Translations, Pages]:
    translations = Translations(ROOT / "templates" / "locale")
    return translations, Pages(translations)


@cache
def all_static() -> dict[str, static.StaticFile]:
    return read_static()


class Fan(TestClient[web.Request, web.Application]):
    """A browser: keeps cookies (unless told not to), sends Origin with forms."""

    takes_cookies = True

    def _brush_off(self) -> None:
        """As inside an iframe: nothing that was set comes back."""
        if not self.takes_cookies:
            self.session.cookie_jar.clear()

    async def look(self, path: str, status: int = 200, **headers: str) -> str:
        self._brush_off()
        asked = {"Accept": "text/html", "Accept-Language": "en"} | headers
        answer = await self.get(path, allow_redirects=False, headers=asked)
        text = await answer.text()
        assert answer.status == status, f"{answer.status} {path}\n{text[:2000]}"
        return html.unescape(text)

    async def send(self, path: str, status: int = 303, **fields: Any) -> str:
        """Where it leads, or with another status the page that says why not."""
        self._brush_off()
        answer = await self.post(
            path,
            data={name: str(value) for name, value in fields.items()},
            allow_redirects=False,
            headers={
                "Origin": str(self.make_url("")).rstrip("/"),
                "Accept": "text/html",
                "Accept-Language": "en",
            },
        )
        text = await answer.text()
        assert answer.status == status, f"{answer.status} {path}\n{text[:3000]}"
        return answer.headers["Location"] if status == 303 else html.unescape(text)


class Stall:
    """One shop with everything it stands on."""

    def __init__(self, till: Till, app: web.Application, fan: Fan) -> None:
        self.till, self.app, self.fan = till, app, fan
        self.db, self.clock, self.shop = till.db, till.clock, till.shop

    async def order(
        self, fan: Fan, base: str, variant_id: int, quantity: int = 1, **more: Any
    ) -> str:
        """From the product to the pay page; where the buyer is sent."""
        on = await fan.send(f"{base}basket/add", variant=variant_id, quantity=quantity)
        base = on.removesuffix("basket")
        return await fan.send(f"{base}order/place", **(await self.form(fan, base) | more))

    @property
    def today(self) -> date:
        """The shop's own day, which is not UTC's around midnight."""
        return self.clock().astimezone(ZoneInfo(self.shop.timezone)).date()

    async def sign_in(self, role: Role = "owner", shop: Shop | None = None) -> None:
        """The fan goes behind the counter."""
        email = f"{role}-{(shop or self.shop).slug}@example.org"
        async with self.db.transaction() as session:
            await hire(
                session, (shop or self.shop).key, "Anna Beet", email, role, password=PASSWORD,
                passwords=Passwords(QUICK), locale="en", now=self.clock(),
            )  # fmt: skip
        await self.fan.send("/counter/sign-in", email=email, password=PASSWORD)

    async def form(self, fan: Fan, base: str) -> dict[str, str]:
        """What the order page holds, and an address."""
        page = await fan.look(f"{base}order")
        hidden = dict(re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', page))
        return ADDRESS | hidden

    async def placed(self) -> list[Order]:
        async with self.db.reading() as session:
            return list((await session.exec(select(Order).order_by(col(Order.id)))).all())

    async def last_order(self) -> Order:
        return (await self.placed())[-1]

    async def mails(self) -> list[Mail]:
        async with self.db.reading() as session:
            return list((await session.exec(select(Mail).order_by(col(Mail.id)))).all())

    async def files(self) -> list[MailFile]:
        """What was attached to letters."""
        async with self.db.reading() as session:
            return list((await session.exec(select(MailFile).order_by(col(MailFile.id)))).all())

    async def expire(self) -> None:
        await ending.expire_unpaid_orders(self.db, self.till.stripes, self.clock)


def shop_app(db: WatchedDatabase, till: Till, origin: str, clock: SetClock) -> web.Application:
    app = web.Application(middlewares=[render_errors, refuse_foreign_forms, keep_counter_closed])
    app[DATABASE], app[CLOCK], app[CACHE] = db, clock, open_cache("memory://")
    app[TRANSLATIONS], app[PAGES] = all_pages()
    app[STATIC] = all_static()
    app[SIGNER] = Signer(SecretStr("only for tests, but long enough for all that"))
    app[OWN_ORIGIN], app[OWN_ORIGINS] = origin, frozenset({origin})
    app[FROM_OUTSIDE] = {tab.TAB}
    app[META] = MetaSettings(_env_file=None, app_id="1", app_secret=SECRET)  # type: ignore[call-arg]
    app[SHOP] = ShopSettings(  # type: ignore[call-arg]
        _env_file=None, orders_per_ten_minutes=1000, payment_origins=till.url,
        frame_ancestors="http://localhost:*",
    )  # fmt: skip
    app[STRIPES] = till.stripes
    app[UNREAD] = _none_unread
    app[PASSWORDS], app[SIGN_IN_LIMITS] = Passwords(QUICK), SignInLimits()
    app[POST] = Post(MailSettings(_env_file=None))  # type: ignore[call-arg]
    lay_out(app)
    for table in (routes.routes, admin.routes, staff_routes.routes, pictures.routes, static.routes):
        app.add_routes(table)
    return app


@asynccontextmanager
async def open_stall(
    db: WatchedDatabase, jobs: Any, clock: SetClock, shop: Shop
) -> AsyncIterator[Stall]:
    reacting = Reacting()
    db.reactions, db.seen = reacting, reacting.seen
    db.provide("clock", clock)
    db.provide("pages", all_pages()[1])
    async with open_till(db, jobs, clock, shop) as till:
        port = unused_port()
        origin = f"http://127.0.0.1:{port}"
        app = shop_app(db, till, origin, clock)
        _, pages = all_pages()
        for letter in (write_letter, write_withdrawal_receipt, write_case_letter):
            jobs.handlers[name_of(letter)] = Handler(partial(letter, db, pages, clock, origin))
        jobs.handlers[name_of(invoices.write_waiting)] = Handler(
            partial(invoices.write_waiting, db, clock)
        )
        jobs.handlers[name_of(matching.file_declaration)] = Handler(
            partial(matching.file_declaration, db, clock)
        )
        jobs.handlers[name_of(send_mail)] = Handler(_leave_in_the_outbox)
        async with Fan(TestServer(app, port=port), cookie_jar=CookieJar(unsafe=True)) as fan:
            yield Stall(till, app, fan)


async def _none_unread(session: AsyncSession, shop_id: int) -> int:
    return 0


async def _leave_in_the_outbox(*, mail_id: int) -> None:
    """What the post does is none of the shop's business."""


async def reread(session: AsyncSession, order: Order) -> Order:
    return await session.get_one(Order, order.key, populate_existing=True)
