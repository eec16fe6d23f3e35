"""The basket: put in, look at, take out, codes. The order itself is placed on the order page."""

from bot.turns import Turn
from core.errors import ShopError
from inbox.replies import Button, Buttons, Card, Cards, QuickReply, Reply, Text
from promotions.errors import CodeUnknown
from storefront import basket_filling
from storefront.basket_items import BasketItem
from storefront.basket_views import BasketView, look_at
from storefront.baskets import lines_in
from storefront.notes import Note

# The carousel takes ten cards; a basket with more lines is easier to read in the shop.
MOST_CARDS = 10


async def put(turn: Turn, variant_id: int) -> list[Reply]:
    try:
        await basket_filling.put(turn.session, await turn.basket(), variant_id, now=turn.now)
    except ShopError as error:
        return [Text(turn.say(error.sentence, **error.details), _ways_on(turn))]
    view = await _look(turn)
    item = next(one for one in view.items if one.variant.key == variant_id)
    said = turn.say(
        "%(name)s is in your basket. Together: %(total)s.",
        name=f"{item.quantity} × {item.name}",
        total=turn.price(view.quote.total),
    )
    return [
        Buttons(
            said,
            (
                turn.button("Look at the basket", "basket"),
                await turn.way("To the order page", "order"),
                turn.button("Browse on", "browse"),
            ),
        )
    ]


async def change(turn: Turn, variant_id: int, by: int) -> list[Reply]:
    """One more or one less; below one the line goes."""
    basket = await turn.basket()
    lines = await lines_in(turn.session, basket)
    now = next((line.quantity for line in lines if line.variant_id == variant_id), 0)
    try:
        await basket_filling.set_quantity(turn.session, basket, variant_id, now + by, now=turn.now)
    except ShopError as error:
        return [Text(turn.say(error.sentence, **error.details)), *await show(turn)]
    return await show(turn)


async def remove(turn: Turn, variant_id: int) -> list[Reply]:
    await basket_filling.take(turn.session, await turn.basket(), variant_id, now=turn.now)
    return await show(turn)


async def show(turn: Turn) -> list[Reply]:
    view = await _look(turn)
    if view.is_empty:
        return [Text(turn.say("Your basket is still empty."), _ways_on(turn))]
    cards = tuple(_card(turn, item) for item in view.items[:MOST_CARDS])
    return [Cards(cards), await _sum(turn, view)]


async def check_out(turn: Turn) -> list[Reply]:
    """§312j BGB wants summary and button on a page: nothing is ever concluded in the chat."""
    view = await _look(turn)
    if view.is_empty:
        return [Text(turn.say("Your basket is still empty."), _ways_on(turn))]
    return [await _sum(turn, view)]


async def ask_for_code(turn: Turn) -> list[Reply]:
    return [Text(turn.say("Just write me the code, for example: ROSEN10"))]


async def use_code(turn: Turn, code: str) -> list[Reply] | None:
    """What came of a code, or None if `code` is none at all: then it may be a search."""
    basket = await turn.basket()
    try:
        offer = await basket_filling.use_code(turn.session, basket, code, now=turn.now)
    except CodeUnknown as error:
        # A generated code with a slip is worth a word; any other unknown word is not a code.
        is_slip = type(error) is not CodeUnknown
        return [Text(turn.say(error.sentence))] if is_slip else None
    except ShopError as error:
        return [Text(turn.say(error.sentence, **error.details), _ways_on(turn))]
    view = await _look(turn)
    if view.is_empty:
        said = turn.say(
            "The code %(code)s works: %(deal)s. It waits in your basket.",
            code=offer.code, deal=offer.deal.title,
        )  # fmt: skip
        return [Text(said, _ways_on(turn))]
    return [await _sum(turn, view)]


async def drop_code(turn: Turn) -> list[Reply]:
    await basket_filling.drop_code(turn.session, await turn.basket(), now=turn.now)
    return await show(turn)


async def _look(turn: Turn) -> BasketView:
    return await look_at(turn.session, turn.shop, await turn.basket(), now=turn.now)


def _card(turn: Turn, item: BasketItem) -> Card:
    key = item.variant.key
    said = _note(turn, item.problem) if item.problem else turn.price(item.gross)
    return Card(
        title=f"{item.quantity} × {item.name}",
        subtitle=said,
        picture_url=turn.picture(item.picture),
        buttons=(
            turn.button("One more", "more", key),
            turn.button("One less", "less", key),
            turn.button("Take it out", "remove", key),
        ),
    )


async def _sum(turn: Turn, view: BasketView) -> Reply:
    quote = view.quote
    lines = [_note(turn, note) for note in (*view.notes, *view.problems)]
    if quote.discount:
        lines.append(turn.say("Discount: %(amount)s", amount=turn.price(-quote.discount)))
    if view.code_says is not None:
        lines.append(_note(turn, view.code_says))
    shipping = quote.shipping - quote.shipping_discount
    lines.append(
        turn.say("Shipping: %(amount)s", amount=turn.price(shipping))
        if shipping
        else turn.say("Shipping: free")
    )
    lines.append(turn.say("Together: %(total)s incl. VAT", total=turn.price(quote.total)))
    return Buttons("\n".join(lines), tuple(await _buttons(turn, view)))


async def _buttons(turn: Turn, view: BasketView) -> list[Button]:
    code = (
        turn.button("Remove the code", "drop_code")
        if view.code
        else turn.button("I have a code", "ask_code")
    )
    if not view.can_be_ordered:
        return [await turn.way("Mend the basket", "basket"), code]
    return [await turn.way("To the order page", "order"), code, turn.button("Browse on", "browse")]


def _note(turn: Turn, note: Note) -> str:
    return note.text(turn.translate, turn.locale)


def _ways_on(turn: Turn) -> tuple[QuickReply, ...]:
    return (
        turn.hint("Browse", "browse"),
        turn.hint("Deals", "deals"),
        turn.hint("Basket", "basket"),
    )
