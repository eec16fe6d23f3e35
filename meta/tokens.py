"""Page tokens: what one may do, and whether it still works. They die without notice."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import Clock
from core.database import Database
from core.live import announce
from core.logs import log
from meta.errors import GraphRefused, GraphUnavailable
from meta.models import MetaPage
from meta.pages import Graphs, find_page, list_pages
from meta.shapes import Shape, identifier, items, number, shape, text

# What each function of the shop needs (Pages API and Instagram Platform docs: permissions).
PAGE_SCOPES = (
    "pages_messaging",
    "pages_manage_metadata",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_posts",
    "pages_manage_engagement",
)
INSTAGRAM_SCOPES = (
    "instagram_basic",
    "instagram_manage_comments",
    "instagram_manage_messages",
)
WARN_BEFORE = timedelta(days=7)

SENTENCES: dict[str, str] = {
    "expired": "The page's access token has expired. Please connect the page anew.",
    "password": "The access token died with a changed password. Please connect the page anew.",
    "app_removed": "The app was removed from the account that connected the page. Please connect it anew.",
    "checkpoint": "Facebook wants the person who connected the page to sign in there once and confirm something.",
    "no_role": "The person who connected the page has no role on it any more. Please connect it anew.",
    "revoked": "The page's access token is no longer valid. Please connect the page anew.",
    "scopes": "The access token lacks permissions: %(detail)s. Make a token with them and connect anew.",
    "blocked": "Meta has blocked the page from this for a while. Look into the page's quality settings on Facebook.",
    "warned": "Meta has warned the page: %(detail)s Whoever ignores this may be blocked.",
    "expires_soon": "The access token expires on %(detail)s. Please connect the page anew before that.",
    "other_app": "The access token belongs to another app (%(detail)s). Make one with your own app.",
}
_SUBCODES = {458: "app_removed", 459: "checkpoint", 460: "password", 463: "expired",
             464: "checkpoint", 467: "revoked", 492: "no_role"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TokenState:
    """`problem` is a name from SENTENCES, or None. `page_id` is set for page tokens only."""

    is_valid: bool
    kind: str
    page_id: str | None
    app_id: str | None
    scopes: tuple[str, ...]
    problem: str | None = None
    detail: str = ""

    @property
    def sentence(self) -> str | None:
        return SENTENCES[self.problem] if self.problem else None


async def inspect(
    graphs: Graphs, token: SecretStr, *, page_id: str, instagram_id: str | None, now: datetime
) -> TokenState:
    """Ask Meta about a token (Graph API docs: debug_token). Raises what Graph raises."""
    settings = graphs.settings
    answer = await graphs.app_graph().debug_access_token(
        token.get_secret_value(), settings.app_id, settings.app_secret.get_secret_value()
    )
    data = shape(shape(answer).get("data"))
    state = TokenState(
        is_valid=data.get("is_valid") is True,
        kind=text(data.get("type")),
        page_id=identifier(data.get("profile_id")),
        app_id=identifier(data.get("app_id")),
        scopes=_scopes(data, {page_id, instagram_id} if instagram_id else {page_id}),
    )
    problem, detail = _problem(data, state, settings.app_id, instagram_id, now)
    return TokenState(
        state.is_valid, state.kind, state.page_id, state.app_id, state.scopes, problem, detail
    )


def _scopes(data: Shape, targets: set[str]) -> tuple[str, ...]:
    """A permission may have been granted for other pages only."""
    narrowed = {
        text(one.get("scope")): {identifier(target) for target in items(one.get("target_ids"))}
        for one in map(shape, items(data.get("granular_scopes")))
    }
    granted = [text(scope) for scope in items(data.get("scopes"))]
    return tuple(scope for scope in granted if not narrowed.get(scope) or narrowed[scope] & targets)


def _problem(
    data: Shape, state: TokenState, app_id: str, instagram_id: str | None, now: datetime
) -> tuple[str | None, str]:
    if not state.is_valid:
        subcode = number(shape(data.get("error")).get("subcode")) or 0
        return _SUBCODES.get(subcode, "revoked"), ""
    if state.app_id not in (None, app_id):
        return "other_app", str(state.app_id)
    wanted = PAGE_SCOPES + (INSTAGRAM_SCOPES if instagram_id else ())
    missing = [scope for scope in wanted if scope not in state.scopes]
    if missing:
        return "scopes", ", ".join(missing)
    # Two separate dates end a token; 0 means never.
    ends = [number(data.get(name)) or 0 for name in ("expires_at", "data_access_expires_at")]
    first = min((end for end in ends if end > 0), default=0)
    if first and first < 1 << 33:
        ends_at = datetime.fromtimestamp(first, UTC)
        if ends_at - now < WARN_BEFORE:
            return "expires_soon", f"{ends_at:%Y-%m-%d}"
    return None, ""


async def check_tokens(db: Database, graphs: Graphs, clock: Clock) -> None:
    """Periodic job. A page whose token no longer works says so at the counter."""
    if not graphs.settings.is_configured:
        return
    async with db.reading() as session:
        pages = await list_pages(session)
    for page in pages:
        try:
            await check_token(db, graphs, clock, page)
        except (GraphRefused, GraphUnavailable) as error:
            # Not a word about this token: the app's own secret is wrong, or Meta is away.
            log(__name__).warning("token_not_checked", shop_id=page.shop_id, reason=str(error))


async def check_token(db: Database, graphs: Graphs, clock: Clock, page: MetaPage) -> TokenState:
    """Look at the token now, and write down what is wrong with it."""
    state = await inspect(
        graphs, graphs.vault.open(page.sealed_token),
        page_id=page.page_id, instagram_id=page.instagram_id, now=clock(),
    )  # fmt: skip
    async with db.transaction() as session:
        stored = await find_page(session, page.shop_id)
        if stored is not None and stored.sealed_token == page.sealed_token:
            stored.token_checked_at, stored.scopes = clock(), list(state.scopes)
            _set_problem(session, stored, state.problem, state.detail, now=clock())
    return state


async def note_refusal(
    session: AsyncSession, shop_id: int, refused: GraphRefused, *, now: datetime
) -> None:
    """A call has met a dead token or a block: known at once, not at the next check."""
    problem = {
        "token_dead": _SUBCODES.get(refused.subcode, "revoked"),
        "token_scope": "scopes",
        "blocked": "blocked",
    }.get(refused.family)
    page = await find_page(session, shop_id)
    if problem is not None and page is not None:
        detail = refused.reason[:200] if problem == "scopes" else ""
        _set_problem(session, page, problem, detail, now=now)


async def note_policy(
    session: AsyncSession, shop_id: int, action: str, reason: str, *, now: datetime
) -> None:
    """Meta warned, blocked or unblocked the page (Messenger Platform docs:
    messaging_policy_enforcement). A blocked page sends nothing until it is unblocked."""
    log(__name__).warning("page_policy_enforced", shop_id=shop_id, action=action)
    page = await find_page(session, shop_id)
    if page is None:
        return
    if action in ("block", "warning"):
        problem = "blocked" if action == "block" else "warned"
        _set_problem(session, page, problem, reason[:200], now=now)
    elif action == "unblock" and page.token_problem in ("blocked", "warned"):
        _set_problem(session, page, None, "", now=now)


def _set_problem(
    session: AsyncSession, page: MetaPage, problem: str | None, detail: str, *, now: datetime
) -> None:
    if (page.token_problem, page.token_detail) != (problem, detail):
        page.token_problem, page.token_detail = problem, detail
        announce(session, page.shop_id, "page", {"problem": problem}, now=now)
    session.add(page)
