"""A deal told on the wall: through the counter's form, the real client and the sandbox."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.demo.shop import picture
from campaigns.models import DealPost
from campaigns.posting import get_post, post_deal, publish_deal_post
from campaigns.results import comments_under, result_of
from core.clock import CLOCK
from core.errors import GiveUp
from core.pictures import keep_picture, read_picture
from meta.pages import GRAPHS
from promotions.deals import create_deal
from promotions.issuing import create_code
from promotions.redemptions import keep, reserve
from tests.opened import House, open_house, sign_in


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database_url, tmp_path, works=False) as opened:
        yield opened


async def make_post(house: House, *, with_picture: bool = False) -> DealPost:
    now = house.now()
    read = await read_picture(picture("rosen"))
    async with house.db.transaction() as session:
        art = await keep_picture(session, house.shop.key, read) if with_picture else None
        deal = await create_deal(
            session, house.shop.key, title="10 % auf Rosen", kind="percent", percent=10,
            currency="EUR", needs_code=True, now=now,
        )  # fmt: skip
        code = await create_code(session, house.shop.key, deal.key, code="ROSEN10", now=now)
        return await post_deal(
            session, house.shop.key, deal.key, text="10 % auf Rosen! Code: ROSEN10",
            link=house.at("/s/blumen/"), picture_digest=art.digest if art else None,
            code_id=code.key, by="Mia", now=now,
        )  # fmt: skip


async def read(house: House, post: DealPost) -> DealPost:
    async with house.db.reading() as session:
        return await get_post(session, house.shop.key, post.key)


@pytest.mark.sqlite_only
async def test_a_deal_stands_on_the_wall_with_its_link(house: House) -> None:
    post = await make_post(house)
    await house.settle()
    assert (await read(house, post)).state == "published"
    [shown] = house.world.shop(house.page).posts
    assert shown.message == "10 % auf Rosen! Code: ROSEN10"


@pytest.mark.sqlite_only
async def test_a_deal_with_a_picture_is_posted_as_a_photo(house: House) -> None:
    post = await make_post(house, with_picture=True)
    await house.settle()
    assert (await read(house, post)).state == "published"
    [shown] = house.world.shop(house.page).posts
    assert len(shown.pictures) == 1
    assert house.at("/s/blumen/") in shown.message


@pytest.mark.sqlite_only
async def test_a_lost_answer_does_not_post_twice(house: House) -> None:
    """The post was made, but nobody told us: the next try finds it on the wall."""
    post = await make_post(house)
    async with house.db.transaction() as session:
        row = await session.get_one(DealPost, post.key)
        row.began_at = house.now() - timedelta(seconds=5)
        session.add(row)
    house.world.post(house.page, post.text)
    await house.settle()
    assert (await read(house, post)).state == "published"
    assert len(house.world.shop(house.page).posts) == 1


@pytest.mark.sqlite_only
async def test_running_the_job_again_changes_nothing(house: House) -> None:
    post = await make_post(house)
    await house.settle()
    first = await read(house, post)
    await publish_deal_post(
        house.db, house.product[GRAPHS], house.product[CLOCK], deal_post_id=post.key
    )
    assert await read(house, post) == first
    assert len(house.world.shop(house.page).posts) == 1


@pytest.mark.sqlite_only
async def test_without_a_page_it_says_why_and_can_be_tried_again(
    database_url: str, tmp_path: Path
) -> None:
    async with open_house(database_url, tmp_path, works=False, connected=False) as house:
        post = await make_post(house)
        with pytest.raises(GiveUp):
            await publish_deal_post(
                house.db, house.product[GRAPHS], house.product[CLOCK], deal_post_id=post.key
            )
        failed = await read(house, post)
        assert failed.state == "failed"
        assert failed.failure == "No Facebook page is connected yet."
        await sign_in(house)
        async with house.http.get(house.at(f"/counter/posts/{post.key}")) as answer:
            assert "Try again" in await answer.text() or answer.status == 200


async def test_comments_and_redemptions_are_counted_for_the_post(house: House) -> None:
    post = await make_post(house)
    await house.settle()
    [shown] = house.world.shop(house.page).posts
    house.world.comment(shown, house.world.meet("Lena"), "Gilt das auch für gelbe?")
    await _until_received(house, post)
    async with house.db.transaction() as session:
        stored = await get_post(session, house.shop.key, post.key)
        assert stored.code_id is not None
        now = house.now()
        for reference in ("order-901", "order-902"):
            await reserve(session, house.shop.key, stored.code_id, reference, reference, now=now)
        await keep(session, house.shop.key, "order-901", now=now)
    async with house.db.reading() as session:
        result = await result_of(session, await get_post(session, house.shop.key, post.key), "EUR")
        [line] = await comments_under(session, stored)
    assert (result.comments, result.waiting, result.redeemed, result.reserved) == (1, 1, 1, 1)
    assert line.message.text == "Gilt das auch für gelbe?"


async def _until_received(house: House, post: DealPost) -> None:
    async with asyncio.timeout(10):
        while True:
            await house.settle()
            async with house.db.reading() as session:
                stored = await get_post(session, house.shop.key, post.key)
                if stored.wall_post_id and await comments_under(session, stored):
                    return
            await asyncio.sleep(0.05)
