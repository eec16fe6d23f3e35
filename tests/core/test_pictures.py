"""Uploaded pictures: checked, turned upright, freed of what nobody should see."""

import random
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image
from sqlmodel import select

from core.pictures import (
    LONGEST_SIDE,
    MAX_BYTES,
    THUMB_SIDE,
    NotAPicture,
    Picture,
    PictureTooLarge,
    as_jpeg,
    keep_picture,
    read_picture,
)
from core.shops import Shop, open_shop
from tests.conftest import SetClock, WatchedDatabase


def drawing(size: tuple[int, int] = (40, 20), *, kind: str = "PNG", mode: str = "RGB",
            color: object = "red", **options: object) -> bytes:  # fmt: skip
    out = BytesIO()
    Image.new(mode, size, color).save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [b"IHDR" + head, b"IDAT" + zlib.compress(b"\0" * 9), b"IEND"]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in chunks
    )


async def keep(db: WatchedDatabase, shop: Shop, data: bytes) -> Picture:
    async with db.transaction() as session:
        return await keep_picture(session, shop.key, await read_picture(data))


async def test_a_picture_is_kept_in_two_sizes(sqlite_db: WatchedDatabase, shop: Shop) -> None:
    kept = await keep(sqlite_db, shop, drawing((3200, 800)))
    assert (kept.width, kept.height) == (LONGEST_SIDE, 400)
    assert opened(kept.full).size == (LONGEST_SIDE, 400)
    assert opened(kept.thumb).size == (THUMB_SIDE, 120)
    assert opened(kept.full).format == "WEBP"


async def test_small_pictures_are_not_blown_up(sqlite_db: WatchedDatabase, shop: Shop) -> None:
    kept = await keep(sqlite_db, shop, drawing((40, 20)))
    assert opened(kept.full).size == opened(kept.thumb).size == (40, 20)


async def test_the_same_picture_is_kept_once_per_shop(
    db: WatchedDatabase, shop: Shop, clock: SetClock
) -> None:
    async with db.transaction() as session:
        other = await open_shop(session, "other", "Other", now=clock())
    first, again = await keep(db, shop, drawing()), await keep(db, shop, drawing())
    theirs = await keep(db, other, drawing())
    assert first.id == again.id != theirs.id
    assert first.digest == theirs.digest
    async with db.reading() as session:
        assert len((await session.exec(select(Picture))).all()) == 2


async def test_where_it_was_taken_is_forgotten_and_it_stands_upright(
    sqlite_db: WatchedDatabase, shop: Shop
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # Turned by a quarter.
    exif[0x010E] = "at home"
    kept = await keep(sqlite_db, shop, drawing((40, 20), kind="JPEG", exif=exif))
    assert (kept.width, kept.height) == (20, 40)
    assert not opened(kept.full).getexif()
    assert b"at home" not in kept.full + kept.thumb


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGB"), ("PNG", "L"), ("PNG", "P"), ("PNG", "1"), ("PNG", "I;16"), ("PNG", "LA"),
     ("JPEG", "CMYK"), ("JPEG", "L"), ("GIF", "P"), ("WEBP", "RGBA")],
)  # fmt: skip
async def test_all_kinds_people_have_are_read(
    sqlite_db: WatchedDatabase, shop: Shop, kind: str, mode: str
) -> None:
    kept = await keep(sqlite_db, shop, drawing(kind=kind, mode=mode, color=None))
    assert opened(kept.full).size == (40, 20)
    assert opened(as_jpeg(kept.full)).format == "JPEG"


async def test_a_see_through_logo_stays_see_through_and_turns_white_for_instagram(
    sqlite_db: WatchedDatabase, shop: Shop
) -> None:
    kept = await keep(sqlite_db, shop, drawing(mode="RGBA", color=(0, 0, 0, 0)))
    assert opened(kept.full).convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]
    jpeg = opened(as_jpeg(kept.full))
    assert min(jpeg.getpixel((5, 5))) > 250  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", b"not a picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7",
     drawing()[:60], drawing(kind="JPEG")[:100], png_header(10, 10), b"\xff\xd8\xff\xe0" + b"\0" * 50],
)  # fmt: skip
async def test_what_is_no_picture_is_refused_and_nothing_is_stored(
    sqlite_db: WatchedDatabase, shop: Shop, data: bytes
) -> None:
    with pytest.raises(NotAPicture):
        await keep(sqlite_db, shop, data)
    async with sqlite_db.reading() as session:
        assert (await session.exec(select(Picture))).all() == []


@pytest.mark.parametrize(
    "data", [png_header(10_000, 5_000), png_header(60_000, 60_000), b"\0" * (MAX_BYTES + 1)]
)
async def test_a_picture_that_would_burst_memory_is_refused_before_it_is_unpacked(
    sqlite_db: WatchedDatabase, shop: Shop, data: bytes
) -> None:
    with pytest.raises(PictureTooLarge):
        await keep(sqlite_db, shop, data)


async def test_damaged_pictures_are_read_or_refused_and_never_crash(
    sqlite_db: WatchedDatabase, shop: Shop
) -> None:
    dice = random.Random(7)
    for kind in ("PNG", "JPEG", "WEBP", "GIF"):
        whole = drawing((60, 60), kind=kind)
        for _ in range(40):
            data = bytearray(whole)
            for _ in range(dice.randint(1, 8)):
                data[dice.randrange(len(data))] = dice.randrange(256)
            try:
                await keep(sqlite_db, shop, bytes(data))
            except (NotAPicture, PictureTooLarge):
                continue
