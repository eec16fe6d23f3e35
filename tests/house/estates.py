"""A shop with one row of everything the counter can act on, and who owns which row."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.models import DealPost
from core.dead_jobs import Dead
from core.incoming import Incoming
from core.mail import write_mail
from core.money import Money
from core.shops import Shop
from core.vault import VAULT
from inbox.models import Conversation, Message, WallPost
from meta.models import MetaPage
from payments.accounts import find_account, keep_account
from payments.models import LedgerEntry, MissingMoney, Refund
from payments.payables import lock_reference
from staff.members import hire
from staff.models import Member
from storefront.changes.actions import Add, Goodwill
from storefront.changes.confirming import confirm
from storefront.changes.proposing import propose
from storefront.forms import WithdrawalForm
from storefront.invoices.forms import SellerForm
from storefront.invoices.models import Invoice
from storefront.invoices.sellers import save_seller
from storefront.models import ProductPicture
from storefront.orders.finding import lines_of
from storefront.orders.models import Order
from storefront.orders.sending import mark_sent
from storefront.packing import put_part
from storefront.products import create_product
from storefront.references import reference_of
from storefront.shipping.models import ReviewConsent
from storefront.shipping.packing import send
from storefront.shipping.reviews import agree
from storefront.variants import add_variant
from storefront.withdrawals.receiving import Declaration, receive_withdrawal
from tests.house.returns import cases
from tests.opened import House
from tests.shopping import Buyer, Goods, last_order, stock
from tests.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Estate:
    """`rows` says which row a placeholder of an address stands for; `rows["{what}:…"]` where a
    route wants a row in another state."""

    shop: Shop
    goods: Goods
    member: Member
    paid: Order
    unpaid: Order
    visit: str
    rows: dict[str, Any] = field(default_factory=dict)


async def furnish(house: House, shop: Shop, word: str, wares: tuple[str, str, str]) -> Estate:
    """Everything that can be read carries `word`."""
    goods = await stock(house, shop, wares, f"{word.upper()}10")
    await _open_account(house, shop)
    await _invoices(house, shop, word)
    paid, _ = await _order(house, shop, goods, word, pays=True)
    posted, _ = await _order(house, shop, goods, word, pays=True, quantity=3)
    unpaid, visit = await _order(house, shop, goods, word, pays=False)
    kept, _ = await _order(house, shop, goods, word, pays=True)
    sent, _ = await _order(house, shop, goods, word, pays=True, quantity=8)
    async with house.db.transaction() as session:
        member, leaving = [
            await hire(session, shop.key, f"{word} {name}", f"{word}.{name}@team.example".lower(),
                       "agent", now=house.now())
            for name in ("Berg", "Tal")
        ]  # fmt: skip
        rows = {"member_id": member.key, "member_id:leaving": leaving.key,
                "order_id": paid.key, "order_id:unpaid": unpaid.key}  # fmt: skip
        rows |= await _changes(session, shop, goods, paid, kept)
        rows |= await _parcel(session, house, shop, posted)
        rows |= await _goods(session, goods)
        rows |= await _money(session, house, shop, posted, word)
        rows |= await _books(session, shop, goods, word, now=house.now())
        rows |= await _talks(session, house, shop, word)
        rows |= await _work(session, house, shop, paid, word)
        rows["number"] = await _number(session, paid)
        rows |= await _posts(session, house, shop, goods, word)
        await mark_sent(session, shop.key, sent.key, by=word, now=house.now())
        rows |= await cases(session, paid, sent, word, now=house.now())
    return Estate(shop, goods, member, paid, unpaid, visit, rows)


async def _money(
    session: AsyncSession, house: House, shop: Shop, posted: Order, word: str
) -> dict[str, int]:
    """Two refunds that failed, and a payment Stripe is said not to know."""
    payable = await lock_reference(session, shop.key, reference_of(posted.key))
    query = select(LedgerEntry).where(col(LedgerEntry.payable_id) == payable.key)
    entry = (await session.exec(query)).first()
    assert entry is not None
    failed = [
        Refund(
            shop_id=shop.key, payable_id=payable.key, intent_id=entry.intent_id or "",
            amount_minor=100, currency="EUR", reason=word, requested_by=word,
            requested_at=house.now(), state="failed", settled_at=house.now(), failure="declined",
        )
        for _ in range(2)
    ]  # fmt: skip
    missing = MissingMoney(shop_id=shop.key, entry_id=entry.id or 0, found_at=house.now())
    session.add_all([*failed, missing])
    await session.flush()
    return {
        "refund_id": failed[0].key, "refund_id:elsewhere": failed[1].key,
        "missing_id": missing.id or 0,
    }  # fmt: skip


async def _invoices(house: House, shop: Shop, word: str) -> None:
    """Complete details, so that paid orders get invoices; numbers differ between the shops."""
    told = {"name": f"{word} Blum", "street": f"{word}weg 1", "postcode": "01067",
            "town": f"{word}stadt", "tax_number": "201/123/45678", "prefix": word}  # fmt: skip
    async with house.db.transaction() as session:
        await save_seller(session, shop.key, SellerForm.read(told))


async def _open_account(house: House, shop: Shop) -> None:
    """The sandbox's Stripe knows one account; both shops are paid into it."""
    async with house.db.transaction() as session:
        if await find_account(session, shop.key) is None:
            await keep_account(
                session, house.product[VAULT], shop.key, key=SecretStr("sk_test_tresen_demo_0001"),
                webhook_secret=SecretStr(f"whsec_of_{shop.slug}"), path_token=f"path-{shop.slug}",
                now=house.now(),
            )  # fmt: skip


