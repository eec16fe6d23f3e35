"""Invoices: one for each paid order, numbered without a gap, frozen for good."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, delete, select, update

from core.events import record
from core.shops import open_shop
from payments.events import PaymentSucceeded, RefundFailed
from storefront.invoices.finding import InvoiceUnknown, content_of, find_invoice
from storefront.invoices.forms import SellerForm
from storefront.invoices.models import Invoice, InvoiceCounter
from storefront.invoices.sellers import save_seller
from storefront.models import Variant
from storefront.references import reference_of
from storefront.storefronts import edit_storefront
from tests.storefront.bills import DETAILS, all_invoices, an_order, details, fresh, give_back, pay
from tests.storefront.goods import a_product
from tests.storefront.stall import Stall


async def test_a_paid_order_has_its_invoice_in_the_same_moment(each_stall: Stall) -> None:
    stall = each_stall
    stall.clock.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    await details(stall, prefix="RE")
    order = await an_order(stall, recipient="Eva Ohm", wish_date="")
    assert await all_invoices(stall) == []
    await pay(stall, order)
    await pay(stall, order)
    [invoice] = await all_invoices(stall)
    content = content_of(invoice)
    assert (invoice.number, invoice.kind, invoice.order_id, invoice.total_minor) == (
        "RE-2026-000001", "invoice", order.key, order.total_minor,
    )  # fmt: skip
    assert content.seller.name == "Mia Blum e. K."
    assert content.seller.vat_id == "DE123456789"
    assert (content.buyer.name, content.buyer.recipient) == ("Anna Blum", "Eva Ohm")
    assert [(row.name, row.quantity, row.unit_minor) for row in content.rows] == [
        ("Rote Rosen", 2, 2490)
    ]
    assert [(rate.tax_bp, rate.gross_minor, rate.tax_minor) for rate in content.rates] == [
        (1900, 4980, 795)
    ]
    assert str(content.performed_on) == "2026-11-22"


async def test_fifty_payments_at_once_leave_no_gap_and_no_double(each_stall: Stall) -> None:
    """Every third one breaks off after its number was given."""
    stall = each_stall
    await details(stall)
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, pieces=100, now=stall.clock())
    orders = [await an_order(stall, quantity=1, variant=variant) for _ in range(50)]

    async def pay_or_break(place: int) -> None:
        order = orders[place]
        try:
            async with stall.db.transaction() as session:
                record(session, PaymentSucceeded(stall.shop.key, reference_of(order.key),
                                                 order.total_minor, "EUR"))  # fmt: skip
                if place % 3 == 0:
                    session.info.setdefault("before_commit", []).append(_break_off)
        except RuntimeError:
            pass

    await asyncio.gather(*(pay_or_break(place) for place in range(50)))
    invoices = await all_invoices(stall)
    assert sorted(one.running for one in invoices) == list(range(1, 34))
    assert len({one.order_id for one in invoices}) == 33
    for place in range(0, 50, 3):
        await pay(stall, orders[place])
    assert sorted(one.running for one in await all_invoices(stall)) == list(range(1, 51))


async def _break_off(session: object) -> None:
    raise RuntimeError("the lights went out")


async def test_every_shop_and_every_year_counts_from_one(stall: Stall) -> None:
    """By the shop's own calendar: half past eleven in the evening in UTC is next year in Berlin."""
    await details(stall)
    for moment in (datetime(2026, 12, 31, 22, 30, tzinfo=UTC),
                   datetime(2026, 12, 31, 23, 30, tzinfo=UTC)):  # fmt: skip
        stall.clock.now = moment
        await pay(stall, await an_order(stall))
    async with stall.db.transaction() as session:
        other = await open_shop(session, "kerzen", "Kerzen", now=stall.clock())
        await save_seller(session, other.key, SellerForm.read(DETAILS))
    first, stall.shop = stall.shop, other
    await pay(stall, await an_order(stall))
    assert [(one.shop_id, one.number) for one in await all_invoices(stall)] == [
        (first.key, "2026-000001"), (first.key, "2027-000001"), (other.key, "2027-000001"),
    ]  # fmt: skip


async def test_while_details_are_missing_orders_wait_and_no_number_is_used(stall: Stall) -> None:
    orders = [await an_order(stall) for _ in range(2)]
    for order in orders:
        await pay(stall, order)
    await give_back(stall, orders[1], 1000, 1)
    await details(stall, vat_id="")
    await stall.till.work()
    assert await all_invoices(stall) == []
    async with stall.db.reading() as session:
        assert (await session.exec(select(InvoiceCounter))).all() == []
    await details(stall)
    await stall.till.work()
    told = [(one.order_id, one.kind, one.running, one.total_minor)
            for one in await all_invoices(stall)]  # fmt: skip
    assert told == [
        (orders[0].key, "invoice", 1, 4980),
        (orders[1].key, "invoice", 2, 4980),
        (orders[1].key, "cancellation", 3, -1000),
    ]
    await details(stall, town="Pirna")
    await stall.till.work()
    assert len(await all_invoices(stall)) == 3


