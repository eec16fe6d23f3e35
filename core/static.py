"""Our own styles and scripts, read once, compressed once, cached by browsers for ever."""

import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from core.errors import NotFound
from core.pages import ROOT

mimetypes.add_type("image/webp", ".webp")


@dataclass(frozen=True, slots=True)
class StaticFile:
    media_type: str
    plain: bytes
    packed: bytes | None


STATIC: web.AppKey[dict[str, StaticFile]] = web.AppKey("static", dict)
routes = web.RouteTableDef()


def read_static(folder: Path = ROOT / "static") -> dict[str, StaticFile]:
    return {
        path.relative_to(folder).as_posix(): _read(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _read(path: Path) -> StaticFile:
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    plain = path.read_bytes()
    is_text = media_type.startswith("text/") or "javascript" in media_type or "svg" in media_type
    return StaticFile(media_type, plain, gzip.compress(plain, 9, mtime=0) if is_text else None)


@routes.get("/static/{name:[A-Za-z0-9_./-]+}")
async def show_static(request: web.Request) -> web.Response:
    """Names come from the files found at start, so no path can lead outside."""
    file = request.app[STATIC].get(request.match_info["name"])
    if file is None:
        raise NotFound()
    headers = {"X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
    # The address carries the file's digest (core.pages.static_url); without one, ask again.
    headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if "v" in request.query else "no-cache"
    )
    body = file.plain
    if file.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = file.packed
    headers["Content-Type"] = file.media_type + (
        "; charset=utf-8" if file.packed is not None else ""
    )
    return web.Response(body=body, headers=headers)
