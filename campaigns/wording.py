"""What a deal is, in words: for the counter, and as a first draft of a post."""

from aiohttp import web

from core.pages import PAGES
from core.shops import Shop
from promotions.models import CouponCode, Deal


def suggest_text(request: web.Request, shop: Shop, deal: Deal, code: CouponCode | None) -> str:
    """A draft in the shop's language (the fans', not the agent's); people edit it anyway."""
    text = request.app[PAGES].text(
        "campaigns/post_draft.txt", shop.locale, shop=shop, deal=deal, code=code
    )
    return text.strip()
