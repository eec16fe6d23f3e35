"""Instagram through the Graph API: comments, replies, publishing through containers."""

import io
from typing import Any

import pytest
from PIL import Image

from sandbox.things import Media
from tests.sandbox.network import INSTAGRAM, PAGE, Network, running


def jpeg(width: int = 600, height: int = 600, form: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#a3374f").save(file, form)
    return file.getvalue()


def address(network: Network, content: bytes, content_type: str = "image/jpeg") -> str:
    return f"{network.url}/pictures/{network.world.paint(content, content_type).id}"


async def contain(network: Network, **params: Any) -> tuple[int, dict[str, Any]]:
    return await network.graph("POST", f"{INSTAGRAM}/media", **params)


async def test_a_picture_is_published_through_a_container(network: Network) -> None:
    _, made = await contain(network, image_url=address(network, jpeg()), caption="Neu #tulpen")
    container = made["id"]
    _, state = await network.graph("GET", container, fields="status_code")
    assert state["status_code"] == "FINISHED"
    assert network.world.shop(PAGE).media == []
    _, published = await network.graph("POST", f"{INSTAGRAM}/media_publish", creation_id=container)
    assert published["id"] != container
    _, listed = await network.graph(
        "GET", f"{INSTAGRAM}/media", fields="id,caption,permalink,timestamp,comments_count"
    )
    assert listed["data"][0]["id"] == published["id"]
    assert listed["data"][0]["caption"] == "Neu #tulpen"
    _, state = await network.graph("GET", container, fields="status_code")
    assert state["status_code"] == "PUBLISHED"
    assert await network.refused("POST", f"{INSTAGRAM}/media_publish", creation_id=container) == (
        100,
        2207008,
    )


async def test_a_container_expires_after_a_day(network: Network) -> None:
    _, made = await contain(network, image_url=address(network, jpeg()))
    network.clock.advance(hours=24, seconds=1)
    _, state = await network.graph("GET", made["id"], fields="status_code")
    assert state["status_code"] == "EXPIRED"
    assert await network.refused("POST", f"{INSTAGRAM}/media_publish", creation_id=made["id"]) == (
        100,
        2207008,
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (jpeg(form="PNG"), 100),
        (jpeg(400, 600), 36003),
        (jpeg(1000, 400), 36003),
        (jpeg(300, 300), 100),
        (jpeg(1600, 1600), 100),
        (b"not a picture", 100),
    ],
)
async def test_pictures_that_do_not_fit_are_refused(
    network: Network, content: bytes, code: int
) -> None:
    found, _ = await network.refused(
        "POST", f"{INSTAGRAM}/media", image_url=address(network, content)
    )
    assert found == code


@pytest.mark.parametrize("caption", ["x" * 2201, "#a " * 31, "@a " * 21])
async def test_captions_have_their_limits(network: Network, caption: str) -> None:
    assert await network.refused(
        "POST", f"{INSTAGRAM}/media", image_url=address(network, jpeg()), caption=caption
    ) == (100, 2207010)


async def test_a_carousel_has_two_to_ten_children(network: Network) -> None:
    url = address(network, jpeg())
    children = [
        (await contain(network, image_url=url, is_carousel_item=True))[1]["id"] for _ in range(2)
    ]
    status, made = await contain(network, media_type="CAROUSEL", children=children)
    assert status == 200
    await network.graph("POST", f"{INSTAGRAM}/media_publish", creation_id=made["id"])
    [media] = network.world.shop(PAGE).media
    assert len(media.children) == 2
    assert await network.refused(
        "POST", f"{INSTAGRAM}/media", media_type="CAROUSEL", children=children[:1]
    ) == (100, None)


async def test_the_publishing_limit_is_told_and_held() -> None:
    async with running(publishing_quota=1) as network:
        for is_taken in (True, False):
            _, made = await contain(network, image_url=address(network, jpeg()))
            status, _ = await network.graph(
                "POST", f"{INSTAGRAM}/media_publish", creation_id=made["id"]
            )
            assert (status == 200) is is_taken
        _, limit = await network.graph("GET", f"{INSTAGRAM}/content_publishing_limit")
        assert limit["data"] == [
            {"quota_usage": 1, "config": {"quota_total": 1, "quota_duration": 86400}}
        ]


def show(network: Network) -> Media:
    return network.world.show(PAGE, network.world.paint(jpeg(), "image/jpeg"), "Strauß")


async def test_replies_go_to_top_level_comments_only(network: Network) -> None:
    world, anna = network.world, network.world.people["anna-weber"]
    comment = world.comment_on_instagram(show(network), anna, "Preis?")
    _, made = await network.graph("POST", f"{comment.id}/replies", message="24,90 €")
    assert world.nodes[made["id"]].parent is comment
    assert await network.refused("POST", f"{made['id']}/replies", message="x") == (100, None)
    assert await network.refused("POST", f"{comment.id}/replies") == (100, None)


async def test_comments_are_listed_hidden_and_removed(network: Network) -> None:
    world, anna = network.world, network.world.people["anna-weber"]
    media = show(network)
    comment = world.comment_on_instagram(media, anna, "Preis?")
    world.comment_on_instagram(comment, None, "24,90 €")
    _, body = await network.graph(
        "GET",
        f"{media.id}/comments",
        fields="id,text,username,timestamp,hidden,replies{text,parent_id}",
    )
    [shown] = body["data"]
    assert (shown["text"], shown["username"], shown["hidden"]) == ("Preis?", "anna.weber", False)
    [reply] = shown["replies"]["data"]
    assert (reply["text"], reply["parent_id"]) == ("24,90 €", comment.id)
    await network.graph("POST", comment.id, hide=True)
    assert comment.is_hidden is True
    assert await network.refused("POST", comment.id) == (100, None)
    assert (await network.graph("DELETE", comment.id))[0] == 200
    _, body = await network.graph("GET", f"{media.id}/comments")
    assert body["data"] == []
