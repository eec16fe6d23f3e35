"""A token somebody pasted: which page it opens, and whether it may."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from meta.errors import GraphRefused, TokenRefused
from meta.pages import Graphs
from meta.shapes import Shape, identifier, shape, text
from meta.tokens import SENTENCES, TokenState, inspect


@dataclass(frozen=True, slots=True)
class OpenedPage:
    """What a token has let us see."""

    page_id: str
    name: str
    instagram_id: str | None
    instagram_username: str | None
    token: SecretStr
    state: TokenState


async def open_page(
    graphs: Graphs, page_id: str, pasted: SecretStr, *, now: datetime
) -> OpenedPage:
    """A person's or a system user's token will do too: the page's own is asked for with it.
    `page_id` may be empty where the token says which page it is for.

    Raises TokenRefused with what to do, and what Graph raises.
    """
    page_id, token = await _token_of_page(graphs, page_id, pasted, now=now)
    found = await _look_at(
        graphs, page_id, token, fields="id,name,instagram_business_account{id,username}"
    )
    instagram = shape(found.get("instagram_business_account"))
    instagram_id = identifier(instagram.get("id"))
    state = await inspect(graphs, token, page_id=page_id, instagram_id=instagram_id, now=now)
    return OpenedPage(
        page_id=page_id,
        name=text(found.get("name"))[:200] or page_id,
        instagram_id=instagram_id,
        instagram_username=text(instagram.get("username"))[:60] or None,
        token=token,
        state=_usable(state),
    )


async def _token_of_page(
    graphs: Graphs, page_id: str, pasted: SecretStr, *, now: datetime
) -> tuple[str, SecretStr]:
    state = _usable(await inspect(graphs, pasted, page_id=page_id, instagram_id=None, now=now))
    if state.kind != "PAGE":
        found = await _look_at(graphs, _named(page_id), pasted, fields="id,access_token")
        if not text(found.get("access_token")):
            raise TokenRefused(
                "This token may not act for the page %(page)s. Give it the page and try again.",
                page=page_id,
            )
        return page_id, SecretStr(text(found.get("access_token")))
    if page_id and state.page_id not in (None, page_id):
        raise TokenRefused(
            "This token is for the page %(other)s, not for the page %(page)s.",
            other=str(state.page_id),
            page=page_id,
        )
    return _named(page_id or state.page_id), pasted


def _named(page_id: str | None) -> str:
    if not page_id:
        raise TokenRefused("This token does not say which page it is for. Please add the page id.")
    return page_id


def _usable(state: TokenState) -> TokenState:
    """Missing permissions do not keep a page from being connected: the checks name them."""
    if state.is_valid and state.problem != "other_app":
        return state
    plain = {
        "expired": "This token has expired. Please make a new one.",
        "revoked": "Meta does not know this token. Please copy it once more, the whole of it.",
    }
    problem = state.problem or "revoked"
    raise TokenRefused(plain.get(problem, SENTENCES[problem]), detail=state.detail)


async def _look_at(graphs: Graphs, page_id: str, token: SecretStr, *, fields: str) -> Shape:
    try:
        graph = graphs.graph_with(token, account=page_id)
        return shape(await graph.get_object(page_id, fields=fields))
    except GraphRefused as refused:
        raise TokenRefused(
            "With this token Meta shows no page %(page)s: %(reason)s",
            page=page_id,
            reason=refused.reason,
        ) from None
