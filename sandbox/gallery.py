"""The Instagram profile: pictures, and what is said under them."""

from datetime import datetime

from sandbox.feed_events import tell_instagram_comment
from sandbox.state import State
from sandbox.things import Comment, Media, Page, Person, Picture


def contain(
    state: State,
    page: Page,
    picture: Picture | None,
    caption: str,
    *,
    alt_text: str = "",
    children: list[Media] | None = None,
    is_carousel_item: bool = False,
    at: datetime | None = None,
) -> Media:
    """A container: not visible before it is published, void after 24 hours."""
    media = Media(
        id=state.number(),
        page=page,
        caption=caption,
        picture=picture,
        created_at=at or state.now(),
        children=children or [],
        is_carousel_item=is_carousel_item,
        alt_text=alt_text,
    )
    media.shortcode = f"C{int(media.id):x}"
    return state.keep(media)  # type: ignore[no-any-return]


def publish(state: State, media: Media, *, at: datetime | None = None) -> Media:
    """The published medium has an id of its own, other than the container's."""
    moment = at or state.now()
    media.published_at = moment
    published = Media(
        id=state.number(),
        page=media.page,
        caption=media.caption,
        picture=media.picture,
        created_at=moment,
        published_at=moment,
        children=media.children,
        shortcode=media.shortcode,
        alt_text=media.alt_text,
    )
    media.page.media.append(state.keep(published))
    _redraw(state, media.page)
    return published


def comment(
    state: State,
    target: Media | Comment,
    message: str,
    *,
    author: Person | None,
    at: datetime | None = None,
) -> Comment:
    """A reply to a reply joins the thread of the top-level comment, as in the app."""
    media = target if isinstance(target, Media) else target.media
    parent = target if isinstance(target, Comment) else None
    if parent is not None and parent.parent is not None:
        parent = parent.parent
    made = Comment(
        id=state.number(),
        place=media,
        parent=parent,
        author=author,
        message=message,
        created_at=at or state.now(),
    )
    media.comments.append(state.keep(made))
    tell_instagram_comment(state, made)
    _redraw(state, media.page)
    return made


def hide(state: State, comment: Comment, is_hidden: bool) -> None:
    comment.is_hidden = is_hidden
    _redraw(state, comment.page)


def remove(state: State, comment: Comment) -> None:
    comment.is_removed = True
    for reply in comment.place.comments:
        if reply.parent is comment:
            reply.is_removed = True
    _redraw(state, comment.page)


def like(state: State, media: Media, person: Person) -> None:
    media.likes.symmetric_difference_update({person.key})
    _redraw(state, media.page)


def _redraw(state: State, page: Page) -> None:
    state.live.changed(f"instagram:{page.settings.instagram_id}")