async def _order(
    house: House, shop: Shop, goods: Goods, word: str, *, pays: bool, quantity: int = 1
) -> tuple[Order, str]:
    """Placed by somebody with a browser; and the visit it was placed on."""
    told = {"name": f"{word} Blum", "email": f"{word}@buyer.example".lower(),
            "street": f"{word}weg 3", "town": f"{word}stadt"}  # fmt: skip
    async with Buyer(house) as buyer:
        basket = await buyer.send(
            f"/s/{shop.slug}/basket/add", variant=goods.dozen.key, quantity=quantity
        )
        base = basket.removesuffix("basket")
        pay_page = await buyer.place(base, **told)
        order = await last_order(house)
        if pays:
            await buyer.pay(pay_page)
            await buyer.look(f"/s/{shop.slug}/o/{order.token}")
            order = await last_order(house)
            assert order.state == "confirmed"
        return order, base.split("/~", 1)[1].rstrip("/")


async def _changes(
    session: AsyncSession, shop: Shop, goods: Goods, paid: Order, kept: Order
) -> dict[str, int]:
    """One waits for its payment, two are drafts."""
    now = paid.placed_at
    more = [Add(variant_id=goods.one_orchid.key, quantity=1)]
    waits = await propose(session, shop, paid.key, "correction", more, by="Berg", now=now)
    await confirm(session, shop, waits.key, by="Berg", now=now)
    drafts = [
        await propose(session, shop, kept.key, "goodwill", [Goodwill(amount_minor=minor)],
                      by="Berg", now=now)
        for minor in (100, 200)
    ]  # fmt: skip
    return {
        "change_id": waits.key, "order_id:kept": kept.key, "change_id:kept": drafts[0].key,
        "order_id:dropped": kept.key, "change_id:dropped": drafts[1].key,
    }  # fmt: skip


async def _parcel(session: AsyncSession, house: House, shop: Shop, order: Order) -> dict[str, Any]:
    """An order of which a part is on its way, by somebody who may be asked for a review."""
    [line] = await lines_of(session, order)
    parcel = await send(session, shop.key, order.key, {line.key: 1}, by="Mia", now=house.now())
    await agree(session, order, now=house.now())
    await session.flush()
    query = select(ReviewConsent.token).where(col(ReviewConsent.order_id) == order.key)
    token = (await session.exec(query)).one()
    return {"order_id:posted": order.key, "shipment_id": parcel.key,
            "line_id:posted": line.key, "consent": token}  # fmt: skip


async def _number(session: AsyncSession, paid: Order) -> str:
    query = select(Invoice.number).where(col(Invoice.order_id) == paid.key)
    return (await session.exec(query)).one()


async def _goods(session: AsyncSession, goods: Goods) -> dict[str, int]:
    query = select(ProductPicture).where(col(ProductPicture.product_id) == goods.roses.key)
    picture = (await session.exec(query)).first()
    assert picture is not None
    assert picture.id is not None
    return {
        "product_id": goods.roses.key, "product_id:delete": goods.wreath.key,
        "variant_id": goods.dozen.key, "picture_id": picture.id, "deal_id": goods.deal.key,
        "code_id": goods.code.id or 0,
    }  # fmt: skip


async def _books(
    session: AsyncSession, shop: Shop, goods: Goods, word: str, *, now: datetime
) -> dict[str, int]:
    """A bundle of the roses, and a variant whose counters are not what its movements say."""
    made = []
    for name in (f"{word} Set", f"{word} falsch"):
        product = await create_product(session, shop.key, name, now=now)
        made.append(
            await add_variant(session, shop, product, price=Money(900, shop.currency), now=now)
        )
    gift, wrong = made
    await put_part(session, shop.key, gift.key, goods.dozen.key, 1, now=now)
    wrong.on_hand = 3
    session.add(wrong)
    await session.flush()
    return {
        "variant_id:set": gift.key, "product_id:set": gift.product_id, "variant_id:off": wrong.key,
    }  # fmt: skip


