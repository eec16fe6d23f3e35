"""What people do, by name: the verbs of POST /control/people/{person}/{verb}."""

from collections.abc import Callable
from typing import Any

from sandbox import chat_acts, wall_acts
from sandbox.asking import Body, Refused
from sandbox.things import Person
from sandbox.world import World

Verb = Callable[[World, Person, Body], Any]


def leave(world: World, person: Person, body: Body) -> Any:
    """Blocks the pages: nobody reaches this person any more; `back` true undoes it."""
    person.is_reachable = bool(body.get("back"))
    return {"is_reachable": person.is_reachable}


VERBS: dict[str, Verb] = {
    verb.__name__: verb
    for verb in (
        chat_acts.write,
        chat_acts.start,
        chat_acts.arrive,
        chat_acts.tap,
        chat_acts.press,
        chat_acts.react,
        chat_acts.unreact,
        chat_acts.edit,
        chat_acts.unsend,
        chat_acts.read,
        chat_acts.reveal,
        chat_acts.hand_over,
        chat_acts.hear,
        wall_acts.post,
        wall_acts.comment,
        wall_acts.edit_comment,
        wall_acts.edit_post,
        wall_acts.remove,
        wall_acts.like,
        leave,
    )
}


def act(world: World, person: Person, verb: str, body: Body) -> Any:
    if verb not in VERBS:
        raise Refused(f"people can: {', '.join(VERBS)}")
    return VERBS[verb](world, person, body)
