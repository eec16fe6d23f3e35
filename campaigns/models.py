"""Deals as they were told: a copy on a wall, and what became of it."""

from datetime import datetime
from typing import Literal

from sqlmodel import Field, SQLModel

from core.columns import UtcDateTime

PostState = Literal["queued", "published", "failed"]


class DealPost(SQLModel, table=True):
    """A deal posted to the page's wall.

    `began_at` is written before the platform is called: a try that finds it set must look on the
    wall first, because publishing has no idempotency key and an answer may have been lost.
    """

    __tablename__ = "deal_post"

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    deal_id: int = Field(foreign_key="deal.id", index=True)
    code_id: int | None = Field(default=None, foreign_key="coupon_code.id", index=True)
    wall_post_id: int | None = Field(default=None, foreign_key="wall_post.id", index=True)
    text: str
    link: str | None = None
    picture_digest: str | None = Field(default=None, max_length=64)
    state: str = Field(default="queued", max_length=10)
    failure: str | None = None
    created_by: str = Field(max_length=120)
    created_at: datetime = Field(sa_type=UtcDateTime)
    began_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def key(self) -> int:
        """The id of a stored post."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id