async def _talks(session: AsyncSession, house: House, shop: Shop, word: str) -> dict[str, int]:
    """A chat in which an answer did not go out, and a thread of comments under a post."""
    now = house.now()
    post = WallPost(shop_id=shop.key, platform="facebook", platform_id=f"{word}_1", text=word)
    session.add(post)
    await session.flush()
    common: dict[str, Any] = {
        "shop_id": shop.key, "name": word, "person_id": word, "is_shown": True,
        "started_at": now, "last_customer_at": now, "last_message_at": now, "preview": word,
    }  # fmt: skip
    chat = Conversation(channel="messenger", thread_key=f"messenger:{word}", unread=True,
                        owner="bot", **common)  # fmt: skip
    wall = Conversation(channel="comment", thread_key=f"comment:{word}", post_id=post.key, **common)
    session.add_all([chat, wall])
    await session.flush()
    said: dict[str, Any] = {"shop_id": shop.key, "at": now, "text_at": now, "received_at": now}
    asked = Message(conversation_id=chat.key, direction="in", author="customer", text=word,
                    platform_id=f"m_{word}", **said)  # fmt: skip
    failed = [
        Message(conversation_id=chat.key, direction="out", author="staff", text=f"{word} {number}",
                content={"kind": "text", "text": word}, state="failed", failure="temporary",
                **said)
        for number in (1, 2)
    ]  # fmt: skip
    comment = Message(conversation_id=wall.key, direction="in", author="customer", text=word,
                      platform_id=f"{word}_1_2", post_platform_id=f"{word}_1",
                      parent_id=f"{word}_1", root_id=f"{word}_1_2", **said)  # fmt: skip
    session.add_all([asked, *failed, comment])
    await session.flush()
    return {
        "conversation_id": chat.key, "conversation_id:wall": wall.key,
        "message_id": failed[0].key, "message_id:drop": failed[1].key,
        "message_id:wall": comment.key, "message_id:asked": asked.key,
    }  # fmt: skip


async def _work(
    session: AsyncSession, house: House, shop: Shop, order: Order, word: str
) -> dict[str, int]:
    """A delivery and a job that failed, a withdrawal, a letter."""
    now = house.now()
    incoming = Incoming(
        source="meta", key=f"key {word}", shop_id=shop.key, thread=f"messenger:{word}",
        kind="messenger.message", body="{}", happened_at=now, received_at=now, state="failed",
        reason=f"{word} broke",
    )  # fmt: skip
    job = Dead(name="core.mail.send_mail", args={"mail_id": 0}, attempts=8, failed_at=now,
               reason=f"{word} broke")  # fmt: skip
    session.add_all([incoming, job])
    form = WithdrawalForm(name=f"{word} Blum", contract=f"{word} vom Montag", email=order.email)
    withdrawal = await receive_withdrawal(session, shop.key, Declaration(form), now=now)
    letter = await write_mail(
        session, shop.key, f"{word}@mail.example", word, text=word, html=word, sender_name=word,
        about=f"order:{order.key}", now=now,
    )  # fmt: skip
    await session.flush()
    return {"incoming_id": incoming.id or 0, "job_id": job.id or 0, "withdrawal_id": withdrawal.key,
            "letter_id": letter.key}  # fmt: skip


async def _posts(
    session: AsyncSession, house: House, shop: Shop, goods: Goods, word: str
) -> dict[str, int]:
    post = DealPost(shop_id=shop.key, deal_id=goods.deal.key, text=word, state="failed",
                    failure=word, created_by=word, created_at=house.now())  # fmt: skip
    session.add(post)
    query = select(MetaPage).where(col(MetaPage.shop_id) == shop.key)
    if (await session.exec(query)).first() is None:
        session.add(
            MetaPage(
                shop_id=shop.key, page_id="908070605040302", page_name=word,
                sealed_token=house.product[VAULT].seal(SecretStr("their-page-token")),
                connected_at=house.now(),
            )
        )  # fmt: skip
    await session.flush()
    return {"post_id": post.key}


def owned(whole: Snapshot, shop_id: int) -> Snapshot:
    """The shop's rows: those that name it, and those that lead to one of these by a reference."""
    found: Snapshot = {}
    for table in SQLModel.metadata.sorted_tables:
        rows = whole.get(table.name, [])
        ways = [
            (column.name, key.column.table.name, key.column.name)
            for column in table.columns
            for key in column.foreign_keys
        ]
        if table.name == "shop":
            found[table.name] = [row for row in rows if row["id"] == shop_id]
        elif "shop_id" in table.columns:
            found[table.name] = [row for row in rows if row["shop_id"] == shop_id]
        else:
            found[table.name] = [
                row for row in rows
                if any(row[name] in {one[key] for one in found.get(other, [])}
                       for name, other, key in ways if row[name] is not None)
            ]  # fmt: skip
    return found
