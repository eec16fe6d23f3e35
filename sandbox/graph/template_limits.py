"""What templates may hold (Messenger Platform docs: templates; Instagram: features)."""

from typing import Any
from urllib.parse import urlsplit

from sandbox.graph.checks import needed, one_of, only_keys, short_text, some_of, web_address
from sandbox.graph.errors import bad_parameter
from sandbox.things import Channel, Page

WHERE = "message[attachment][payload]"
TEMPLATES: dict[Channel, set[str]] = {
    "messenger": {"generic", "button", "media", "receipt", "coupon"},
    "instagram": {"generic", "button"},
}
BUTTONS: dict[Channel, set[str]] = {
    "messenger": {
        "web_url",
        "postback",
        "phone_number",
        "account_link",
        "account_unlink",
        "game_play",
    },
    "instagram": {"web_url", "postback"},
}
BUTTON_KEYS = {
    "type",
    "title",
    "url",
    "payload",
    "webview_height_ratio",
    "messenger_extensions",
    "fallback_url",
    "webview_share_button",
    "game_metadata",
}
COMMON_KEYS = {"template_type", "sharable"}


def check_template(payload: object, channel: Channel, page: Page) -> None:
    if not isinstance(payload, dict):
        raise bad_parameter(f"Param {WHERE} must be a JSON object.")
    match one_of(payload.get("template_type"), TEMPLATES[channel], f"{WHERE}[template_type]"):
        case "generic":
            _check_generic(payload, channel, page)
        case "button":
            _keys(payload, "text", "buttons")
            short_text(needed(payload, "text", WHERE), 640, f"{WHERE}[text]")
            check_buttons(payload.get("buttons"), channel, page, f"{WHERE}[buttons]")
        case "media":
            _check_media(payload, channel, page)
        case "receipt":
            _check_receipt(payload)
        case "coupon":
            _check_coupon(payload)


def check_buttons(buttons: object, channel: Channel, page: Page, where: str) -> None:
    for button in some_of(buttons, 3, where):
        check_button(button, channel, page, where)


def check_button(button: object, channel: Channel, page: Page, where: str) -> None:
    button = only_keys(button, BUTTON_KEYS, where)
    kind = one_of(button.get("type"), BUTTONS[channel], f"{where}[type]")
    if kind not in ("account_link", "account_unlink"):
        short_text(needed(button, "title", where), 20, f"{where}[title]")
    if kind in ("web_url", "account_link"):
        _check_link(button, page, where)
    if kind == "postback":
        short_text(needed(button, "payload", where), 1000, f"{where}[payload]")
    if kind == "phone_number" and not str(needed(button, "payload", where)).startswith("+"):
        raise bad_parameter(f"Param {where}[payload] must be a phone number starting with +")


def _check_link(button: dict[str, Any], page: Page, where: str) -> None:
    with_extensions = button.get("messenger_extensions") is True
    url = web_address(needed(button, "url", where), f"{where}[url]", is_secure=with_extensions)
    if "webview_height_ratio" in button:
        ratios = {"compact", "tall", "full"}
        one_of(button["webview_height_ratio"], ratios, f"{where}[webview_height_ratio]")
    if with_extensions:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        allowed = page.profile["messenger"].get("whitelisted_domains", [])
        if origin not in [str(domain).rstrip("/") for domain in allowed]:
            raise bad_parameter(f"{origin} is not whitelisted", subcode=2018062)


def _keys(payload: dict[str, Any], *allowed: str) -> None:
    only_keys(payload, COMMON_KEYS | set(allowed), WHERE)


def _check_generic(payload: dict[str, Any], channel: Channel, page: Page) -> None:
    _keys(payload, "elements", "image_aspect_ratio")
    if "image_aspect_ratio" in payload:
        ratios = {"horizontal", "square"}
        one_of(payload["image_aspect_ratio"], ratios, f"{WHERE}[image_aspect_ratio]")
    where = f"{WHERE}[elements]"
    keys = {"title", "subtitle", "image_url", "default_action", "buttons"}
    for element in some_of(payload.get("elements"), 10, where):
        only_keys(element, keys, where)
        short_text(needed(element, "title", where), 80, f"{where}[title]")
        if not any(element.get(key) for key in keys - {"title"}):
            raise bad_parameter(f"Param {where} needs at least one property besides the title.")
        if element.get("subtitle"):
            short_text(element["subtitle"], 80, f"{where}[subtitle]")
        if element.get("image_url"):
            web_address(element["image_url"], f"{where}[image_url]")
        if element.get("default_action"):
            _check_default_action(element["default_action"], page, f"{where}[default_action]")
        if "buttons" in element:
            check_buttons(element["buttons"], channel, page, f"{where}[buttons]")


