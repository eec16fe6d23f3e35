"""The catalogue as a tab of the Facebook page: opened by Facebook with a signed POST.

Page tabs are a compatibility surface (Pages docs: page/tabs). The same shop stands at the same
address for everybody; the signature only says that Facebook opened it for this page.
"""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import unquote_to_bytes

from aiohttp import web
from pydantic import SecretStr

from core.clock import CLOCK
from core.logs import log
from meta.settings import META
from meta.signed_requests import SignedRequest, SignedRequestRefused, open_signed_request
from storefront.entering import Entry, enter, see_other
from storefront.errors import ProductUnknown
from storefront.public_pages import catalogue, product_page
from storefront.visits import Visit
from storefront.window import WINDOW

TAB = "/s/{shop}/tab"
"""Facebook's servers' POST comes without an Origin of ours: it proves itself by its signature."""

_LARGEST = 32 * 1024
_VISIT = Visit(door="tab")

routes = web.RouteTableDef()


@routes.get(TAB)
async def show_shop(request: web.Request) -> web.StreamResponse:
    """Somebody who opens the tab's address by hand finds the shop there all the same."""
    entry = await enter(request)
    return see_other(f"/s/{entry.shop.slug}/")


@routes.post(TAB)
async def show_tab(request: web.Request) -> web.StreamResponse:
    entry = await enter(request, _VISIT)
    try:
        asked = await _verify(entry)
    except SignedRequestRefused as refused:
        log(__name__).info("tab_refused", reason=refused.reason, shop_id=entry.shop.id)
        return entry.page("storefront/tab_refused.html", status=refused.status)
    window = request.app[WINDOW]
    slug = asked.app_data.removeprefix("p/")
    if slug:
        try:
            return window.answer(request, await product_page(entry, slug))
        except ProductUnknown:
            pass
    return window.answer(request, await catalogue(entry))


async def _verify(entry: Entry) -> SignedRequest:
    """Raises SignedRequestRefused, also for the signed proof of another page."""
    app = entry.request.app
    signed = _signed_in(await _read(entry.request))
    asked = _open(signed, app[META].secrets, now=app[CLOCK]())
    if entry.front.page_id is None or asked.page_id != entry.front.page_id:
        raise SignedRequestRefused("page")
    return asked


async def _read(request: web.Request) -> bytes:
    """The house's own limit is made for pictures."""
    length = request.content_length
    if length is None or length > _LARGEST:
        request = request.clone(client_max_size=_LARGEST)
    return await request.read()


def _signed_in(form: bytes) -> str:
    for field in form.split(b"&"):
        name, _, value = field.partition(b"=")
        if name == b"signed_request":
            return unquote_to_bytes(value).decode("ascii", "replace")
    return ""


def _open(signed: str, secrets: Sequence[SecretStr], *, now: datetime) -> SignedRequest:
    refused = None
    for secret in secrets:
        try:
            return open_signed_request(signed, secret, now=now)
        except SignedRequestRefused as error:
            refused = error
    raise refused or SignedRequestRefused("signature")
