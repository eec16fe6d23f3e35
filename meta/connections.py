"""Connecting a shop with its page: a pasted token is looked at, kept sealed, and set to work."""

from datetime import datetime

from pydantic import SecretStr
from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.live import announce
from core.logs import log
from core.vault import Vault
from meta.errors import (
    AppNotConfigured,
    GraphRefused,
    GraphUnavailable,
    GraphUnclear,
    PageTakenElsewhere,
    TokenRefused,
)
from meta.models import MetaPage
from meta.pages import Graphs, find_page, get_page
from meta.profiles import Profile, set_profile
from meta.shapes import Shape, identifier, shape, text
from meta.subscriptions import subscribe_app, subscribe_page, unsubscribe_page
from meta.tokens import SENTENCES, TokenState, inspect


async def connect(
    db: Database,
    graphs: Graphs,
    clock: Clock,
    *,
    shop_id: int,
    page_id: str,
    token: SecretStr,
    origin: str,
    profile: Profile | None,
) -> MetaPage:
    """Keep the page and set everything up. Raises TokenRefused, PageTakenElsewhere,
    AppNotConfigured, and what Graph raises; then nothing has changed.

    A person's or a system user's token will do too: the page's own is asked for with it.
    `page_id` may be empty where the token says which page it is for.
    """
    if not graphs.settings.is_configured:
        raise AppNotConfigured()
    known, page_token = await _page_token(graphs, page_id, token, clock=clock)
    found = await _look_at(graphs, known, page_token)
    instagram = shape(found.get("instagram_business_account"))
    state = await inspect(
        graphs, page_token,
        page_id=known, instagram_id=identifier(instagram.get("id")), now=clock(),
    )  # fmt: skip
    if not state.is_valid:
        raise _unusable(state)
    async with db.transaction() as session:
        page = await _keep(
            session, graphs.vault, shop_id, known, found, page_token, state, now=clock()
        )
    log(__name__).info("page_connected", shop_id=shop_id, page_id=known)
    await set_up(graphs, page, origin=origin, profile=profile)
    return page


async def set_up(graphs: Graphs, page: MetaPage, *, origin: str, profile: Profile | None) -> None:
    """Subscribe every layer and set the Messenger profile. What fails is left for the checks to
    tell: one missing permission must not keep the rest from working."""
    graph = graphs.graph_of(page)
    steps = {
        "app": lambda: subscribe_app(graphs, origin, with_instagram=bool(page.instagram_id)),
        "page": lambda: subscribe_page(graph, page),
    }
    if profile is not None:
        steps["profile"] = lambda: set_profile(graph, page, profile)
    for name, step in steps.items():
        try:
            await step()
        except (GraphRefused, GraphUnavailable, GraphUnclear) as error:
            log(__name__).warning("setting_up_failed", step=name, reason=str(error))


async def disconnect(db: Database, graphs: Graphs, *, shop_id: int, now: datetime) -> None:
    """Forget the token. Whether Meta hears of it or not, nothing is sent or taken any more."""
    async with db.reading() as session:
        page = await get_page(session, shop_id)
    try:
        await unsubscribe_page(graphs.graph_of(page), page)
    except (GraphRefused, GraphUnavailable, GraphUnclear) as error:
        log(__name__).warning("unsubscribing_failed", reason=str(error))
    async with db.transaction() as session:
        stored = await find_page(session, shop_id)
        if stored is not None:
            await session.delete(stored)
            announce(session, shop_id, "page", {"problem": None}, now=now)


async def _page_token(
    graphs: Graphs, page_id: str, token: SecretStr, *, clock: Clock
) -> tuple[str, SecretStr]:
    state = await inspect(graphs, token, page_id=page_id, instagram_id=None, now=clock())
    if not state.is_valid:
        raise _unusable(state)
    if state.problem == "other_app":
        raise TokenRefused(SENTENCES["other_app"], detail=state.detail)
    if state.kind == "PAGE":
        if page_id and state.page_id not in (None, page_id):
            raise TokenRefused(
                "This token is for the page %(other)s, not for the page %(page)s.",
                other=str(state.page_id), page=page_id,
            )  # fmt: skip
        return _known(page_id or state.page_id), token
    found = await _look_at(graphs, _known(page_id), token, fields="id,access_token")
    if not text(found.get("access_token")):
        raise TokenRefused(
            "This token may not act for the page %(page)s. Give it the page and try again.",
            page=page_id,
        )
    return page_id, SecretStr(text(found.get("access_token")))


def _known(page_id: str | None) -> str:
    if not page_id:
        raise TokenRefused("This token does not say which page it is for. Please add the page id.")
    return page_id


def _unusable(state: TokenState) -> TokenRefused:
    known = {
        "expired": "This token has expired. Please make a new one.",
        "revoked": "Meta does not know this token. Please copy it once more, the whole of it.",
    }
    fallback = SENTENCES.get(state.problem or "", known["revoked"])
    return TokenRefused(known.get(state.problem or "revoked", fallback), detail=state.detail)


async def _look_at(
    graphs: Graphs,
    page_id: str,
    token: SecretStr,
    *,
    fields: str = "id,name,instagram_business_account{id,username}",
) -> Shape:
    try:
        graph = graphs.graph_with(token, account=page_id)
        return shape(await graph.get_object(page_id, fields=fields))
    except GraphRefused as refused:
        if refused.family in ("missing", "permission", "bad_parameter", "unknown"):
            raise TokenRefused(
                "With this token Meta shows no page %(page)s: %(reason)s",
                page=page_id, reason=refused.reason,
            ) from None  # fmt: skip
        raise


async def _keep(
    session: AsyncSession,
    vault: Vault,
    shop_id: int,
    page_id: str,
    found: Shape,
    token: SecretStr,
    state: TokenState,
    *,
    now: datetime,
) -> MetaPage:
    instagram = shape(found.get("instagram_business_account"))
    instagram_id = identifier(instagram.get("id"))
    await _refuse_if_taken(session, shop_id, page_id, instagram_id)
    page = await find_page(session, shop_id)
    values = {
        "page_id": page_id,
        "page_name": text(found.get("name"))[:200] or page_id,
        "instagram_id": instagram_id,
        "instagram_username": text(instagram.get("username"))[:60] or None,
        "sealed_token": vault.seal(token),
        "scopes": list(state.scopes),
        "connected_at": now,
        "token_checked_at": now,
        "token_problem": state.problem,
        "token_detail": state.detail,
    }
    if page is None:
        page = MetaPage(shop_id=shop_id, **values)
    else:
        page.sqlmodel_update(values)
    session.add(page)
    announce(session, shop_id, "page", {"problem": state.problem}, now=now)
    await session.flush()
    return page


async def _refuse_if_taken(
    session: AsyncSession, shop_id: int, page_id: str, instagram_id: str | None
) -> None:
    """Two shops connecting the same page in the same moment meet at the unique constraints."""
    taken = select(MetaPage.id).where(
        col(MetaPage.shop_id) != shop_id,
        or_(
            col(MetaPage.page_id) == page_id,
            col(MetaPage.instagram_id) == instagram_id if instagram_id else False,
        ),
    )
    if (await session.exec(taken)).first() is not None:
        raise PageTakenElsewhere()
