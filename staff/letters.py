"""E-mails to members: an invitation, a link for who forgot the password."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.mail import write_mail
from core.pages import Pages
from core.shops import Shop
from staff.models import Member


async def write_invitation(
    session: AsyncSession, pages: Pages, shop: Shop, member: Member, link: str, *, now: datetime
) -> None:
    _ = pages.translator(member.locale)
    subject = _("Your access to the counter of %(shop)s") % {"shop": shop.name}
    await _write(
        session, pages, shop, member, template="invitation", subject=subject, link=link, now=now
    )


async def write_sign_in_link(
    session: AsyncSession, pages: Pages, shop: Shop, member: Member, link: str, *, now: datetime
) -> None:
    _ = pages.translator(member.locale)
    subject = _("Your sign-in link for %(shop)s") % {"shop": shop.name}
    await _write(
        session, pages, shop, member, template="sign_in_link", subject=subject, link=link, now=now
    )


async def _write(
    session: AsyncSession,
    pages: Pages,
    shop: Shop,
    member: Member,
    *,
    template: str,
    subject: str,
    link: str,
    now: datetime,
) -> None:
    words = {"shop": shop, "member": member, "link": link}
    await write_mail(
        session,
        shop.key,
        member.email or "",
        subject,
        text=pages.text(f"staff/mail/{template}.txt", member.locale, **words),
        html=pages.text(f"staff/mail/{template}.html", member.locale, **words),
        sender_name=shop.name,
        about=f"member:{member.key}",
        now=now,
    )
