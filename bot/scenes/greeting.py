"""Hello, the menu, thanks, and the honest fallback."""

from bot.turns import Turn
from inbox.replies import Buttons, QuickReply, Reply, Text


def ways_on(turn: Turn) -> tuple[QuickReply, ...]:
    """The three most useful things, and a person."""
    return (
        turn.hint("Browse", "browse"),
        turn.hint("Deals", "deals"),
        turn.hint("My orders", "orders"),
        turn.hint("Talk to a person", "person"),
    )


async def greet(turn: Turn) -> list[Reply]:
    """Meta's policy and German law want a bot to say that it is one."""
    return [
        Text(
            turn.say(
                "Hello! I am the bot of %(shop)s. I can show you what we have, take your basket "
                "to the order page and tell you where your order is. A person is never far.",
                shop=turn.shop.name,
            ),
            ways_on(turn),
        )
    ]


async def show_menu(turn: Turn) -> list[Reply]:
    return [Text(turn.say("What can I do for you?"), ways_on(turn))]


async def answer_thanks(turn: Turn) -> list[Reply]:
    return [Text(turn.say("You are very welcome!"))]


async def admit(turn: Turn) -> list[Reply]:
    """Neither understood nor found."""
    return [
        Buttons(
            turn.say(
                "I am only a bot and did not understand that. Shall I show you what we have, or "
                "would you rather talk to a person?"
            ),
            (
                turn.button("Browse", "browse"),
                turn.button("My orders", "orders"),
                turn.button("Talk to a person", "person"),
            ),
        )
    ]