async def test_what_stands_on_an_invoice_follows_no_later_change(stall: Stall) -> None:
    await details(stall)
    order = await an_order(stall)
    await pay(stall, order)
    [before] = [one.content for one in await all_invoices(stall)]
    await details(stall, name="Ganz neu GmbH", prefix="NEU")
    async with stall.db.transaction() as session:
        await session.exec(update(Variant).values(price_minor=1))
        changed = await fresh(stall, order)
        changed.name, changed.street = "Otto Ohm", "Anderswo 1"
        session.add(changed)
    assert [one.content for one in await all_invoices(stall)] == [before]


@pytest.mark.parametrize("what", ["change", "delete"])
async def test_the_database_itself_keeps_invoices_as_they_are(each_stall: Stall, what: str) -> None:
    stall = each_stall
    await details(stall)
    await pay(stall, await an_order(stall))
    [before] = await all_invoices(stall)
    statement = (
        update(Invoice).values(total_minor=1)
        if what == "change"
        else delete(Invoice).where(col(Invoice.id) == before.key)
    )
    with pytest.raises(DBAPIError, match="never changed or deleted"):
        async with stall.db.transaction() as session:
            await session.exec(statement)
    [after] = await all_invoices(stall)
    assert after.model_dump() == before.model_dump()


async def test_a_small_business_shows_no_vat(stall: Stall) -> None:
    """As the order was made, whatever the shop says today."""
    await details(stall)
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, small_business=True)
    order = await an_order(stall)
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, small_business=False)
    await pay(stall, order)
    [invoice] = await all_invoices(stall)
    content = content_of(invoice)
    assert (content.small_business, invoice.tax_minor) == (True, 0)
    assert [(one.tax_bp, one.gross_minor, one.tax_minor) for one in content.rates] == [(0, 4980, 0)]
    assert [(row.tax_bp, row.tax_minor) for row in content.rows] == [(0, 0)]


async def test_money_back_takes_the_invoice_back_piece_by_piece(each_stall: Stall) -> None:
    stall = each_stall
    await details(stall)
    order = await an_order(stall)
    await pay(stall, order)
    await give_back(stall, order, 1000, 1)
    await give_back(stall, order, 1000, 1)
    await give_back(stall, order, 3980, 2)
    first, part, rest = await all_invoices(stall)
    assert [(one.kind, one.cancels_id, one.running, one.total_minor) for one in (part, rest)] == [
        ("cancellation", first.key, 2, -1000), ("cancellation", first.key, 3, -3980),
    ]  # fmt: skip
    assert first.tax_minor + part.tax_minor + rest.tax_minor == 0
    assert content_of(part).cancels_number == first.number
    assert [row.name for row in content_of(part).rows] == [
        f"Erstattung zur Rechnung {first.number}"
    ]


async def test_money_back_in_one_go_cancels_line_by_line(stall: Stall) -> None:
    await details(stall)
    order = await an_order(stall, locale="en")
    await pay(stall, order)
    await give_back(stall, order, 4980, 1)
    _, back = await all_invoices(stall)
    assert (back.total_minor, back.tax_minor) == (-4980, -795)
    assert [(row.name, row.quantity, row.unit_minor, row.total_minor)
            for row in content_of(back).rows] == [("Rote Rosen", -2, 2490, -4980)]  # fmt: skip
    assert content_of(back).in_part is False


async def test_a_refund_that_failed_changes_nothing_on_paper(stall: Stall) -> None:
    """The customer's claim stands, and the next try takes nothing back a second time."""
    await details(stall)
    order = await an_order(stall)
    await pay(stall, order)
    await give_back(stall, order, 1000, 1)
    async with stall.db.transaction() as session:
        record(session, RefundFailed(stall.shop.key, reference_of(order.key), 1, 1000, "EUR",
                                     "expired_or_canceled_card"))  # fmt: skip
    await give_back(stall, order, 1000, 2, elsewhere=False)
    assert [one.total_minor for one in await all_invoices(stall)] == [4980, -1000]


async def test_an_invoice_is_found_under_its_own_order_only(stall: Stall) -> None:
    await details(stall)
    orders = [await an_order(stall) for _ in range(2)]
    for order in orders:
        await pay(stall, order)
    mine, other = await all_invoices(stall)
    async with stall.db.reading() as session:
        assert (await find_invoice(session, orders[0], mine.number)).key == mine.key
        with pytest.raises(InvoiceUnknown):
            await find_invoice(session, orders[0], other.number)
