"""What people do on the wall and under pictures, by name; see `acting`."""

from typing import Any

from sandbox import gallery, walls
from sandbox.asking import Body, Refused, page_in, place_in, text_in, time_in
from sandbox.drawing import snapshot
from sandbox.showing import shown_comment, shown_post
from sandbox.things import Comment, Media, Person, Post
from sandbox.world import World


def post(world: World, person: Person, body: Body) -> Any:
    """A visitor's post on the page's wall."""
    text = text_in(body, "text", needed=True)
    made = walls.publish(world, page_in(world, body), text, author=person, at=time_in(body))
    return shown_post(made)


def comment(world: World, person: Person, body: Body) -> Any:
    """`on` a post, a comment or an Instagram picture; `picture` true adds a photo."""
    target, text, at = place_in(world, body), text_in(body, "text"), time_in(body)
    if not text and not body.get("picture"):
        raise Refused("text must be a text")
    if isinstance(target, Media) or (
        isinstance(target, Comment) and isinstance(target.place, Media)
    ):
        return shown_comment(gallery.comment(world, target, text, author=person, at=at))
    picture = None
    if body.get("picture"):
        picture = world.paint(snapshot(world.number()).encode(), "image/svg+xml")
    made = walls.comment(world, target, text, author=person, picture=picture, at=at)
    return shown_comment(made)


def edit_comment(world: World, person: Person, body: Body) -> Any:
    thing = _own_thing(world, person, body)
    if not isinstance(thing, Comment) or isinstance(thing.place, Media):
        raise Refused("only comments on the wall can be edited")
    walls.edit_comment(world, thing, text_in(body, "text", needed=True))
    return shown_comment(thing)


def edit_post(world: World, person: Person, body: Body) -> Any:
    thing = _own_thing(world, person, body)
    if not isinstance(thing, Post):
        raise Refused("on is no post")
    walls.edit_post(world, thing, text_in(body, "text", needed=True))
    return shown_post(thing)


def remove(world: World, person: Person, body: Body) -> Any:
    """One's own comment or post."""
    thing = _own_thing(world, person, body)
    if isinstance(thing, Post):
        walls.remove_post(world, thing)
    elif isinstance(thing.place, Media):
        gallery.remove(world, thing)
    else:
        walls.remove_comment(world, thing)
    return {"ok": True}


def _own_thing(world: World, person: Person, body: Body) -> Post | Comment:
    thing = place_in(world, body)
    if isinstance(thing, Media) or thing.author is not person:
        raise Refused("that is somebody else's")
    return thing


def like(world: World, person: Person, body: Body) -> Any:
    """`off` true takes it back."""
    thing = place_in(world, body)
    if isinstance(thing, Media):
        gallery.like(world, thing, person)
    else:
        walls.like(world, thing, person, is_on=not body.get("off"))
    return {"ok": True}
