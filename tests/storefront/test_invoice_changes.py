"""An order that changes after it was paid: which documents are written, and what stands on them."""

from storefront.changes.actions import SetPrice
from storefront.changes.confirming import confirm
from storefront.changes.proposing import propose
from storefront.changes.rows import ChangeRow
from storefront.invoices.content import Earlier
from storefront.invoices.correcting import balance_documents
from storefront.invoices.finding import content_of
from storefront.orders.finding import lines_of
from storefront.orders.models import Order
from storefront.orders.states import lock_order
from tests.storefront.bills import (
    all_invoices,
    an_order,
    change,
    details,
    fresh,
    give_back,
    pay,
    roses,
)
from tests.storefront.stall import Stall


async def paid(stall: Stall, quantity: int = 3) -> Order:
    await details(stall)
    order = await an_order(stall, quantity=quantity)
    await pay(stall, order)
    return await fresh(stall, order)


async def told(stall: Stall) -> list[tuple[str, int, list[tuple[str, int, int]]]]:
    return [
        (one.kind, one.total_minor,
         [(row.name, row.quantity, row.total_minor) for row in content_of(one).rows])
        for one in await all_invoices(stall)
    ]  # fmt: skip


async def is_settled(stall: Stall, order: Order) -> bool:
    documents = await all_invoices(stall)
    assert [one.running for one in documents] == list(range(1, len(documents) + 1))
    return sum(one.total_minor for one in documents) == (await fresh(stall, order)).owed_minor


async def test_pieces_given_back_are_a_cancellation_of_just_these(each_stall: Stall) -> None:
    stall = each_stall
    order = await paid(stall)
    await change(stall, order, roses(-1))
    first, back = await all_invoices(stall)
    content = content_of(back)
    assert (back.kind, back.cancels_id, back.total_minor, back.tax_minor) == (
        "cancellation", first.key, -2490, -398,
    )  # fmt: skip
    assert (content.cancels_number, content.in_part, content.cancels_also) == (
        first.number, True, [],
    )  # fmt: skip
    assert [(row.name, row.quantity, row.unit_minor) for row in content.rows] == [
        ("Rote Rosen", -1, 2490)
    ]
    assert await is_settled(stall, order)


async def test_extra_pieces_are_an_invoice_on_top_that_names_the_first(stall: Stall) -> None:
    order = await paid(stall)
    await change(stall, order, roses(2))
    first, more = await all_invoices(stall)
    content = content_of(more)
    assert (more.kind, more.total_minor, more.cancels_id) == ("invoice", 4980, None)
    assert content.adds_to == Earlier(number=first.number, on=first.issued_on)
    assert content.order_number == order.number
    assert (content.buyer, content.seller) == (content_of(first).buyer, content_of(first).seller)
    assert await is_settled(stall, order)


async def test_what_is_exchanged_is_one_of_each(stall: Stall) -> None:
    order = await paid(stall)
    await change(stall, order, roses(-3), roses(4))
    assert await told(stall) == [
        ("invoice", 7470, [("Rote Rosen", 3, 7470)]),
        ("invoice", 9960, [("Rote Rosen", 4, 9960)]),
        ("cancellation", -7470, [("Rote Rosen", -3, -7470)]),
    ]
    assert [content_of(one).set_off for one in await all_invoices(stall)] == [False, True, True]
    assert await is_settled(stall, order)


async def test_the_money_that_follows_a_change_writes_nothing_more(stall: Stall) -> None:
    order = await paid(stall)
    await change(stall, order, roses(-1))
    await give_back(stall, order, 2490, 1, elsewhere=False)
    assert len(await all_invoices(stall)) == 2


async def test_the_same_change_told_twice_writes_once(each_stall: Stall) -> None:
    stall = each_stall
    order = await paid(stall)
    made = await change(stall, order, roses(-1), roses(2))
    async with stall.db.transaction() as session:
        locked = await lock_order(session, stall.shop.key, order.key)
        assert await balance_documents(session, locked, change=made, now=stall.clock()) == []
        assert await balance_documents(session, locked, change=None, now=stall.clock()) == []
    assert len(await all_invoices(stall)) == 3


