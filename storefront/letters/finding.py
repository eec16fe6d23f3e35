"""Letters to customers: of an order, of a shop, one of them. Letters to the team hold ways to
sign in and are not among them."""

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.errors import NotFound
from core.mail import Mail
from storefront.orders.models import Order

_ORDER, _WITHDRAWAL = "order:", "withdrawal:"


class LetterUnknown(NotFound):
    sentence = "There is no such letter."


def _letters(shop_id: int) -> SelectOfScalar[Mail]:
    about = col(Mail.about)
    return select(Mail).where(
        col(Mail.shop_id) == shop_id,
        or_(about.startswith(_ORDER), about.startswith(_WITHDRAWAL)),
    )


async def letters_of(session: AsyncSession, order: Order) -> list[Mail]:
    """The oldest first."""
    about = col(Mail.about)
    mark = f"{_ORDER}{order.key}"
    query = select(Mail).where(
        col(Mail.shop_id) == order.shop_id, or_(about == mark, about.startswith(f"{mark}:"))
    )
    return list((await session.exec(query.order_by(col(Mail.id)))).all())


async def get_letter(session: AsyncSession, shop_id: int, letter_id: int) -> Mail:
    """Raises LetterUnknown."""
    found = (await session.exec(_letters(shop_id).where(col(Mail.id) == letter_id))).first()
    if found is None:
        raise LetterUnknown()
    return found


async def letters_between(
    session: AsyncSession, shop_id: int, *, only_failed: bool, before: int | None, limit: int
) -> list[Mail]:
    """The newest first; `before` is the id where the former page ended."""
    query = _letters(shop_id)
    if only_failed:
        query = query.where(_has_failed())
    if before is not None:
        query = query.where(col(Mail.id) < before)
    return list((await session.exec(query.order_by(col(Mail.id).desc()).limit(limit))).all())


def _has_failed() -> ColumnElement[bool]:
    """Came back, was refused, or is being tried again."""
    return or_(
        col(Mail.bounced_at).is_not(None), and_(col(Mail.tries) > 0, col(Mail.sent_at).is_(None))
    )


def order_id_in(mail: Mail) -> int | None:
    """Whose letter it is: `order:17:paid`."""
    kind, _, rest = mail.about.partition(":")
    number = rest.partition(":")[0]
    return int(number) if f"{kind}:" == _ORDER and number.isdigit() else None
