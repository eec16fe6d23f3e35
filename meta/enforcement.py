"""Meta's own judgement over the page: a warning, a block, its end (Messenger Platform docs:
messaging_policy_enforcement)."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.live import announce
from core.logs import log
from meta.pages import find_page

_BLOCKED = ("blocked",)
"""The name in meta.tokens.SENTENCES."""


async def note_enforcement(
    session: AsyncSession, shop_id: int, action: str, reason: str, *, now: datetime
) -> None:
    """A block stops all sending until Meta lifts it, and says so at the counter."""
    log(__name__).warning("policy_enforcement", shop_id=shop_id, action=action[:20])
    page = await find_page(session, shop_id)
    if page is None:
        return
    is_blocked = page.token_problem in _BLOCKED
    if action == "block":
        page.token_problem, page.token_detail = _BLOCKED[0], reason[:200]
    elif action == "unblock" and is_blocked:
        page.token_problem, page.token_detail = None, ""
    session.add(page)
    announce(session, shop_id, "page", {"problem": page.token_problem}, now=now)
