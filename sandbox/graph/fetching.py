"""Fetches what the product points to (pictures, link targets): on this machine only."""

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin

import aiohttp

from sandbox.settings import is_loopback
from sandbox.state import State
from sandbox.things import LinkCard

LIMIT_BYTES = 26 * 1024 * 1024
TIMEOUT_S = 10
META_TAG = re.compile(r"<meta\b[^>]*>", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)


@dataclass(frozen=True)
class Fetched:
    content: bytes
    content_type: str


def picture_type(content: bytes) -> str:
    """What the first bytes say, whatever was declared; empty for all but pixels (no SVG)."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in MAGIC if content.startswith(magic)), "")


async def fetch(state: State, url: str) -> Fetched | None:
    """None where nothing usable came, or the address is not on this machine."""
    http = state.sender.http
    if http is None or not is_loopback(url):
        return None
    try:
        async with http.get(url, timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as answer:
            content = await answer.content.read(LIMIT_BYTES + 1)
            while len(content) <= LIMIT_BYTES and (more := await answer.content.read(LIMIT_BYTES)):
                content += more
            is_good = answer.status == 200 and len(content) <= LIMIT_BYTES
            return Fetched(content, answer.content_type) if is_good else None
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None


async def link_card(state: State, url: str) -> LinkCard | None:
    """The Open Graph tags of the target; None where it could not be read.

    An address beyond this machine is not visited: its card shows the address alone.
    """
    if not is_loopback(url):
        return LinkCard(url)
    fetched = await fetch(state, url)
    if fetched is None:
        return None
    text = fetched.content.decode("utf-8", "replace")
    tags = _open_graph(text)
    found = TITLE.search(text)
    return LinkCard(
        url=url,
        title=tags.get("og:title") or (unescape(found[1]).strip() if found else ""),
        description=tags.get("og:description") or tags.get("description", ""),
        image_url=urljoin(url, tags["og:image"]) if "og:image" in tags else "",
    )


def _open_graph(text: str) -> dict[str, str]:
    tags: dict[str, str] = {}
    for tag in META_TAG.findall(text):
        parts = {name.lower(): double or single for name, double, single in ATTRIBUTE.findall(tag)}
        name = parts.get("property") or parts.get("name")
        if name and "content" in parts:
            tags.setdefault(name.lower(), unescape(parts["content"]))
    return tags
