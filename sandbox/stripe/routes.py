"""The addresses of the API, each with the SDK's type of its parameters and its verb."""

from functools import partial
from typing import Any

from aiohttp import web
from stripe import params
from stripe.params import checkout

from sandbox.stripe import (
    accounts,
    balance,
    charges,
    connecting,
    disputes,
    endpoints,
    events,
    intents,
    refunds,
    sessions,
)
from sandbox.stripe.answering import Endpoint
from sandbox.stripe.gate import serve


def table() -> list[Endpoint]:
    """Built on demand: the SDK loads each params module when it is first named."""
    return [*_checkout(), *_money(), *_refunds(), *_disputes(), *_watching(), *_account()]


def add_to(app: web.Application) -> None:
    for endpoint in table():
        path = f"/stripe/v1{endpoint.path}"
        app.router.add_route(endpoint.method, path, partial(serve, endpoint=endpoint))
    app.router.add_route("*", "/stripe/{rest:.*}", partial(serve, endpoint=None))


def _get(path: str, shape: Any, verb: Any, kind: str) -> Endpoint:
    return Endpoint("GET", path, shape, verb, kind)


def _post(path: str, shape: Any, verb: Any, kind: str) -> Endpoint:
    return Endpoint("POST", path, shape, verb, kind)


def _list(path: str, shape: Any, verb: Any, kind: str) -> Endpoint:
    return Endpoint("GET", path, shape, verb, kind, is_list=True)


def _checkout() -> list[Endpoint]:
    path, kind = "/checkout/sessions", sessions.KIND
    lines = f"{path}/{{id}}/line_items"
    return [
        _post(path, checkout.SessionCreateParams, sessions.create, kind),
        _list(path, checkout.SessionListParams, sessions.listed, kind),
        _get(f"{path}/{{id}}", checkout.SessionRetrieveParams, sessions.retrieve, kind),
        _post(f"{path}/{{id}}", checkout.SessionUpdateParams, sessions.update, kind),
        _post(f"{path}/{{id}}/expire", checkout.SessionExpireParams, sessions.expire, kind),
        _list(lines, checkout.SessionLineItemListParams, sessions.line_items, "item"),
    ]


def _money() -> list[Endpoint]:
    path, kind = "/payment_intents", intents.KIND
    entry = "balance_transaction"
    return [
        _list(path, params.PaymentIntentListParams, intents.listed, kind),
        _get(f"{path}/{{id}}", params.PaymentIntentRetrieveParams, intents.retrieve, kind),
        _post(f"{path}/{{id}}/cancel", params.PaymentIntentCancelParams, intents.cancel, kind),
        _post(f"{path}/{{id}}/capture", params.PaymentIntentCaptureParams, intents.capture, kind),
        _list("/charges", params.ChargeListParams, charges.listed, "charge"),
        _get("/charges/{id}", params.ChargeRetrieveParams, charges.retrieve, "charge"),
        _list("/balance_transactions", params.BalanceTransactionListParams, balance.listed, entry),
        _get(
            "/balance_transactions/{id}",
            params.BalanceTransactionRetrieveParams,
            balance.retrieve,
            entry,
        ),
        _get("/balance", params.BalanceRetrieveParams, balance.summary, "balance"),
    ]


def _refunds() -> list[Endpoint]:
    path, kind = "/refunds", refunds.KIND
    return [
        _post(path, params.RefundCreateParams, refunds.create, kind),
        _list(path, params.RefundListParams, refunds.listed, kind),
        _get(f"{path}/{{id}}", params.RefundRetrieveParams, refunds.retrieve, kind),
        _post(f"{path}/{{id}}", params.RefundUpdateParams, refunds.update, kind),
        _post(f"{path}/{{id}}/cancel", params.RefundCancelParams, refunds.cancel, kind),
    ]


def _disputes() -> list[Endpoint]:
    path, kind = "/disputes", disputes.KIND
    return [
        _list(path, params.DisputeListParams, disputes.listed, kind),
        _get(f"{path}/{{id}}", params.DisputeRetrieveParams, disputes.retrieve, kind),
        _post(f"{path}/{{id}}", params.DisputeUpdateParams, disputes.update, kind),
    ]


def _watching() -> list[Endpoint]:
    path, kind = "/webhook_endpoints", endpoints.KIND
    return [
        _list("/events", params.EventListParams, events.listed, "event"),
        _get("/events/{id}", params.EventRetrieveParams, events.retrieve, "event"),
        _post(path, params.WebhookEndpointCreateParams, endpoints.create, kind),
        _list(path, params.WebhookEndpointListParams, endpoints.listed, kind),
        _get(f"{path}/{{id}}", params.WebhookEndpointRetrieveParams, endpoints.retrieve, kind),
        _post(f"{path}/{{id}}", params.WebhookEndpointUpdateParams, endpoints.update, kind),
        Endpoint(
            "DELETE",
            f"{path}/{{id}}",
            params.WebhookEndpointDeleteParams,
            endpoints.delete,
            kind,
        ),
    ]


def _account() -> list[Endpoint]:
    return [
        _get("/account", params.AccountRetrieveCurrentParams, accounts.own, "account"),
        _post("/accounts", params.AccountCreateParams, connecting.create, "account"),
        _post("/account_links", params.AccountLinkCreateParams, connecting.link, "account_link"),
        _get("/accounts/{id}", params.AccountRetrieveParams, accounts.retrieve, "account"),
        _get("/customers/{id}", params.CustomerRetrieveParams, accounts.customer, "customer"),
        _get("/products/{id}", params.ProductRetrieveParams, accounts.product, "product"),
        _list("/products", params.ProductListParams, accounts.products, "product"),
        _get("/prices/{id}", params.PriceRetrieveParams, accounts.price, "price"),
        _list("/prices", params.PriceListParams, accounts.prices, "price"),
    ]
