"""Pictures people upload: checked, re-encoded, kept in the database, served for ever."""

import asyncio
import hashlib
from dataclasses import asdict, dataclass
from io import BytesIO

from aiohttp import web
from PIL import Image, ImageOps
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.cache import CACHE
from core.database import DATABASE
from core.errors import NotFound, ShopError

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 40_000_000
LONGEST_SIDE = 1600
THUMB_SIDE = 480


class Picture(SQLModel, table=True):
    """A picture in the two sizes pages use. Beside the rows, so that one backup holds all."""

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    digest: str = Field(max_length=64, index=True)
    width: int
    height: int
    full: bytes
    thumb: bytes

    @property
    def url(self) -> str:
        return picture_url(self.digest)


class NotAPicture(ShopError):
    status = 422
    sentence = "This file is not a picture we can read. Please use JPEG, PNG or WebP."


class PictureTooLarge(ShopError):
    status = 413
    sentence = "This picture is too large. Up to 8 MB and 40 megapixels are possible."


def picture_url(digest: str, size: str = "full") -> str:
    return f"/pictures/{digest}/{size}.webp"


@dataclass(frozen=True, slots=True)
class ReadPicture:
    """An upload that was checked and encoded anew."""

    digest: str
    width: int
    height: int
    full: bytes
    thumb: bytes


async def read_picture(data: bytes) -> ReadPicture:
    """Check and re-encode an upload: that drops metadata (where it was taken) and anything
    hidden. Takes a good part of a second, so call it before the transaction, not inside.

    Raises NotAPicture or PictureTooLarge.
    """
    return await asyncio.to_thread(_encode, data)


async def keep_picture(session: AsyncSession, shop_id: int, read: ReadPicture) -> Picture:
    """The same picture is kept once for each shop."""
    kept = await find_picture(session, shop_id, read.digest)
    if kept is None:
        kept = Picture(shop_id=shop_id, **asdict(read))
        session.add(kept)
        await session.flush()
    return kept


async def find_picture(session: AsyncSession, shop_id: int, digest: str | None) -> Picture | None:
    """One of the shop's own pictures."""
    query = select(Picture).where(col(Picture.shop_id) == shop_id, col(Picture.digest) == digest)
    return (await session.exec(query)).first() if digest else None


def _encode(data: bytes) -> ReadPicture:
    upright = _read(data)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    full = _webp(upright)
    small = upright.copy()
    small.thumbnail((THUMB_SIDE, THUMB_SIDE))
    digest = hashlib.sha256(full).hexdigest()
    return ReadPicture(digest, upright.width, upright.height, full, _webp(small))


def _read(data: bytes) -> Image.Image:
    if len(data) > MAX_BYTES:
        raise PictureTooLarge()
    try:
        image = Image.open(BytesIO(data), formats=("JPEG", "PNG", "WEBP", "GIF"))
        if image.width * image.height > MAX_PIXELS:
            raise PictureTooLarge()
        upright = ImageOps.exif_transpose(image)
        return upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except (PictureTooLarge, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureTooLarge() from None
    except Exception:
        # Decoders meet broken files with errors of every kind.
        raise NotAPicture() from None


def _webp(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "WEBP", quality=80, method=4)
    return out.getvalue()


def as_jpeg(data: bytes) -> bytes:
    """For platforms that take no WebP (Instagram takes JPEG only); on white what was see-through."""
    out = BytesIO()
    picture = Image.open(BytesIO(data)).convert("RGBA")
    paper = Image.new("RGBA", picture.size, "white")
    Image.alpha_composite(paper, picture).convert("RGB").save(out, "JPEG", quality=88)
    return out.getvalue()


routes = web.RouteTableDef()


@routes.get("/pictures/{digest:[0-9a-f]{64}}/{size:full|thumb}.{kind:webp|jpg}")
async def show_picture(request: web.Request) -> web.Response:
    """Public by design: whoever has a digest has seen the picture on a public page."""
    digest, size, kind = (request.match_info[name] for name in ("digest", "size", "kind"))

    async def load() -> bytes:
        column = col(Picture.full) if size == "full" else col(Picture.thumb)
        async with request.app[DATABASE].reading() as session:
            found = (
                await session.exec(select(column).where(col(Picture.digest) == digest).limit(1))
            ).first()
        if found is None:
            raise NotFound()
        return await asyncio.to_thread(as_jpeg, found) if kind == "jpg" else found

    body = await request.app[CACHE].fetch(f"picture:{digest}:{size}:{kind}", load, seconds=3600)
    return web.Response(
        body=body,
        content_type="image/webp" if kind == "webp" else "image/jpeg",
        headers={
            "Cache-Control": "public, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
        },
    )
