"""The peer: django-oscar places the same order by its own service layer, in-process.

`BENCH_DB=postgresql://… python -m bench.peer_checkout make|place` in `.venv-bench`, which holds
django-oscar (BSD) and nothing of ours. What Oscar's checkout does when its last page is sent, and
nothing of HTTP or templates: a basket with its strategy, two lines and a voucher, the offers
applied, shipping address and method, the total, and `OrderPlacementMixin`'s way through
`OrderNumberGenerator`, `OrderCreator.place_order` (stock allocation and voucher use are in it), the
payment source, and the basket submitted. One line of JSON: seconds of each order, statements of one.
"""

import json
import os
import sys
import time
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

WARM_UP = 20


def _database() -> dict[str, object]:
    url = urlsplit(os.environ["BENCH_DB"])
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.lstrip("/"),
        "USER": url.username or "postgres",
        "HOST": parse_qs(url.query).get("host", [unquote(url.hostname or "")])[0],
        "PORT": url.port or "",
        "CONN_MAX_AGE": None,
    }


def configure() -> None:
    import django
    from django.conf import settings
    from oscar import INSTALLED_APPS
    from oscar.defaults import __dict__ as defaults

    told = {name: value for name, value in defaults.items() if name.startswith("OSCAR_")}
    settings.configure(
        **told
        | {
            "DEBUG": False,
            "SECRET_KEY": "bench",
            "SITE_ID": 1,
            "USE_TZ": True,
            "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
            "OSCAR_DEFAULT_CURRENCY": "EUR",
            "INSTALLED_APPS": INSTALLED_APPS,
            "DATABASES": {"default": _database()},
            "HAYSTACK_CONNECTIONS": {
                "default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}
            },
            "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        }
    )
    django.setup()


def make() -> None:
    """Sixty products with stock, a voucher for ten percent: what our own shop holds."""
    from datetime import timedelta

    from django.core.management import call_command
    from django.utils import timezone
    from oscar.core.loading import get_model
    from oscar.test.factories import create_product, create_stockrecord

    call_command("migrate", verbosity=0)
    get_model("address", "Country").objects.create(
        iso_3166_1_a2="DE", printable_name="Germany", is_shipping_country=True
    )
    for number in range(60):
        product = create_product(title=f"Strauß {number}", upc=f"upc-{number}")
        create_stockrecord(
            product, price=Decimal("24.90"), num_in_stock=1_000_000, partner_name="Blumen am Markt"
        )
    goods = get_model("offer", "Range").objects.create(name="all", includes_all_products=True)
    condition = get_model("offer", "Condition").objects.create(range=goods, type="Count", value=1)
    benefit = get_model("offer", "Benefit").objects.create(
        range=goods, type="Percentage", value=Decimal("10")
    )
    offer = get_model("offer", "ConditionalOffer").objects.create(
        name="10 %", offer_type="Voucher", condition=condition, benefit=benefit
    )
    now = timezone.now()
    voucher = get_model("voucher", "Voucher").objects.create(
        name="10 %", code="MAIGLOCKE10", usage="Multi-use",
        start_datetime=now - timedelta(days=1), end_datetime=now + timedelta(days=30),
    )  # fmt: skip
    voucher.offers.add(offer)


def fill(number: int) -> Any:
    from oscar.core.loading import get_class, get_model

    basket = get_model("basket", "Basket").objects.create()
    basket.strategy = get_class("partner.strategy", "Selector")().strategy()
    products = get_model("catalogue", "Product").objects
    for which, quantity in ((number % 60, 1), ((number * 7 + 3) % 60, 2)):
        basket.add_product(products.get(upc=f"upc-{which}"), quantity)
    basket.vouchers.add(get_model("voucher", "Voucher").objects.get(code="MAIGLOCKE10"))
    return basket


def place(basket: Any, number: int) -> None:
    """As `OrderPlacementMixin.handle_order_placement` and `place_order` do for a guest."""
    from django.contrib.auth.models import AnonymousUser
    from oscar.core.loading import get_class, get_model

    guest = AnonymousUser()
    # Without a user at all, not even a guest, Oscar looks at no voucher.
    get_class("offer.applicator", "Applicator")().apply(basket, guest)
    method = get_class("shipping.methods", "FixedPrice")(Decimal("5.90"), Decimal("5.51"))
    charge = method.calculate(basket)
    total = get_class("checkout.calculators", "OrderTotalCalculator")().calculate(basket, charge)
    address = get_model("order", "ShippingAddress")(
        first_name="Anna", last_name="Blum", line1="Gartenweg 3", line4="Dresden",
        postcode="01067", country=get_model("address", "Country").objects.get(pk="DE"),
    )  # fmt: skip
    address.save()
    order = get_class("order.utils", "OrderCreator")().place_order(
        basket=basket,
        total=total,
        shipping_method=method,
        shipping_charge=charge,
        shipping_address=address,
        user=guest,
        order_number=get_class("order.utils", "OrderNumberGenerator")().order_number(basket),
        status="Pending",
        guest_email=f"guest-{number}@example.org",
    )
    source_type, _ = get_model("payment", "SourceType").objects.get_or_create(name="Stripe")
    get_model("payment", "Source").objects.create(
        source_type=source_type, order=order, currency="EUR", amount_allocated=total.incl_tax
    )
    basket.submit()
    if not order.total_discount_incl_tax:
        raise RuntimeError("the voucher was not applied")


def measure(first: int, count: int) -> dict[str, object]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for number in range(first, first + WARM_UP):
        place(fill(number), number)
    basket = fill(first + WARM_UP)
    with CaptureQueriesContext(connection) as asked:
        place(basket, first + WARM_UP)
    whole, placing = [], []
    for number in range(first + WARM_UP + 1, first + WARM_UP + 1 + count):
        began = time.perf_counter()
        basket = fill(number)
        filled = time.perf_counter()
        place(basket, number)
        ended = time.perf_counter()
        whole.append(ended - began)
        placing.append(ended - filled)
    return {"seconds": whole, "placing": placing, "statements": len(asked)}


def main() -> None:
    configure()
    if sys.argv[1] == "make":
        make()
        return
    # Kept open for several rounds, so that only the first warms up from nothing.
    for line in sys.stdin:
        first, count = map(int, line.split())
        print(json.dumps(measure(first, count)), flush=True)


if __name__ == "__main__":
    main()
