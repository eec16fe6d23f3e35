"""The time for reactions, which are handed a session and an event only."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock, utc_now


def now_of(session: AsyncSession) -> datetime:
    """By the clock the database was given (`db.provide("clock", ...)`), else by the real one."""
    clock: Clock = session.info.get("clock", utc_now)
    return clock()
