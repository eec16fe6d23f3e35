"""The page a shop speaks through."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from core.columns import Json, UtcDateTime


class MetaPage(SQLModel, table=True):
    """A shop's Facebook page and the Instagram account linked to it.

    `token_problem` is a family of `meta.errors` (its sentence is shown at the counter) or empty;
    `token_detail` names what it is about (missing permissions, say).
    """

    __tablename__ = "meta_page"

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", unique=True)
    page_id: str = Field(unique=True, max_length=40)
    page_name: str = Field(max_length=200)
    instagram_id: str | None = Field(default=None, unique=True, max_length=40)
    instagram_username: str | None = Field(default=None, max_length=60)
    sealed_token: str
    scopes: list[str] = Field(default_factory=list, sa_type=Json)
    connected_at: datetime = Field(sa_type=UtcDateTime)
    token_checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    token_problem: str | None = Field(default=None, max_length=40)
    token_detail: str = ""

    def account_of(self, platform: str) -> str | None:
        """The account's id on `messenger`, `facebook` or `instagram`."""
        return self.instagram_id if platform == "instagram" else self.page_id
