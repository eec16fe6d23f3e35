"""What can happen on a page's wall and under an Instagram account's posts, as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

WallPlatform = Literal["facebook", "instagram"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WallHappening:
    """Common to all. Who did it may be unknown: the platform does not always say."""

    platform: WallPlatform
    account_id: str
    at: datetime
    author_id: str | None = None
    author_name: str | None = None

    @property
    def is_ours(self) -> bool:
        """The account did it itself: from here, from another tool, or by hand."""
        return self.author_id == self.account_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentHappening(WallHappening):
    """About one comment. `parent_id` is the comment it answers; None when it stands right under
    the post. `post_id` (the medium's id on Instagram) is empty only where Meta left it out."""

    comment_id: str
    post_id: str | None
    parent_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentWritten(CommentHappening):
    """`text` is empty for a comment that is only a picture or a video."""

    text: str
    picture_url: str | None = None
    video_url: str | None = None
    permalink: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentEdited(CommentHappening):
    """`text` is the new one."""

    text: str
    picture_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRemoved(CommentHappening):
    """May arrive before the comment itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentHidden(CommentHappening):
    is_hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PostHappening(WallHappening):
    post_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorPosted(PostHappening):
    text: str
    picture_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorPostEdited(PostHappening):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorPostRemoved(PostHappening):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorPostHidden(PostHappening):
    is_hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePosted(PostHappening):
    """The page's own post, from wherever it was made."""

    text: str
    link: str | None = None
    picture_urls: tuple[str, ...] = ()
    is_published: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePostEdited(PostHappening):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePostRemoved(PostHappening):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePostHidden(PostHappening):
    is_hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WallReaction(WallHappening):
    """A like or another reaction to a post, a comment, or (neither is set) the page itself."""

    reaction: str
    is_taken_back: bool
    post_id: str | None = None
    comment_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated(WallHappening):
    """A recommendation on the page. `is_positive` is None where there are only stars."""

    story_id: str | None
    text: str
    is_positive: bool | None
    stars: int | None
    is_removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned(WallHappening):
    """The account was named somewhere else. On Instagram ids only: the text has to be fetched."""

    post_id: str | None
    comment_id: str | None
    text: str


Wall = (
    CommentWritten
    | CommentEdited
    | CommentRemoved
    | CommentHidden
    | VisitorPosted
    | VisitorPostEdited
    | VisitorPostRemoved
    | VisitorPostHidden
    | PagePosted
    | PagePostEdited
    | PagePostRemoved
    | PagePostHidden
    | WallReaction
    | Rated
    | Mentioned
)
