"""A shop's first minutes, from the command line: the shop, its owner, a way to sign in."""

from app.settings import Settings
from core.clock import utc_now
from core.database import Database
from core.shops import find_shop, open_shop
from core.signing import Signer
from staff.errors import UnknownMember
from staff.invitations import make_link
from staff.members import find_by_email, hire


async def open_shop_with_owner(
    settings: Settings,
    *,
    slug: str,
    name: str,
    owner_name: str,
    owner_email: str,
    currency: str,
    locale: str,
) -> str:
    """The link that signs the owner in once."""
    db, now = Database(settings.core.database_url, reactions={}), utc_now()
    try:
        async with db.transaction() as session:
            shop = await open_shop(session, slug, name, now=now, currency=currency, locale=locale)
            owner = await hire(session, shop.key, owner_name, owner_email, "owner", now=now)
            return await make_link(
                session, Signer(settings.core.secret_key), owner, settings.core.origin, now
            )
    finally:
        await db.close()


async def sign_in_link(settings: Settings, slug: str, email: str) -> str:
    """For a member who has lost the password. Raises UnknownShop or UnknownMember."""
    db, now = Database(settings.core.database_url, reactions={}), utc_now()
    try:
        async with db.transaction() as session:
            shop = await find_shop(session, slug)
            member = await find_by_email(session, email)
            if member is None or member.shop_id != shop.key:
                raise UnknownMember()
            return await make_link(
                session, Signer(settings.core.secret_key), member, settings.core.origin, now
            )
    finally:
        await db.close()
