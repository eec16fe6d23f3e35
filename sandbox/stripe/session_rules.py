"""What Checkout refuses when a session is created (Stripe docs: create a Checkout Session)."""

from sandbox.stripe import lines, metadata, methods, shipping, urls
from sandbox.stripe.errors import Invalid, NoSuch
from sandbox.stripe.things import Thing
from sandbox.stripe.world import Call

SHORTEST_S = 30 * 60
LONGEST_S = 24 * 3600
LONGEST_REFERENCE = 200
LONGEST_TEXT = 1200

# True of the real API but not acted out here; refused, so that nobody relies on a stage set.
NOT_ACTED_OUT = frozenset(
    [
        "after_expiration",
        "crypto_wallet",
        "custom_fields",
        "customer_account",
        "customer_update",
        "invoice_creation",
        "managed_payments",
        "name_collection",
        "optional_items",
        "payment_method_data",
        "permissions",
        "redirect_on_completion",
        "return_url",
        "saved_payment_method_options",
        "setup_intent_data",
        "subscription_data",
        "tax_id_collection",
        "wallet_options",
        "payment_method_collection",
    ]
)


def check(call: Call, params: Thing) -> str:
    """Refuses what the real one refuses, before anything is made; answers with the currency."""
    _check_scope(params)
    _check_addresses(params)
    _check_texts(params)
    _check_time(call, params)
    _check_discounts(params)
    if "customer" in params:
        call.account.find("customer", params["customer"], param="customer")
    currency = lines.check(call, params.get("line_items", []))
    if params.get("currency", currency) != currency:
        raise Invalid("currency differs from the currency of the lines.", param="currency")
    shipping.check(call, params.get("shipping_options") or [], currency)
    methods.offered(params, currency)
    _check_intent(call, params)
    return currency


def _check_scope(params: Thing) -> None:
    if params.get("mode") is None:
        raise Invalid("Missing required param: mode.", param="mode", code="parameter_missing")
    if params["mode"] != "payment":
        raise Invalid("The sandbox acts out mode=payment only.", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise Invalid("The sandbox acts out ui_mode=hosted_page only.", param="ui_mode")
    for name in sorted(NOT_ACTED_OUT & params.keys()):
        raise Invalid(
            f"The sandbox does not act out {name}: try it in Stripe's own test mode.", param=name
        )
    if params.get("automatic_tax", {}).get("enabled"):
        raise Invalid("This account has not set up Stripe Tax.", param="automatic_tax[enabled]")
    if "terms_of_service" in params.get("consent_collection", {}):
        raise Invalid(
            "The account has no terms of service URL in its public details.",
            param="consent_collection[terms_of_service]",
        )


def _check_addresses(params: Thing) -> None:
    if "success_url" not in params:
        raise Invalid(
            "Missing required param: success_url.", param="success_url", code="parameter_missing"
        )
    urls.check(params["success_url"].replace("{CHECKOUT_SESSION_ID}", "x"), param="success_url")
    if "cancel_url" in params:
        urls.check(params["cancel_url"].replace("{CHECKOUT_SESSION_ID}", "x"), param="cancel_url")
    if "customer_email" in params:
        urls.check_email(params["customer_email"], param="customer_email")
    if "customer" in params and {"customer_email", "customer_creation"} & params.keys():
        raise Invalid("Send customer, or customer_email and customer_creation.", param="customer")


def _check_texts(params: Thing) -> None:
    metadata.check(params.get("metadata"))
    if len(params.get("client_reference_id", "")) > LONGEST_REFERENCE:
        raise Invalid(
            f"client_reference_id has at most {LONGEST_REFERENCE} characters.",
            param="client_reference_id",
        )
    for name, text in params.get("custom_text", {}).items():
        if isinstance(text, dict) and len(text["message"]) > LONGEST_TEXT:
            raise Invalid(
                f"custom_text has at most {LONGEST_TEXT} characters.",
                param=f"custom_text[{name}][message]",
            )


def _check_time(call: Call, params: Thing) -> None:
    lasts_s = params.get("expires_at", call.now + LONGEST_S) - call.now
    if lasts_s < SHORTEST_S:
        raise Invalid("expires_at must be at least 30 minutes from now.", param="expires_at")
    if lasts_s > LONGEST_S:
        raise Invalid("expires_at must be less than 24 hours from now.", param="expires_at")


def _check_discounts(params: Thing) -> None:
    if params.get("allow_promotion_codes"):
        raise Invalid(
            "The sandbox knows no promotion codes: discounts belong to the shop.",
            param="allow_promotion_codes",
        )
    for discount in params.get("discounts") or []:
        if "coupon" in discount:
            raise NoSuch("coupon", discount["coupon"], param="discounts[0][coupon]")
        raise NoSuch(
            "promotion_code",
            discount.get("promotion_code", ""),
            param="discounts[0][promotion_code]",
        )


def _check_intent(call: Call, params: Thing) -> None:
    data = params.get("payment_intent_data", {})
    metadata.check(data.get("metadata"), param="payment_intent_data[metadata]")
    if "receipt_email" in data:
        urls.check_email(data["receipt_email"], param="payment_intent_data[receipt_email]")
    if "application_fee_amount" in data and not call.platform:
        raise Invalid(
            "An application fee needs a request on behalf of a connected account.",
            param="payment_intent_data[application_fee_amount]",
        )
    for name in ("on_behalf_of", "transfer_data"):
        if name in data:
            raise Invalid(
                f"The sandbox does not act out {name}.", param=f"payment_intent_data[{name}]"
            )
    for name in ("statement_descriptor", "statement_descriptor_suffix"):
        if not 1 <= len(data.get(name, "x")) <= 22:
            raise Invalid(
                f"{name} has at most 22 characters.", param=f"payment_intent_data[{name}]"
            )
