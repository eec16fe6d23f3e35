"""What every letter about an order can speak of."""

from typing import Any

from core.pages import Pages
from core.shops import Shop
from storefront.countries import country_name
from storefront.legal import blocks, legal_text
from storefront.models import Storefront
from storefront.notes import percent
from storefront.orders.finding import status_link
from storefront.orders.models import Order


def context_of(
    pages: Pages, shop: Shop, window: Storefront, order: Order, origin: str
) -> dict[str, Any]:
    locale = order.locale
    texts = {
        page: blocks(legal_text(pages, page, shop, window, locale))
        for page in ("terms", "withdrawal", "imprint")
    }
    return {
        "shop": shop,
        "storefront": window,
        "order": order,
        "origin": origin,
        "link": status_link(origin, shop, order),
        "texts": texts,
        "country": country_name(order.country, locale),
        "percent": lambda tax_bp: percent(tax_bp, locale),
    }
