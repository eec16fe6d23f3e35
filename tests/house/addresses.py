"""Every address of the product, filled in with the rows of an estate, and a good form for each."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from app.demo.settings import PAGE
from staff.access import OPEN_PAGES
from storefront.orders.correcting import fingerprint
from tests.house.estates import Estate
from tests.opened import House
from tests.shopping import ADDRESS

Form = dict[str, Any]


# Behind the counter, but about no row of a shop: coming in and going out.
ABOUT_NOBODY = OPEN_PAGES | {"/counter/sign-out", "/counter/sign-out-everywhere"}

# Endless, so it has a test of its own.
STREAM = "/counter/events"

# Which row of an estate stands in the address where it is not the one named like the place.
STATES = {
    "/counter/health/payments/refunds/{refund_id}/paid-elsewhere": "elsewhere",
    "/counter/settings/team/{member_id}/dismiss": "leaving",
    "/counter/orders/{order_id}/cancel": "unpaid",
    "/counter/orders/{order_id}/changes/{change_id}": "kept",
    "/counter/orders/{order_id}/changes/{change_id}/confirm": "kept",
    "/counter/orders/{order_id}/changes/{change_id}/drop": "dropped",
    "/counter/orders/{order_id}/change": "kept",
    "/counter/orders/{order_id}/parcels": "posted",
    "/counter/orders/{order_id}/parcels/ready": "posted",
    "/counter/orders/{order_id}/parcels/{shipment_id}/slip.pdf": "posted",
    "/counter/orders/{order_id}/parcels/{shipment_id}/tracking": "posted",
    "/counter/orders/{order_id}/parcels/{shipment_id}/{what}": "posted",
    "/counter/products/{product_id}/delete": "delete",
    "/counter/orders/{order_id}/return": "return",
    **{
        f"/counter/withdrawals/{{withdrawal_id}}/{name}": name
        for name in ("accept", "reject", "proof", "arrived", "refund", "close")
    },
    "/counter/withdrawals/{withdrawal_id}/label.pdf": "label",
    "/counter/products/{product_id}/variants/{variant_id}/parts": "set",
    "/counter/stock/{variant_id}/{what}": "off",
    "/counter/inbox/{conversation_id}/messages/{message_id}/drop": "drop",
    "/counter/inbox/{conversation_id}/messages/{message_id}/{wanted}": "wall",
    "/counter/inbox/{conversation_id}/messages/{message_id}/keep": "wall",
}

# What may stand in places that name no row.
CHOICES = {
    ("/counter/orders/{order_id}/{what}", "what"): ("sent", "ready"),
    ("/counter/orders/{order_id}/parcels/{shipment_id}/{what}", "what"): (
        "delivered", "on-its-way", "picked-up", "undo",
    ),
    ("/counter/products/{product_id}/pictures/{picture_id}/{what}", "what"): (
        "alt", "first", "remove",
    ),
    ("/counter/stock/{variant_id}/{what}", "what"): ("rebuild", "book"),
    ("/counter/inbox/{conversation_id}/messages/{message_id}/{wanted}", "wanted"): (
        "hide", "show", "delete",
    ),
}  # fmt: skip


def forms(named: Estate) -> dict[str, Form]:
    """What is posted where. Rows it names are of `named`; it would work for its owner."""
    rows = named.rows
    product: Form = {
        "name": "Tulpen", "description": "Frisch", "tax_bp": "700", "position": "1", "sku": "T1",
        "content_unit": "", "producer": "Gärtnerei", "warnings": "", "price": "12,90",
        "content": "", "pieces": "3", "alt": "Tulpen",
    }  # fmt: skip
    piece: Form = {"line": rows["line"], f"pieces-{rows['line']}": "1"}
    words: Form = {"reason": "", "note": "Ein Wort", "alt": "Rosen"}
    return {
        "/counter/settings/team": {"name": "Ben", "email": "ben@example.org",
                                   "role": "agent", "locale": "de"},
        "/counter/settings/team/{member_id}/link": {},
        "/counter/settings/team/{member_id}/role": {"role": "owner"},
        "/counter/settings/team/{member_id}/prices": {"allowed": "1"},
        "/counter/settings/team/{member_id}/dismiss": {},
        "/counter/profile": {"name": "Mia", "locale": "de"},
        "/counter/profile/password": {"present": "a long enough sentence",
                                      "new": "another long sentence"},
        "/counter/health/events/{incoming_id}/again": {},
        "/counter/health/jobs/{job_id}/again": {},
        "/counter/inbox/{conversation_id}/reply": {
            "mode": "message", "text": "Guten Tag", "seen": rows["message_id:drop"],
            "answers": rows["message_id:asked"]},
        "/counter/inbox/{conversation_id}/take": {},
        "/counter/inbox/{conversation_id}/bot": {},
        "/counter/inbox/{conversation_id}/assign": {"member": rows["member_id"]},
        "/counter/inbox/{conversation_id}/close": {},
        "/counter/inbox/{conversation_id}/reopen": {},
        "/counter/inbox/{conversation_id}/messages/{message_id}/again": {},
        "/counter/inbox/{conversation_id}/messages/{message_id}/drop": {},
        "/counter/inbox/{conversation_id}/messages/{message_id}/{wanted}": {},
        "/counter/inbox/{conversation_id}/messages/{message_id}/keep": {},
        "/counter/orders/{order_id}/{what}": {},
        "/counter/orders/{order_id}/looked-after": {"concern": "withdrawal"},
        "/counter/orders/{order_id}/refund": words,
        "/counter/orders/{order_id}/cancel": words,
        "/counter/orders/{order_id}/note": words,
        "/counter/orders/{order_id}/change": {"goodwill": "1,00", "reason": "Ein Wort",
                                              "find": "Rosen"},
        "/counter/orders/{order_id}/changes/{change_id}/confirm": {"waive": "1"},
        "/counter/orders/{order_id}/changes/{change_id}/drop": {},
        "/counter/orders/{order_id}/correct": ADDRESS
        | {"seen": fingerprint(named.paid), "card_text": "Ja"},
        "/counter/orders/{order_id}/invoices/anew": {},
        "/counter/letters/{letter_id}/again": {},
        "/counter/settings/accounts": {"consultant": "29098", "client": "55003", "chart": "04",
                                       "debtors": "10000", "revenue": "19 = 4400"},
        "/counter/orders/{order_id}/return": {"kind": "claim", "words": "Sprung"} | piece,
        "/counter/withdrawals/{withdrawal_id}/assign": {"order_id": named.paid.key},
        "/counter/withdrawals/{withdrawal_id}/accept": {"way": "none", "link": ""} | piece,
        "/counter/withdrawals/{withdrawal_id}/reject": {"reason": "Zu spät"},
        "/counter/withdrawals/{withdrawal_id}/proof": {"proof": "DHL-Beleg"},
        "/counter/withdrawals/{withdrawal_id}/arrived": {
            f"came-{rows['line']}": "1", f"sellable-{rows['line']}": "1",
            f"lost-{rows['line']}": "", f"why-{rows['line']}": ""},
        "/counter/withdrawals/{withdrawal_id}/refund": {},
        "/counter/withdrawals/{withdrawal_id}/close": {},
        "/counter/orders/{order_id}/parcels": {
            f"pieces-{rows['line_id:posted']}": "1", "carrier": "dhl", "tracking": "123456789012"},
        "/counter/orders/{order_id}/parcels/ready": {f"pieces-{rows['line_id:posted']}": "1"},
        "/counter/orders/{order_id}/parcels/{shipment_id}/tracking": {
            "carrier": "dpd", "tracking": "123456789013"},
        "/counter/orders/{order_id}/parcels/{shipment_id}/{what}": {},
        "/counter/orders/{order_id}/personal-line": {"personal_line": "Liebe {name}, danke!"},
        "/counter/products": product,
        "/counter/products/{product_id}": product,
        "/counter/products/{product_id}/state": {"state": "hidden"},
        "/counter/products/{product_id}/delete": {},
        "/counter/products/{product_id}/variants": product | {"name": "3 Stück", "sku": "T3"},
        "/counter/products/{product_id}/variants/{variant_id}": product,
        "/counter/products/{product_id}/variants/{variant_id}/offer": {"on": "1"},
        "/counter/products/{product_id}/variants/{variant_id}/stock": {"change": "1"},
        "/counter/products/{product_id}/variants/{variant_id}/parts": {
            "part": rows["variant_id"], "pieces": "2"},
        "/counter/stock/check": {},
        "/counter/stock/{variant_id}/{what}": {"reason": "Gezählt"},
        "/counter/products/{product_id}/pictures": {"alt": "Tulpen"},
        "/counter/products/{product_id}/pictures/{picture_id}/{what}": words,
        "/counter/settings/shop": {
            "welcome": "Willkommen", "countries": "DE", "contact_email": "mia@example.org",
            "contact_phone": "0351 1", "shipping_fee": "4,90", "free_from": "50",
            "shipping_tax_bp": "1900", "delivery_text": "Morgen", "payment_text": "Karte",
            "pickup_text": "Am Markt", "hold_minutes": "45"},
        "/counter/settings/shipping": {
            "lead_days": "1", "latest_hour": "14", "closed_weekdays": "6",
            "slip_line_de": "Viel Freude, {name}!", "slip_line_en": "Enjoy, {name}!",
            "review_link": "https://reviews.example/us", "review_days": "7"},
        "/counter/settings/invoices": {
            "name": "Mia Blum", "street": "Marktplatz 3", "postcode": "01067", "town": "Dresden",
            "country": "DE", "tax_number": "201/123/45678", "vat_id": "DE123456789",
            "bank": "IBAN", "prefix": "RE"},
        "/counter/settings/texts": {"save": "imprint", "imprint": "Mia Blum, Marktplatz 3"},
        "/counter/deals": {"title": "Rosen billiger", "kind": "percent", "percent": "5",
                           "product_ids": named.goods.orchid.key, "minimum": "20",
                           "starts_on": "2026-01-01", "ends_on": "2099-01-01", "with_code": "1",
                           "code": "ROSENDEAL", "total_limit": "5", "per_customer_limit": "1"},
        "/counter/deals/{deal_id}/codes": {"code": "NOCHEINER", "total_limit": "5",
                                           "per_customer_limit": "1"},
        "/counter/deals/{deal_id}/end": {},
        "/counter/deals/{deal_id}/post": {"text": "Rosen!", "code_id": rows["code_id"],
                                          "link": "https://shop.example/"},
        "/counter/posts/{post_id}/retry": {},
        "/counter/settings/meta": {"page_id": PAGE.page_id, "token": PAGE.page_token},
        "/counter/settings/meta/again": {},
        "/counter/settings/meta/disconnect": {},
        "/counter/settings/payments": {"key": "sk_test_tresen_demo_0001"},
        "/counter/settings/payments/webhook": {"webhook_secret": "whsec_another_demo_0002"},
        "/counter/settings/payments/webhook/create": {},
        "/counter/settings/payments/check": {},
        "/counter/settings/payments/connect": {},
        "/counter/health/payments/refunds/{refund_id}/again": {},
        "/counter/health/payments/refunds/{refund_id}/paid-elsewhere": {},
        "/counter/health/payments/missing/{missing_id}/seen": {},
    }  # fmt: skip


def counter_routes(house: House) -> Iterator[tuple[str, str]]:
    for resource in house.product.router.resources():
        if resource.canonical.startswith("/counter") and resource.canonical not in ABOUT_NOBODY:
            yield from (
                (one.method, resource.canonical) for one in resource if one.method != "HEAD"
            )


def places(canonical: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", canonical)


def spellings(canonical: str) -> Iterator[str]:
    """The address with every choice there is; rows stay open."""
    chosen = [name for name in places(canonical) if (canonical, name) in CHOICES]
    if not chosen:
        yield canonical
    for name in chosen:
        for choice in CHOICES[canonical, name]:
            yield canonical.replace(f"{{{name}}}", choice)


def filled(canonical: str, spelled: str, estates: dict[str, Estate]) -> str:
    state = STATES.get(canonical, "")
    for name, estate in estates.items():
        row = estate.rows.get(f"{name}:{state}", estate.rows.get(name))
        assert row, (
            f"tests/house/estates.py must say which row {{{name}}} of {canonical} stands for"
        )
        spelled = spelled.replace(f"{{{name}}}", str(row))
    return spelled


def rows_in(canonical: str) -> list[str]:
    return [name for name in places(canonical) if (canonical, name) not in CHOICES]


def form_for(canonical: str, named: Estate) -> Form:
    known = forms(named)
    assert canonical in known, (
        f"tell forms() in tests/house/addresses.py what can be posted to {canonical}"
    )
    return {name: str(value) for name, value in known[canonical].items()}


def front_routes(house: House) -> list[tuple[str, str]]:
    return [
        (one.method, resource.canonical)
        for resource in house.product.router.resources()
        for one in resource
        if resource.canonical.startswith("/s/{shop}") and one.method != "HEAD"
    ]


# Facebook opens it, with a signature: tests/storefront/test_tab.py.
TAB = "/s/{shop}/tab"

FRONT_CHOICES = {
    "basket/{anything}": "add",
    "o/{token}/{anything}": "pay",
    "changes/{change_id}/{anything}": "pay",
    "legal/{page}": "imprint",
}


def front_address(canonical: str, estate: Estate, shop: str) -> str:
    """What `estate` would ask for, at the address of `shop`."""
    for ending, choice in FRONT_CHOICES.items():
        if canonical.endswith(ending):
            canonical = re.sub(r"\{\w+\}$", choice, canonical)
    asked = {"{shop}": shop, "{visit}": estate.visit, "{slug}": estate.goods.roses.slug,
             "{token}": estate.paid.token, "{change_id}": str(estate.rows["change_id"]),
             "{number}": estate.rows["number"], "{consent}": estate.rows["consent"],
             "{case_id}": str(estate.rows["withdrawal_id:label"])}  # fmt: skip
    for place, value in asked.items():
        canonical = canonical.replace(place, value)
    assert "{" not in canonical, (
        f"tell front_address() in tests/house/addresses.py what stands in {canonical}"
    )
    return canonical


def front_forms(estate: Estate) -> dict[str, Form]:
    order = estate.paid
    withdrawal: Form = {"name": "Otto Ohm", "contract": f"Bestellung {order.number}",
                        "email": order.email}  # fmt: skip
    line: Form = {"variant": estate.goods.dozen.key, "quantity": 2}
    return {
        "basket/add": line,
        "basket/set": line,
        "basket/seen": {},
        "basket/code": {"code": estate.goods.code.code},
        "order": {"switch": "pickup", "name": "Otto Ohm"},
        "order/place": ADDRESS
        | {
            "basket_version": 2,
            "total_minor": 4090,
            "wish_date": datetime.now(UTC).date(),
            "phone": "0351 1",
            "recipient": "Eva",
            "card_text": "Alles Gute",
            "remark": "Danke",
        },
        "o/{token}/pay": {},
        "o/{token}/cancel": {},
        "o/{token}/again": {},
        "o/{token}/changes/{change_id}/pay": {},
        "o/{token}/changes/{change_id}/drop": {},
        "o/{token}/arrived": {"parcel": estate.rows["shipment_id"]},
        "o/{token}/not-arrived": {"parcel": estate.rows["shipment_id"]},
        "o/{token}/correct": ADDRESS | {"seen": fingerprint(order), "town": "Meißen"},
        "o/{token}/withdraw": {"name": "Otto Ohm", "scope": "Eine Rose", "email": order.email},
        "o/{token}/withdraw/confirm": {"name": "Otto Ohm", "scope": "Eine Rose"},
        "withdraw": withdrawal,
        "withdraw/confirm": withdrawal,
    }


def front_form(canonical: str, estate: Estate) -> Form:
    ending = re.sub(r"^/s/\{shop\}/(~\{visit\}/)?", "", canonical)
    known = front_forms(estate)
    assert ending in known, (
        f"tell front_forms() in tests/house/addresses.py what can be posted to {canonical}"
    )
    return {name: str(value) for name, value in known[ending].items()}
