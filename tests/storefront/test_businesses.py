"""Companies that buy: on the order, on paper, in the letter; and invoices written anew."""

import facturx
import pytest

from storefront.business import may_be_reverse_charge, read_vat_id
from storefront.forms import CorrectionForm
from storefront.invoices.anew import InvoiceFits, has_another_buyer, write_anew
from storefront.invoices.finding import content_of
from storefront.models import Order
from storefront.orders.correcting import correct, fingerprint
from storefront.storefronts import edit_storefront
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
from tests.storefront.goods import ADDRESS, a_product
from tests.storefront.stall import Stall

OFFICE = {"company": "Müller & Söhne GmbH", "vat_id": "de 136 695 976"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("", ""), ("DE136695976", "DE136695976"), (" de 136 695 976 ", "DE136695976"),
     ("ATU13585627", "ATU13585627"), ("NL004495445B01", "NL004495445B01")],
)  # fmt: skip
def test_vat_ids_are_kept_in_one_form(typed: str, kept: str) -> None:
    assert read_vat_id(typed) == kept


@pytest.mark.parametrize(
    "typed", ["DE123456789", "136695976", "CHE107787577", "XX1", "DE13669597Ü"]
)
def test_slips_in_vat_ids_are_found(typed: str) -> None:
    with pytest.raises(ValueError, match="not a VAT ID"):
        read_vat_id(typed)


@pytest.mark.parametrize(
    ("vat_id", "goes_to", "asks"),
    [("ATU13585627", "AT", True), ("ATU13585627", "DE", False), ("DE136695976", "AT", False),
     ("", "AT", False), ("ATU13585627", "", False)],
)  # fmt: skip
def test_only_goods_that_leave_for_a_foreign_company_ask_for_a_look(
    vat_id: str, goes_to: str, asks: bool
) -> None:
    assert may_be_reverse_charge(vat_id, goes_to=goes_to, seller_country="DE") is asks


async def test_a_company_orders_on_the_order_page(stall: Stall) -> None:
    await details(stall)
    async with stall.db.transaction() as session:
        _, variant = await a_product(session, stall.shop, now=stall.clock())
    base = f"/s/{stall.shop.slug}/"
    on = await stall.fan.send(f"{base}basket/add", variant=variant.key, quantity=1)
    base = on.removesuffix("basket")
    form = await stall.form(stall.fan, base) | OFFICE
    refused = await stall.fan.send(f"{base}order/place", 422, **(form | {"vat_id": "DE123"}))
    assert "Please check this VAT ID." in refused
    refused = await stall.fan.send(f"{base}order/place", 422, **(form | {"company": ""}))
    assert "Please enter the company this VAT ID belongs to." in refused
    await stall.fan.send(f"{base}order/place", **form)
    order = await stall.last_order()
    assert (order.company, order.vat_id) == ("Müller & Söhne GmbH", "DE136695976")
    await stall.sign_in()
    page = await stall.fan.look(f"/counter/orders/{order.key}")
    assert "Müller & Söhne GmbH" in page
    assert "DE136695976" in page


async def paid(stall: Stall, **form: str) -> Order:
    await details(stall)
    order = await an_order(stall, **form)
    await pay(stall, order)
    return await fresh(stall, order)


async def test_the_paid_letter_brings_companies_their_invoice(stall: Stall) -> None:
    await paid(stall, **OFFICE)
    await stall.till.work()
    [invoice] = await all_invoices(stall)
    content = content_of(invoice)
    assert (content.buyer.company, content.buyer.vat_id) == ("Müller & Söhne GmbH", "DE136695976")
    files = await stall.files()
    assert [(one.name, one.content_type, one.content[:5]) for one in files] == [
        (f"{invoice.number}.pdf", "application/pdf", b"%PDF-")
    ]
    name, xml = facturx.get_xml_from_pdf(files[0].content, check_xsd=True, check_schematron=False)
    assert (name, b"DE136695976" in xml) == ("factur-x.xml", True)


async def test_consumers_get_a_link(stall: Stall) -> None:
    await paid(stall)
    await stall.till.work()
    assert await stall.files() == []


async def test_a_foreign_company_is_pointed_out_to_a_person(stall: Stall) -> None:
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key, delivery_countries=["DE", "AT"])
    order = await paid(stall, company="Blüten GmbH", vat_id="ATU13585627", country="AT",
                       postcode="1010")  # fmt: skip
    assert order.concerns == ["reverse_charge"]
    [invoice] = await all_invoices(stall)
    assert invoice.tax_minor > 0


async def mend(stall: Stall, order: Order, **changes: str) -> None:
    form = CorrectionForm.read(
        ADDRESS | {"delivery": "delivery", "seen": fingerprint(order)} | changes
    )
    async with stall.db.transaction() as session:
        await correct(session, stall.shop, order.key, form, by="Anna Beet", now=stall.clock())


async def test_a_mended_address_leaves_the_invoice_until_somebody_asks(each_stall: Stall) -> None:
    stall = each_stall
    order = await paid(stall)
    await mend(stall, order, **OFFICE)
    documents = await all_invoices(stall)
    assert len(documents) == 1
    order = await fresh(stall, order)
    assert has_another_buyer(order, documents)
    await stall.sign_in()
    back = await stall.fan.send(f"/counter/orders/{order.key}/invoices/anew")
    assert back == f"/counter/orders/{order.key}"
    first, cancelled, new = await all_invoices(stall)
    assert (cancelled.kind, cancelled.cancels_id, cancelled.total_minor) == (
        "cancellation", first.key, -first.total_minor,
    )  # fmt: skip
    assert content_of(cancelled).buyer == content_of(first).buyer
    assert (new.kind, new.total_minor, new.tax_minor) == (
        "invoice", first.total_minor, first.tax_minor,
    )  # fmt: skip
    assert content_of(new).buyer.company == "Müller & Söhne GmbH"
    assert not has_another_buyer(order, [first, cancelled, new])
    await stall.till.work()
    assert (await stall.mails())[
        -1
    ].subject == f"Eine neue Rechnung zu Ihrer Bestellung {order.number}"
    assert [one.name for one in await stall.files()][-2:] == [
        f"{cancelled.number}.pdf",
        f"{new.number}.pdf",
    ]


async def test_what_fits_is_not_written_anew(stall: Stall) -> None:
    order = await paid(stall)
    async with stall.db.transaction() as session:
        with pytest.raises(InvoiceFits):
            await write_anew(session, stall.shop.key, order.key, by="Anna", now=stall.clock())
    assert len(await all_invoices(stall)) == 1


async def test_an_order_that_changed_much_is_written_anew_as_it_stands(stall: Stall) -> None:
    order = await paid(stall, company="Müller GmbH")
    await change(stall, order, roses(1))
    await change(stall, order, roses(-2))
    await give_back(stall, order, 500, 1)
    await mend(stall, await fresh(stall, order), **OFFICE)
    async with stall.db.transaction() as session:
        await write_anew(session, stall.shop.key, order.key, by="Anna", now=stall.clock())
    documents = await all_invoices(stall)
    *_, back, new, goodwill = documents
    assert [one.kind for one in (back, new, goodwill)] == [
        "cancellation",
        "invoice",
        "cancellation",
    ]
    assert (new.total_minor, goodwill.total_minor, goodwill.cancels_id) == (2490, -500, new.key)
    assert sum(one.total_minor for one in documents) == (await fresh(stall, order)).owed_minor
    assert sum(one.total_minor for one in documents[:-2]) == 0