def _check_default_action(action: object, page: Page, where: str) -> None:
    action = only_keys(action, BUTTON_KEYS - {"title", "payload"}, where)
    one_of(action.get("type"), {"web_url"}, f"{where}[type]")
    _check_link(action, page, where)


def _check_media(payload: dict[str, Any], channel: Channel, page: Page) -> None:
    _keys(payload, "elements")
    where = f"{WHERE}[elements]"
    for element in some_of(payload.get("elements"), 1, where):
        only_keys(element, {"media_type", "url", "attachment_id", "buttons"}, where)
        one_of(element.get("media_type"), {"image", "video"}, f"{where}[media_type]")
        if bool(element.get("url")) == bool(element.get("attachment_id")):
            raise bad_parameter(f"Param {where} needs either url or attachment_id.")
        if element.get("url"):
            web_address(element["url"], f"{where}[url]")
        if "buttons" in element:
            check_buttons(element["buttons"], channel, page, f"{where}[buttons]")


def _check_receipt(payload: dict[str, Any]) -> None:
    _keys(
        payload,
        "recipient_name",
        "merchant_name",
        "order_number",
        "currency",
        "payment_method",
        "timestamp",
        "order_url",
        "elements",
        "address",
        "summary",
        "adjustments",
    )
    for key in ("recipient_name", "order_number", "currency", "payment_method"):
        short_text(needed(payload, key, WHERE), 1000, f"{WHERE}[{key}]")
    summary = only_keys(
        needed(payload, "summary", WHERE),
        {"subtotal", "shipping_cost", "total_tax", "total_cost"},
        f"{WHERE}[summary]",
    )
    _amount(summary.get("total_cost"), f"{WHERE}[summary][total_cost]")
    if "timestamp" in payload and not str(payload["timestamp"]).isdigit():
        raise bad_parameter(f"Param {WHERE}[timestamp] must be seconds as a string.")
    if payload.get("order_url"):
        web_address(payload["order_url"], f"{WHERE}[order_url]")
    _check_receipt_lines(payload)


def _check_receipt_lines(payload: dict[str, Any]) -> None:
    where = f"{WHERE}[elements]"
    for element in some_of(payload.get("elements", []), 100, where, least=0):
        keys = {"title", "subtitle", "quantity", "price", "currency", "image_url"}
        only_keys(element, keys, where)
        short_text(needed(element, "title", where), 1000, f"{where}[title]")
        _amount(element.get("price"), f"{where}[price]")
        if element.get("image_url"):
            web_address(element["image_url"], f"{where}[image_url]")
    where = f"{WHERE}[adjustments]"
    for adjustment in some_of(payload.get("adjustments", []), 100, where, least=0):
        only_keys(adjustment, {"name", "amount"}, where)
        short_text(needed(adjustment, "name", where), 1000, f"{where}[name]")
        _amount(adjustment.get("amount"), f"{where}[amount]")


def _amount(value: object, where: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise bad_parameter(f"Param {where} must be a number.")


def _check_coupon(payload: dict[str, Any]) -> None:
    _keys(
        payload,
        "title",
        "subtitle",
        "coupon_code",
        "coupon_url",
        "coupon_url_button_title",
        "coupon_pre_message",
        "image_url",
        "payload",
    )
    short_text(needed(payload, "title", WHERE), 80, f"{WHERE}[title]")
    if payload.get("subtitle"):
        short_text(payload["subtitle"], 80, f"{WHERE}[subtitle]")
    code, url = payload.get("coupon_code"), payload.get("coupon_url")
    if not code and not url:
        raise bad_parameter(f"Param {WHERE} needs a coupon_code or a coupon_url.")
    if code and (not isinstance(code, str) or " " in code):
        raise bad_parameter(f"Param {WHERE}[coupon_code] must not hold spaces.")
    for key in ("coupon_url", "image_url"):
        if payload.get(key):
            web_address(payload[key], f"{WHERE}[{key}]")
