"""What every change on a wall means."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from meta.deliveries import split
from meta.happenings import Unsupported
from meta.incoming import read
from meta.wall_happenings import (
    CommentEdited,
    CommentHidden,
    CommentRemoved,
    CommentWritten,
    Mentioned,
    PagePosted,
    PagePostEdited,
    PagePostHidden,
    PagePostRemoved,
    Rated,
    VisitorPosted,
    VisitorPostEdited,
    VisitorPostHidden,
    VisitorPostRemoved,
    WallReaction,
)
from tests.meta.payloads import (
    COMMENT,
    HAPPENED_S,
    IGSID,
    INSTAGRAM,
    PAGE,
    POST,
    PSID,
    SENT_S,
    WALLS,
    comment,
    post,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
THEN, SENT = (datetime.fromtimestamp(stamp, UTC) for stamp in (HAPPENED_S, SENT_S))
ANNA: dict[str, Any] = {
    "platform": "facebook", "account_id": PAGE, "at": THEN,
    "author_id": PSID, "author_name": "Anna Weber",
}  # fmt: skip
ANNA_NOW = {**ANNA, "at": SENT}
US = {**ANNA, "author_id": PAGE, "author_name": "Blumen am Markt"}
US_NOW = {**US, "at": SENT}
NOBODY = {**ANNA, "author_id": None, "author_name": None}
NOBODY_NOW = {**NOBODY, "at": SENT}
NAMELESS = {**ANNA, "author_name": None}
NAMELESS_NOW = {**NAMELESS, "at": SENT}
GRAM: dict[str, Any] = {
    "platform": "instagram", "account_id": INSTAGRAM, "at": SENT,
    "author_id": IGSID, "author_name": "anna.w",
}  # fmt: skip
GRAM_NOBODY = {**GRAM, "author_id": None, "author_name": None}
UNDER: dict[str, Any] = {"comment_id": COMMENT, "post_id": POST}


def written(by: dict[str, Any] = ANNA, text: str = "Gibt es die auch in Rot?", **more: Any) -> Any:
    return CommentWritten(**by, **UNDER, text=text, **more)


def not_followed(what: str) -> Unsupported:
    return Unsupported(f"not followed: {what}")


MEANS: dict[str, Any] = {
    "comment": written(),
    "comment_old": written(text="Schön!"),
    "comment_with_post": written(permalink="https://fb.example/p"),
    "comment_reply": written(parent_id="555_600"),
    "comment_photo_only": written(text="", picture_url="https://cdn.example/c.jpg"),
    "comment_video": written(video_url="https://cdn.example/c.mp4"),
    "comment_without_author": written(NOBODY),
    "comment_author_as_number": written(),
    "comment_of_ours": written(US),
    "comment_edited": CommentEdited(**ANNA_NOW, **UNDER, text="Gibt es die auch in Blau?"),
    "comment_removed": CommentRemoved(**ANNA_NOW, **UNDER),
    "comment_hidden": CommentHidden(**ANNA_NOW, **UNDER, is_hidden=True),
    "comment_shown_again": CommentHidden(**ANNA_NOW, **UNDER, is_hidden=False),
    "visitor_post": VisitorPosted(**ANNA_NOW, post_id=POST, text="Danke für den Strauß!"),
    "visitor_photo": VisitorPosted(
        **ANNA_NOW, post_id=POST, text="Seht mal", picture_urls=("https://cdn.example/v.jpg",)
    ),
    "visitor_post_edited": VisitorPostEdited(
        **{**ANNA_NOW, "author_name": "A"}, post_id=POST, text="Doch"
    ),
    "visitor_post_removed": VisitorPostRemoved(**{**US_NOW, "author_name": None}, post_id=POST),
    "visitor_post_hidden": VisitorPostHidden(**ANNA_NOW, post_id=POST, is_hidden=True),
    "visitor_post_shown": VisitorPostHidden(**ANNA_NOW, post_id=POST, is_hidden=False),
    "status": PagePosted(**US, post_id=POST, text="Pfingstrosen sind da"),
    "status_unpublished": PagePosted(**US_NOW, post_id=POST, text="bald", is_published=False),
    "status_photos": PagePosted(
        **US_NOW, post_id=POST, text="Neu",
        picture_urls=("https://cdn.example/1", "https://cdn.example/2"),
    ),
    "status_edited": PagePostEdited(**US_NOW, post_id=POST, text="Neu!"),
    "status_hidden": PagePostHidden(**US_NOW, post_id=POST, is_hidden=True),
    "status_shown": PagePostHidden(**US_NOW, post_id=POST, is_hidden=False),
    "photo": PagePosted(
        **US_NOW, post_id=POST, text="Bild", picture_urls=("https://cdn.example/own.jpg",)
    ),
    "photo_removed": PagePostRemoved(**US_NOW, post_id=POST),
    "video": PagePosted(**US_NOW, post_id=POST, text="", link="https://v.example"),
    "video_blocked": Unsupported("video without a post"),
    "video_muted": Unsupported("video without a post"),
    "album": PagePosted(**US_NOW, post_id=POST, text=""),
    "event": PagePosted(**US_NOW, post_id=POST, text="Markt"),
    "share": PagePosted(**US_NOW, post_id=POST, text="Lesen!", link="https://example.org"),
    "like": WallReaction(**NAMELESS, reaction="like", is_taken_back=False, post_id=POST),
    "like_of_comment": WallReaction(
        **NAMELESS, reaction="like", is_taken_back=False, comment_id=COMMENT
    ),
    "like_of_page": WallReaction(**NAMELESS_NOW, reaction="like", is_taken_back=False),
    "like_taken_back": WallReaction(
        **NAMELESS_NOW, reaction="like", is_taken_back=True, post_id=POST
    ),
    "reaction": WallReaction(**ANNA, reaction="care", is_taken_back=False, post_id=POST),
    "reaction_changed": WallReaction(**ANNA_NOW, reaction="wow", is_taken_back=False, post_id=POST),
    "reaction_to_reply": WallReaction(
        **ANNA_NOW, reaction="haha", is_taken_back=False, post_id=POST, comment_id=COMMENT
    ),
    "reaction_taken_back": WallReaction(
        **ANNA_NOW, reaction="like", is_taken_back=True, post_id=POST
    ),
    "rating": Rated(
        **{**ANNA, "author_name": "Anna"}, story_id="900", text="Super", is_positive=True, stars=5
    ),
    "rating_silent": Rated(**NAMELESS_NOW, story_id="900", text="", is_positive=False, stars=None),
    "rating_removed": Rated(
        **NAMELESS_NOW, story_id="900", text="", is_positive=None, stars=None, is_removed=True
    ),
    "rating_comment": Unsupported("comment or reaction under a rating"),
    "rating_like": Unsupported("comment or reaction under a rating"),
    "mention_post": Mentioned(**NOBODY, post_id="999_1", comment_id=None, text="@Blumen"),
    "mention_comment": Mentioned(**NOBODY, post_id="999_1", comment_id="1_2", text="@Blumen"),
    "ig_comment": CommentWritten(**GRAM, comment_id="1789", post_id="4455", text="Wow"),
    "ig_comment_minimal": CommentWritten(**GRAM_NOBODY, comment_id="1789", post_id=None, text="Wow"),
    "ig_comment_reply": CommentWritten(
        **GRAM, comment_id="1790", post_id="4455", parent_id="1789", text="Ja"
    ),
    "ig_comment_of_ours": CommentWritten(
        **{**GRAM, "author_id": INSTAGRAM, "author_name": "blumen"},
        comment_id="1791", post_id="4455", text="Danke",
    ),
    "ig_comment_on_ad": CommentWritten(**GRAM, comment_id="1792", post_id="4456", text="?"),
    "ig_live_comment": CommentWritten(**GRAM, comment_id="1793", post_id="4457", text="live!"),
    "ig_comment_flat": CommentWritten(**GRAM, comment_id="1794", post_id=None, text="flach"),
    "ig_mention": Mentioned(**GRAM_NOBODY, post_id="88", comment_id=None, text=""),
    "ig_mention_comment": Mentioned(**GRAM_NOBODY, post_id="88", comment_id="99", text=""),
    "ig_story_insights": not_followed("story_insights"),
    "label": not_followed("inbox_labels"),
    "template_status": not_followed("message_template_status_update"),
    "conversations": not_followed("conversations"),
    "leadgen": not_followed("leadgen"),
    "response_feedback": not_followed("response_feedback"),
}  # fmt: skip


def meaning(body: Any) -> Any:
    [event] = split(json.dumps(body).encode(), now=NOW)
    return read(event.kind, json.loads(event.body))


def test_every_shape_has_its_meaning_here() -> None:
    assert set(MEANS) == set(WALLS)


@pytest.mark.parametrize("name", sorted(WALLS))
def test_it_means(name: str) -> None:
    assert meaning(WALLS[name]) == MEANS[name]


def test_what_the_account_wrote_itself_is_ours() -> None:
    ours = {name for name, what in MEANS.items() if getattr(what, "is_ours", False)}
    assert {"comment_of_ours", "ig_comment_of_ours", "status", "photo"} <= ours
    assert not ours & {"comment", "visitor_post", "visitor_photo", "ig_comment", "like"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (comment(comment_id=None), "comment without an id"),
        (comment("block"), "comment with the verb 'block'"),
        (comment("add", item="poll"), "not followed: poll"),
        (comment("add", item=None), "not followed: feed without item"),
        (post("status", "add", post_id=None), "status without a post"),
        (post("post", "mute"), "post with the verb 'mute'"),
    ],
)
def test_what_does_not_fit_is_unsupported(body: Any, reason: str) -> None:
    assert meaning(body) == Unsupported(reason)
