"""What a basket costs: its goods by all rules, and its way to the buyer."""

from collections.abc import Sequence

from core.money import Money, zero
from core.shops import Shop
from promotions.pricing import PriceLine, Quote, price
from promotions.rules import Rule
from storefront.basket_items import BasketItem
from storefront.models import Storefront
from storefront.orders.models import Delivery


def quote_of(
    shop: Shop,
    window: Storefront,
    items: Sequence[BasketItem],
    rules: Sequence[Rule],
    delivery: Delivery,
) -> Quote:
    lines = [
        PriceLine(
            variant_id=item.variant.key, product_id=item.product.key, quantity=item.quantity,
            unit=item.variant.price,
            tax_bp=0 if window.small_business else item.product.tax_bp,
        )
        for item in items
        if item.problem is None
    ]  # fmt: skip
    goods = sum(line.gross.minor for line in lines)
    tax_bp = 0 if window.small_business else window.shipping_tax_bp
    shipping = _shipping(shop, window, goods, delivery)
    return price(lines, shipping=shipping, shipping_tax_bp=tax_bp, rules=rules)


def _shipping(shop: Shop, window: Storefront, goods_minor: int, delivery: Delivery) -> Money:
    """The goods count at their full price, as they do for a deal's minimum."""
    threshold = window.free_shipping_from_minor
    is_free = threshold is not None and goods_minor >= threshold
    if delivery == "pickup" or goods_minor == 0 or is_free:
        return zero(shop.currency)
    return Money(window.shipping_fee_minor, shop.currency)


def free_from(window: Storefront, shop: Shop, delivery: Delivery) -> Money | None:
    if delivery == "pickup" or window.free_shipping_from_minor is None:
        return None
    return Money(window.free_shipping_from_minor, shop.currency)
