"""A letter sent once more, to the address the order has now."""

from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.mail import Enclosure, Mail, MailFile, write_mail
from storefront.letters.finding import get_letter, order_id_in
from storefront.orders.finding import get_order
from storefront.orders.states import note

_MARK = ":again:"


async def send_again(
    session: AsyncSession, shop_id: int, letter_id: int, *, by: str, now: datetime
) -> Mail:
    """Word for word, with its files. Raises LetterUnknown, OrderUnknown."""
    letter = await get_letter(session, shop_id, letter_id)
    order_id = order_id_in(letter)
    order = await get_order(session, shop_id, order_id) if order_id is not None else None
    root = letter.about.partition(_MARK)[0]
    again = await write_mail(
        session, shop_id, order.email if order else letter.recipient, letter.subject,
        text=letter.text, html=letter.html, sender_name=letter.sender_name,
        about=f"{root}{_MARK}{await _times(session, shop_id, root) + 1}",
        files=await _files(session, letter), now=now,
    )  # fmt: skip
    if order is not None:
        note(session, order, "letter_again", by=by, detail=order.email, now=now)
    return again


async def _times(session: AsyncSession, shop_id: int, root: str) -> int:
    query = select(func.count(col(Mail.id))).where(
        col(Mail.shop_id) == shop_id, col(Mail.about).startswith(root + _MARK)
    )
    return (await session.exec(query)).one()


async def _files(session: AsyncSession, letter: Mail) -> list[Enclosure]:
    query = select(MailFile).where(col(MailFile.mail_id) == letter.key)
    found = (await session.exec(query.order_by(col(MailFile.id)))).all()
    return [Enclosure(one.name, one.content_type, one.content) for one in found]
