"""What goods are called where product and variant stand in one line."""

from storefront.models import Product, Variant


def full_name(product: Product, variant: Variant) -> str:
    return f"{product.name} – {variant.name}" if variant.name else product.name
