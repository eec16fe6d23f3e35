"""What there is: shown as cards, searched, chosen."""

from bot.payloads import write
from bot.scenes.greeting import admit
from bot.turns import Turn
from inbox.replies import Button, Card, Cards, QuickReply, Reply, Text
from storefront.cards import ProductCard, VariantCard
from storefront.catalogue import count_products, get_card, list_products, search
from storefront.errors import ProductUnknown

# A carousel takes ten; the last place leads on to the next ones.
AT_ONCE = 9
MOST_CHOICES = 12


async def browse(turn: Turn, offset: int = 0) -> list[Reply]:
    cards = await list_products(
        turn.session, turn.shop.key, now=turn.now, limit=AT_ONCE, offset=offset
    )
    if not cards and offset:
        return await browse(turn)
    if not cards:
        return [Text(turn.say("Our shelves are empty just now. Please look in again soon."))]
    everything = await count_products(turn.session, turn.shop.key)
    shown = [await _card(turn, card) for card in cards]
    if offset + len(cards) < everything:
        shown.append(await _way_on(turn, offset + len(cards), everything))
    return [Cards(tuple(shown))]


async def look_for(turn: Turn, text: str) -> list[Reply]:
    found = await search(turn.session, turn.shop.key, text, limit=AT_ONCE, now=turn.now)
    if not found:
        return await admit(turn)
    return [
        Text(turn.say("This is what I found:")),
        Cards(tuple([await _card(turn, card) for card in found])),
    ]


async def choose(turn: Turn, product_id: int) -> list[Reply]:
    """Which of the sizes or colours?"""
    try:
        card = await get_card(turn.session, turn.shop.key, product_id, now=turn.now)
    except ProductUnknown as error:
        return [Text(turn.say(error.sentence)), *await browse(turn)]
    choices = [one for one in card.variants if one.stock != "sold_out"][:MOST_CHOICES]
    if not choices:
        return [Text(turn.say("%(name)s is sold out at the moment.", name=card.name), _back(turn))]
    return [
        Text(
            turn.say("%(name)s: which one would you like?", name=card.name)
            + "".join(f"\n• {one.name}, {turn.price(one.price)}" for one in choices),
            tuple(_choice(one) for one in choices),
        )
    ]


def _choice(variant: VariantCard) -> QuickReply:
    return QuickReply(variant.name, write("put", variant.variant_id))


def _back(turn: Turn) -> tuple[QuickReply, ...]:
    return (turn.hint("Browse", "browse"), turn.hint("Deals", "deals"))


async def _card(turn: Turn, card: ProductCard) -> Card:
    return Card(
        title=card.name,
        subtitle=_subtitle(turn, card),
        picture_url=turn.picture(card.picture),
        url=await turn.link(f"p/{card.slug}"),
        buttons=(*_put(turn, card), await turn.way("Have a look", f"p/{card.slug}")),
    )


def _put(turn: Turn, card: ProductCard) -> tuple[Button, ...]:
    if card.stock == "sold_out":
        return ()
    if len(card.variants) == 1:
        return (turn.button("Into the basket", "put", card.variants[0].variant_id),)
    return (turn.button("Choose", "choose", card.product_id),)


def _subtitle(turn: Turn, card: ProductCard) -> str:
    """PAngV: the total price with VAT, and the base price where one is due."""
    price = turn.price(card.price)
    parts = [turn.say("from %(price)s", price=price) if card.starting else price]
    if card.unit is not None:
        parts.append(card.unit.text(turn.locale))
    if card.stock == "sold_out":
        parts.append(turn.say("sold out"))
    elif card.stock == "few":
        parts.append(turn.say("only a few left"))
    parts.append(turn.say("incl. VAT, plus shipping"))
    return " · ".join(parts)


async def _way_on(turn: Turn, offset: int, everything: int) -> Card:
    return Card(
        title=turn.say("There is more"),
        subtitle=turn.say("%(count)s more products", count=everything - offset),
        buttons=(turn.button("Show more", "browse", offset), await turn.way("Open the shop")),
    )
