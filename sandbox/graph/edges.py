"""The table of what may be called: method, kind of node, edge, with token and permission."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sandbox.graph.calls import Call
from sandbox.things import Comment, Media, Message, Page, Picture, Post, Reader, Thread

Answer = Any
Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True)
class Edge:
    handler: Handler
    scope: str
    tokens: tuple[str, ...]


class Edges(dict[tuple[str, str, str], Edge]):
    """Filled by decorators, like aiohttp's RouteTableDef; one per file, merged in routes.py."""

    def on(
        self,
        method: str,
        kind: str,
        edge: str = "",
        *,
        scope: str = "",
        tokens: tuple[str, ...] = ("PAGE",),
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self[method, kind, edge] = Edge(handler, scope, tokens)
            return handler

        return register


def kind_of(node: Any, node_id: str) -> str:
    match node:
        case Page():
            return "page" if node_id == node.id else "instagram"
        case Comment(place=Media()):
            return "instagram_comment"
        case Media(published_at=None):
            return "container"
        case Media():
            return "media" if node in node.page.media else "container"
        case Post() | Comment() | Picture() | Reader() | Thread() | Message():
            return type(node).__name__.lower()
    return node if isinstance(node, str) else ""


def owner_of(node: Any) -> Page | None:
    match node:
        case Page():
            return node
        case Message():
            return node.thread.page
        case Post() | Comment() | Media() | Reader() | Thread():
            return node.page
    return None
