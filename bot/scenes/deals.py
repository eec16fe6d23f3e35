"""What is cheaper just now."""

from bot.turns import Turn
from inbox.replies import Button, Card, Cards, Reply, Text
from promotions.deals import active_deals
from promotions.issuing import list_codes
from promotions.models import CouponCode, Deal

MOST = 10


async def show(turn: Turn) -> list[Reply]:
    """Deals everybody may have. Codes made for a few (with a limit per code) are not shown."""
    deals = await active_deals(turn.session, turn.shop.key, now=turn.now)
    codes = await list_codes(turn.session, turn.shop.key, [deal.key for deal in deals])
    cards = []
    for deal in deals:
        public = [code for code in codes if code.deal_id == deal.key and code.total_limit is None]
        if not deal.needs_code or public:
            cards.append(await _card(turn, deal, public[0] if public else None))
    if not cards:
        text = turn.say("There are no deals just now. Our prices are fair on the other days too.")
        return [Text(text, (turn.hint("Browse", "browse"),))]
    return [Cards(tuple(cards[:MOST]))]


async def _card(turn: Turn, deal: Deal, code: CouponCode | None) -> Card:
    buttons: list[Button] = []
    if code is not None:
        buttons.append(turn.button("Use the code", "use_code", word=code.code))
    buttons.append(await turn.way("Open the shop"))
    return Card(
        title=deal.title,
        subtitle=_subtitle(turn, deal, code),
        picture_url=turn.picture(deal.picture_digest),
        buttons=tuple(buttons),
    )


def _subtitle(turn: Turn, deal: Deal, code: CouponCode | None) -> str:
    parts = []
    if code is not None:
        parts.append(turn.say("Code: %(code)s", code=code.code))
    if deal.minimum_minor:
        parts.append(turn.say("from %(amount)s of goods", amount=turn.price(deal.minimum)))
    if deal.text:
        parts.append(deal.text)
    return " · ".join(parts)
