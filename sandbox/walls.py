"""The page's wall: posts, visitor posts, comments and what becomes of them."""

from collections.abc import Sequence
from datetime import datetime

from sandbox.feed_events import tell_comment, tell_like, tell_post
from sandbox.state import State
from sandbox.things import Comment, LinkCard, Page, Person, Picture, Post


def publish(
    state: State,
    page: Page,
    message: str,
    *,
    author: Person | None = None,
    link: LinkCard | None = None,
    pictures: Sequence[Picture] = (),
    app_id: str = "",
    is_published: bool = True,
    publish_at: datetime | None = None,
    at: datetime | None = None,
) -> Post:
    """A post by the page, or a visitor's when `author` is a person."""
    moment = at or state.now()
    post = Post(
        id=f"{page.id}_{state.number()}",
        page=page,
        author=author,
        message=message,
        created_at=moment,
        updated_at=moment,
        link=link,
        pictures=list(pictures),
        app_id=app_id,
        is_published=is_published,
        publish_at=publish_at,
    )
    page.posts.append(state.keep(post))
    if is_published:
        tell_post(state, post, "add")
    _redraw(state, page)
    return post


def release_due(state: State, page: Page) -> None:
    """Publish what was scheduled and whose time has come."""
    now = state.now()
    for post in page.posts:
        is_waiting = not post.is_published and not post.is_removed
        if is_waiting and post.publish_at and post.publish_at <= now:
            post.is_published, post.created_at = True, post.publish_at
            tell_post(state, post, "add")


def edit_post(state: State, post: Post, message: str) -> None:
    post.message, post.updated_at = message, state.now()
    if post.is_published:
        tell_post(state, post, "edit")
    _redraw(state, post.page)


def remove_post(state: State, post: Post) -> None:
    post.is_removed = True
    for comment in post.comments:
        comment.is_removed = True
    if post.is_published:
        tell_post(state, post, "remove")
    _redraw(state, post.page)


def hide_post(state: State, post: Post, is_hidden: bool) -> None:
    if post.is_hidden != is_hidden:
        post.is_hidden = is_hidden
        tell_post(state, post, "hide" if is_hidden else "unhide")
        _redraw(state, post.page)


def comment(
    state: State,
    target: Post | Comment,
    message: str,
    *,
    author: Person | None,
    picture: Picture | None = None,
    at: datetime | None = None,
) -> Comment:
    """A comment, or a reply when the target is one; replies to replies join their thread."""
    post = target if isinstance(target, Post) else target.post
    parent = target if isinstance(target, Comment) else None
    made = Comment(
        id=f"{post.id.split('_')[1]}_{state.number()}",
        place=post,
        parent=parent,
        author=author,
        message=message,
        created_at=at or state.now(),
        picture=picture,
    )
    post.comments.append(state.keep(made))
    tell_comment(state, made, "add")
    _redraw(state, post.page)
    return made


def edit_comment(state: State, comment: Comment, message: str) -> None:
    comment.message, comment.edited_at = message, state.now()
    tell_comment(state, comment, "edited")
    _redraw(state, comment.page)


def remove_comment(state: State, comment: Comment) -> None:
    """Its replies go with it, without events of their own."""
    comment.is_removed = True
    for reply in comment.place.comments:
        parent = reply.parent
        while parent is not None and parent is not comment:
            parent = parent.parent
        if parent is comment:
            reply.is_removed = True
    tell_comment(state, comment, "remove")
    _redraw(state, comment.page)


def hide_comment(state: State, comment: Comment, is_hidden: bool) -> None:
    if comment.is_hidden != is_hidden:
        comment.is_hidden = is_hidden
        tell_comment(state, comment, "hide" if is_hidden else "unhide")
        _redraw(state, comment.page)


def like(state: State, thing: Post | Comment, person: Person | None, *, is_on: bool = True) -> None:
    """`person` None is the page; its own likes are not told."""
    key = person.key if person else thing.page.id
    if is_on == (key in thing.likes):
        return
    thing.likes.symmetric_difference_update({key})
    if person is not None:
        tell_like(state, person, thing, "add" if is_on else "remove")
    _redraw(state, thing.page)


def _redraw(state: State, page: Page) -> None:
    state.live.changed(f"wall:{page.id}")
