"""The meter of sales to consumers in other EU countries."""

from datetime import UTC, datetime

from core.money import Money
from storefront.invoices.abroad import THRESHOLD, Abroad, sold_abroad
from storefront.storefronts import edit_storefront
from tests.storefront.bills import an_order, details, give_back, pay
from tests.storefront.stall import Stall


async def test_only_consumers_in_other_eu_countries_count_net(each_stall: Stall) -> None:
    stall = each_stall
    stall.clock.now = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
    await details(stall)
    async with stall.db.transaction() as session:
        await edit_storefront(session, stall.shop.key,
                              delivery_countries=["DE", "AT", "FR", "CH"])  # fmt: skip
    for country, more in (
        ("DE", {}), ("CH", {}), ("AT", {}), ("FR", {}), ("AT", {}),
        ("AT", {"company": "Blüten GmbH", "vat_id": "ATU13585627"}),
    ):  # fmt: skip
        order = await an_order(stall, country=country, **more)
        await pay(stall, order)
        if country == "FR":
            await give_back(stall, order, 4980, 1)
    async with stall.db.reading() as session:
        abroad = await sold_abroad(session, stall.shop.key, "DE", 2026)
        assert (await sold_abroad(session, stall.shop.key, "DE", 2025)).countries == []
    assert abroad.countries == [("AT", Money(2 * 4185, "EUR")), ("FR", Money(0, "EUR"))]
    assert abroad.is_above is False
    await stall.sign_in()
    page = await stall.fan.look("/counter/invoices?month=2026-11")
    assert "Austria €83.70, France €0.00; together €83.70." in page


def test_the_threshold_itself_is_not_above_it() -> None:
    assert Abroad(2026, [("AT", THRESHOLD)]).is_above is False
    assert Abroad(2026, [("AT", THRESHOLD), ("FR", Money(1, "EUR"))]).is_above is True
