"""A person takes over, and the bot falls silent until it is handed the conversation back."""

from bot.turns import Turn
from inbox.conversations import hand_back_to_bot, hand_to_human
from inbox.replies import Buttons, Reply, Text


async def call_a_person(turn: Turn) -> list[Reply]:
    """Said once: from now on the conversation is a person's. The way back is a button, because
    a quick reply is gone as soon as anybody writes on."""
    await hand_to_human(turn.session, turn.conversation, by=None, now=turn.now)
    return [
        Buttons(
            turn.say(
                "I have told the team. Somebody will answer you here; meanwhile I keep silent. "
                "You can go on writing."
            ),
            (turn.button("Back to the bot", "bot"),),
        )
    ]


async def come_back(turn: Turn) -> list[Reply]:
    """The customer prefers the bot after all."""
    await hand_back_to_bot(turn.session, turn.conversation, by=None, now=turn.now)
    return [Text(turn.say("Here I am again. What can I do for you?"))]
