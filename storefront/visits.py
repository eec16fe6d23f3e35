"""The visit travels in the path: by which door someone came, in which language, which basket.

`/s/<shop>/~<door>-<language>-<signed basket>/…`; what is not known is left empty. Only the basket
is signed: door and language open nothing. Inside Facebook's iframe there may be no cookies at
all, and without scripts there is nowhere else to keep this.
"""

import re
from dataclasses import dataclass, replace
from typing import get_args

from core.shops import Shop
from core.signing import LinkNoLongerValid, Signer
from core.translations import LOCALES
from storefront.models import Basket, Door

MAX_AGE = 14 * 24 * 3600
_PURPOSE = "visit"
_SIGNED = re.compile(r"[A-Za-z0-9_.=-]*")


@dataclass(frozen=True, slots=True)
class Visit:
    """`signed` is the signed basket, as it travels."""

    door: Door = "shop"
    locale: str = ""
    signed: str = ""

    @property
    def segment(self) -> str:
        """`~tab-de-…/`, or nothing at all for a visit about which nothing is known."""
        if self.signed:
            return f"~{self.door}-{self.locale}-{self.signed}/"
        if self.locale:
            return f"~{self.door}-{self.locale}/"
        return "" if self.door == "shop" else f"~{self.door}/"

    @property
    def is_embedded(self) -> bool:
        return self.door == "tab"

    def speaking(self, locale: str) -> "Visit":
        return replace(self, locale=locale if locale in LOCALES else "")

    def with_basket(self, signer: Signer, basket: Basket) -> "Visit":
        return replace(self, signed=sign_basket(signer, basket))


def read_visit(text: str) -> Visit:
    """From the path, without the `~`. What makes no sense is left out, never refused."""
    door, locale, signed = ([*text.split("-", 2), "", ""])[:3]
    return Visit(
        door=door if door in get_args(Door) else "shop",  # type: ignore[arg-type]
        locale=locale if locale in LOCALES else "",
        # It goes into links and redirects again, and not everything may stand there.
        signed=signed if _SIGNED.fullmatch(signed) else "",
    )


def sign_basket(signer: Signer, basket: Basket) -> str:
    return signer.sign([basket.shop_id, basket.token], purpose=_PURPOSE)


def open_basket_token(signer: Signer, shop_id: int, signed: str) -> str | None:
    """The token of the basket, or None for what is forged, too old or another shop's."""
    if not signed:
        return None
    try:
        value = signer.open(signed, purpose=_PURPOSE, max_age=MAX_AGE)
    except LinkNoLongerValid:
        return None
    match value:
        case [int(owner), str(token)] if owner == shop_id:
            return token
    return None


def shop_link(
    origin: str,
    signer: Signer,
    shop: Shop,
    *,
    basket: Basket | None = None,
    door: Door = "messenger",
    locale: str | None = None,
    path: str = "",
) -> str:
    """An absolute link into the shop; `path` is e.g. `p/rote-rosen`, `basket` or `order`."""
    visit = Visit(door=door, locale=(locale or "")[:2])
    if basket is not None:
        visit = visit.with_basket(signer, basket)
    return f"{origin}/s/{shop.slug}/{visit.segment}{path}"
