"""People behind the counter, where they are signed in, and the links that let them in."""

from datetime import datetime
from typing import Literal

from sqlmodel import Field, SQLModel

from core.columns import UtcDateTime

Role = Literal["owner", "agent"]
ROLES: tuple[Role, ...] = ("owner", "agent")


class Member(SQLModel, table=True):
    """Somebody who works at one shop. Who has left keeps the row, because messages name it.

    `sets_prices` is a right an owner gives to an agent: to leave the agreed price when an order is
    changed. Owners have it anyway.
    """

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    name: str = Field(max_length=80)
    # Empty once they have left, so that the address is free again.
    email: str | None = Field(default=None, unique=True, max_length=254)
    password_hash: str | None = None
    role: str = Field(default="agent", max_length=10)
    sets_prices: bool = False
    locale: str = Field(default="de", max_length=5)
    hired_at: datetime = Field(sa_type=UtcDateTime)
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def key(self) -> int:
        """The id of a stored member."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id

    @property
    def is_owner(self) -> bool:
        return self.role == "owner"

    @property
    def may_set_prices(self) -> bool:
        return self.is_owner or self.sets_prices


class StaffSession(SQLModel, table=True):
    """One browser somebody is signed in with. The cookie holds a token, the row its digest."""

    __tablename__ = "staff_session"

    id: int | None = Field(default=None, primary_key=True)
    member_id: int = Field(foreign_key="member.id", index=True)
    token_digest: str = Field(unique=True, max_length=64)
    browser: str = Field(default="", max_length=120)
    started_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class SignInLink(SQLModel, table=True):
    """A link that signs in once."""

    __tablename__ = "sign_in_link"

    id: int | None = Field(default=None, primary_key=True)
    member_id: int = Field(foreign_key="member.id", index=True)
    token_digest: str = Field(unique=True, max_length=64)
    made_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