async def test_goodwill_is_a_cancellation_of_that_much(stall: Stall) -> None:
    order = await paid(stall)
    goodwill = ChangeRow(kind="goodwill", unit_minor=-500, total_minor=-500)
    await change(stall, order, goodwill, credit=500)
    first, _ = await all_invoices(stall)
    assert (await told(stall))[1] == (
        "cancellation", -500, [(f"Erstattung zur Rechnung {first.number}", -1, -500)],
    )  # fmt: skip
    assert await is_settled(stall, order)


async def test_what_corrects_several_invoices_names_them_all(stall: Stall) -> None:
    order = await paid(stall)
    await change(stall, order, roses(1))
    await change(stall, order, roses(-2))
    first, more, back = await all_invoices(stall)
    content = content_of(back)
    assert content.cancels_number == first.number
    assert content.cancels_also == [Earlier(number=more.number, on=more.issued_on)]
    assert await is_settled(stall, order)


async def test_the_last_pieces_leave_nothing_on_any_rate(stall: Stall) -> None:
    order = await paid(stall)
    goodwill = ChangeRow(kind="goodwill", unit_minor=-700, total_minor=-700)
    await change(stall, order, goodwill, credit=700)
    await change(stall, order, roses(-3), credit=-700)
    documents = await all_invoices(stall)
    assert (await fresh(stall, order)).owed_minor == 0
    assert sum(one.total_minor for one in documents) == 0
    assert sum(one.tax_minor for one in documents) == 0


async def test_an_order_that_waited_for_details_gets_an_invoice_as_it_stands(stall: Stall) -> None:
    order = await an_order(stall, quantity=3)
    await pay(stall, order)
    await change(stall, order, roses(-1))
    await change(stall, order, credit=300)
    assert await all_invoices(stall) == []
    await details(stall)
    await stall.till.work()
    assert [(kind, minor) for kind, minor, _ in await told(stall)] == [
        ("invoice", 4980), ("cancellation", -300),
    ]  # fmt: skip


async def test_a_small_business_cancels_without_vat(stall: Stall) -> None:
    await details(stall)
    order = await an_order(stall, quantity=3)
    async with stall.db.transaction() as session:
        locked = await lock_order(session, stall.shop.key, order.key)
        locked.small_business = True
        session.add(locked)
    await pay(stall, order)
    await change(stall, order, roses(-1))
    _, back = await all_invoices(stall)
    assert (back.tax_minor, [row.tax_bp for row in content_of(back).rows]) == (0, [0])
    assert [one.tax_bp for one in content_of(back).rates] == [0]


async def test_a_change_agreed_at_the_counter_has_its_documents_at_once(each_stall: Stall) -> None:
    """The real thing: dearer, and the shop bears the difference itself."""
    stall = each_stall
    order = await paid(stall)
    async with stall.db.reading() as session:
        [line] = await lines_of(session, order)
    async with stall.db.transaction() as session:
        draft = await propose(
            session, stall.shop, order.key, "edit",
            [SetPrice(line_id=line.key, unit_minor=3000)], reason="larger ones",
            by="Anna Beet", may_set_prices=True, now=stall.clock(),
        )  # fmt: skip
    async with stall.db.transaction() as session:
        await confirm(session, stall.shop, draft.key, by="Anna Beet", waive=True,
                      now=stall.clock())  # fmt: skip
    changed = await fresh(stall, order)
    assert (changed.total_minor, changed.owed_minor) == (9000, 7470)
    assert await is_settled(stall, order)
    first = (await all_invoices(stall))[0]
    assert await told(stall) == [
        ("invoice", 7470, [("Rote Rosen", 3, 7470)]),
        ("invoice", 9000, [("Rote Rosen", 3, 9000)]),
        ("cancellation", -9000,
         [("Rote Rosen", -3, -7470), (f"Erstattung zur Rechnung {first.number}", -1, -1530)]),
    ]  # fmt: skip
