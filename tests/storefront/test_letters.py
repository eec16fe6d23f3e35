"""E-mails about orders: in the buyer's language, once each, with the contract's texts."""

from typing import Any, get_args

import pytest

from storefront.changes.models import OrderChange
from storefront.changes.rows import ChangeRow, RowKind
from storefront.letters.writing import SUBJECTS, write_letter
from storefront.orders.placing import place
from storefront.storefronts import edit_storefront
from tests.storefront.goods import a_basket, a_form, a_product
from tests.storefront.stall import Stall, all_pages


async def bought(stall: Stall, locale: str, **changes: str) -> str:
    async with stall.db.transaction() as session:
        await edit_storefront(
            session, stall.shop.key, terms="# Unsere AGB\n\nAlles wird gut.",
            withdrawal="Vierzehn Tage.", imprint="Blumen am Markt\nMarktstraße 12",
        )  # fmt: skip
        _, variant = await a_product(session, stall.shop, "Rosen & <Tulpen>", price=2490,
                                     now=stall.clock())  # fmt: skip
        basket = await a_basket(session, stall.shop, variant, 2, now=stall.clock())
        form = a_form(basket, locale=locale, card_text="Alles Liebe", **changes)
        order = (await place(session, stall.shop, basket, form, now=stall.clock())).order
    await stall.till.work()
    return order.token


@pytest.mark.parametrize(
    ("locale", "subject", "greeting", "amount"),
    [
        ("de", "Ihre Bestellung 1001 ist eingegangen", "Guten Tag, Anna Blum,", "49,80 €"),
        ("en", "We have received your order 1001", "Hello Anna Blum,", "€49.80"),
    ],
)
async def test_the_receipt_of_an_order_is_confirmed_at_once(
    stall: Stall, locale: str, subject: str, greeting: str, amount: str
) -> None:
    token = await bought(stall, locale)
    [mail] = await stall.mails()
    assert (mail.subject, mail.recipient, mail.sender_name) == (
        subject, "anna@example.org", "Blumen am Markt",
    )  # fmt: skip
    for said in (greeting, f"/s/blumen/o/{token}", amount, "Alles Liebe", "Marktstraße 12"):
        assert said in mail.text.replace("\u00a0", " ")
        assert said in mail.html.replace("\u00a0", " ")
    assert "Rosen & <Tulpen>" in mail.text
    assert "Rosen &amp; &lt;Tulpen&gt;" in mail.html


async def test_the_contract_is_confirmed_with_its_texts(stall: Stall) -> None:
    await bought(stall, "de")
    order = await stall.last_order()
    _, pages = all_pages()
    about = f"order:{order.key}:paid"
    for _ in range(2):
        await write_letter(stall.db, pages, stall.clock, "https://blumen.example",
                           shop_id=stall.shop.key, order_id=order.key, kind="paid",
                           amount_minor=0, about=about)  # fmt: skip
    [mail] = [one for one in await stall.mails() if one.about == about]
    for said in ("Unsere AGB", "Alles wird gut.", "Vierzehn Tage.", "MwSt. (19",
                 "https://blumen.example/s/blumen/withdraw?order=1001"):  # fmt: skip
        assert said in mail.text
        assert said in mail.html


ROW_KINDS: tuple[RowKind, ...] = get_args(RowKind)


def _row(kind: RowKind) -> dict[str, Any]:
    row = ChangeRow(kind=kind, name="Vase", unit_minor=490, total_minor=490)
    return row.model_dump(mode="json")


async def test_every_letter_can_be_written_in_both_languages(stall: Stall) -> None:
    _, pages = all_pages()
    for locale in ("de", "en"):
        async with stall.db.transaction() as session:
            await edit_storefront(session, stall.shop.key, pickup_offered=True, small_business=True)
            _, variant = await a_product(session, stall.shop, now=stall.clock())
            basket = await a_basket(session, stall.shop, variant, now=stall.clock())
            form = a_form(basket, delivery="pickup", locale=locale)
            order = (await place(session, stall.shop, basket, form, now=stall.clock())).order
            change = OrderChange(
                shop_id=stall.shop.key, order_id=order.key, kind="correction", state="waiting",
                currency="EUR", to_pay_minor=490, created_at=stall.clock(), created_by="Mia",
                waits_until=stall.clock(), rows=[_row(kind) for kind in ROW_KINDS],
            )  # fmt: skip
            session.add(change)
            await session.flush()
        for kind in SUBJECTS:
            await write_letter(stall.db, pages, stall.clock, "https://blumen.example",
                               shop_id=stall.shop.key, order_id=order.key, kind=kind,
                               amount_minor=2490, about=f"{kind}:{locale}",
                               change_id=change.key)  # fmt: skip
            mail = (await stall.mails())[-1]
            assert str(order.number) in mail.subject
            assert "%(" not in mail.subject + mail.text
            assert "\n\n\n\n" not in mail.text
