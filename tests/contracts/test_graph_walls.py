"""The wall through the Graph API: posts, photos, schedules, comments."""

import json
from datetime import datetime
from typing import Any

import aiohttp
import pytest

from sandbox.signing import proof
from tests.sandbox.network import PAGE, SECRET, Network

PNG = b"\x89PNG\r\n\x1a\n"


async def test_a_post_is_published_read_changed_and_removed(network: Network) -> None:
    _, made = await network.graph("POST", f"{PAGE}/feed", message="Rabatt!")
    post_id = made["id"]
    assert post_id.startswith(f"{PAGE}_")
    await network.graph("POST", post_id, message="Rabatt bis Sonntag!")
    _, shown = await network.graph(
        "GET", post_id, fields="message,from{id},created_time,is_published,permalink_url"
    )
    assert shown["message"] == "Rabatt bis Sonntag!"
    assert shown["from"]["id"] == PAGE
    assert await network.graph("DELETE", post_id) == (200, {"success": True})
    assert await network.refused("GET", post_id) == (100, 33)
    assert await network.refused("DELETE", post_id) == (100, 33)


async def test_an_empty_post_is_refused(network: Network) -> None:
    assert await network.refused("POST", f"{PAGE}/feed") == (100, None)
    assert await network.refused("POST", f"{PAGE}/feed", message={"a": 1}) == (100, None)


async def test_the_same_text_twice_is_a_duplicate(network: Network) -> None:
    await network.graph("POST", f"{PAGE}/feed", message="Rabatt!")
    assert await network.refused("POST", f"{PAGE}/feed", message="Rabatt!") == (506, None)
    network.clock.advance(minutes=2)
    assert (await network.graph("POST", f"{PAGE}/feed", message="Rabatt!"))[0] == 200


async def test_a_link_shows_its_targets_open_graph_tags(network: Network) -> None:
    link = f"{network.shop.url}/p/tulpen"
    _, made = await network.graph("POST", f"{PAGE}/feed", link=link)
    card = network.world.nodes[made["id"]].link
    assert (card.url, card.title) == (link, "Tulpen & mehr")
    assert await network.refused("POST", f"{PAGE}/feed", link=f"{network.shop.url}/missing") == (
        1609005,
        None,
    )


async def test_posts_by_other_apps_cannot_be_edited(network: Network) -> None:
    post = network.world.post(PAGE, "Von Hand")
    assert await network.refused("POST", post.id, message="x") == (200, None)
    assert post.message == "Von Hand"


@pytest.mark.parametrize(
    ("minutes", "is_taken"), [(9, False), (10, True), (43200, True), (43201, False)]
)
async def test_posts_are_scheduled_ten_minutes_to_thirty_days_ahead(
    network: Network, minutes: int, is_taken: bool
) -> None:
    at = int(network.clock().timestamp()) + minutes * 60
    status, _ = await network.graph(
        "POST", f"{PAGE}/feed", message="Später", published=False, scheduled_publish_time=at
    )
    assert (status == 200) is is_taken
    _, feed = await network.graph("GET", f"{PAGE}/feed")
    assert feed["data"] == []
    _, scheduled = await network.graph("GET", f"{PAGE}/scheduled_posts", fields="message")
    assert len(scheduled["data"]) == int(is_taken)
    network.clock.advance(minutes=minutes)
    _, feed = await network.graph("GET", f"{PAGE}/feed")
    assert len(feed["data"]) == int(is_taken)


async def test_a_schedule_needs_an_unpublished_post(network: Network) -> None:
    at = int(network.clock().timestamp()) + 3600
    for more in ({"published": True}, {}, {"published": "True"}):
        assert await network.refused(
            "POST", f"{PAGE}/feed", message="x", scheduled_publish_time=at, **more
        ) == (100, None)


async def test_a_photo_comes_by_address_or_as_a_file(network: Network) -> None:
    picture = network.world.paint(PNG, "image/png")
    url = f"{network.url}/pictures/{picture.id}"
    _, made = await network.graph("POST", f"{PAGE}/photos", url=url, caption="Tulpen")
    assert network.world.nodes[made["post_id"]].message == "Tulpen"
    form = aiohttp.FormData(
        {"access_token": "page-token", "appsecret_proof": proof(SECRET, "page-token")}
    )
    form.add_field("source", PNG, filename="a.png", content_type="image/png")
    async with network.http.post(f"{network.url}/graph/v25.0/me/photos", data=form) as answer:
        assert answer.status == 200
    for bad in (
        "http://127.0.0.1:1/x.png",
        "https://example.com/x.png",
        f"{network.shop.url}/p/tulpen",
    ):
        assert await network.refused("POST", f"{PAGE}/photos", url=bad) == (324, None)
    assert await network.refused("POST", f"{PAGE}/photos") == (324, None)


async def test_several_photos_are_attached_to_one_post(network: Network) -> None:
    picture = network.world.paint(PNG, "image/png")
    ids = []
    for _ in range(2):
        _, made = await network.graph(
            "POST", f"{PAGE}/photos", url=f"{network.url}/pictures/{picture.id}", published=False
        )
        assert set(made) == {"id"}
        ids.append(made["id"])
    attached: Any = [{"media_fbid": one} for one in ids]
    _, post = await network.graph("POST", f"{PAGE}/feed", message="Zwei", attached_media=attached)
    assert [one.id for one in network.world.nodes[post["id"]].pictures] == ids
    numbered = {f"attached_media[{n}]": json.dumps(one) for n, one in enumerate(attached)}
    _, post = await network.graph("POST", f"{PAGE}/feed", **numbered)
    assert len(network.world.nodes[post["id"]].pictures) == 2
    assert await network.refused(
        "POST", f"{PAGE}/feed", attached_media=[{"media_fbid": picture.id}]
    ) == (100, None)


async def test_comments_are_answered_hidden_liked_and_removed(network: Network) -> None:
    world = network.world
    post = world.post(PAGE, "Neu")
    comment = world.comment(post, world.people["anna-weber"], "Preis?")
    _, made = await network.graph("POST", f"{comment.id}/comments", message="24,90 €")
    answer = world.nodes[made["id"]]
    assert (answer.parent, answer.author, answer.message) == (comment, None, "24,90 €")
    await network.graph("POST", answer.id, message="19,90 €")
    assert answer.message == "19,90 €"
    assert await network.refused("POST", comment.id, message="x") == (200, None)
    await network.graph("POST", comment.id, is_hidden="true")
    assert comment.is_hidden is True
    assert await network.refused("POST", answer.id, is_hidden=True) == (200, None)
    await network.graph("POST", f"{comment.id}/likes")
    assert comment.likes == {PAGE}
    assert (await network.graph("DELETE", comment.id))[0] == 200
    assert (comment.is_removed, answer.is_removed) == (True, True)
    assert await network.refused("POST", f"{comment.id}/comments", message="x") == (100, 33)


async def test_replies_go_with_their_comment_however_deep(network: Network) -> None:
    world, anna = network.world, network.world.people["anna-weber"]
    top = world.comment(world.post(PAGE, "Neu"), anna, "eins")
    deep = world.comment(world.comment(top, None, "zwei"), anna, "drei")
    other = world.comment(top.post, anna, "daneben")
    await network.graph("DELETE", top.id)
    assert (deep.is_removed, other.is_removed) == (True, False)


async def test_comments_are_listed_by_level_and_order(network: Network) -> None:
    world, anna = network.world, network.world.people["anna-weber"]
    post = world.post(PAGE, "Neu")
    first = world.comment(post, anna, "eins")
    network.clock.advance(seconds=1)
    world.comment(first, None, "Antwort")
    network.clock.advance(seconds=1)
    world.comment(post, anna, "zwei")

    async def texts(**params: str) -> list[str]:
        _, body = await network.graph("GET", f"{post.id}/comments", fields="message", **params)
        return [comment["message"] for comment in body["data"]]

    assert await texts() == ["eins", "zwei"]
    assert await texts(filter="stream") == ["eins", "Antwort", "zwei"]
    assert await texts(order="reverse_chronological") == ["zwei", "eins"]
    assert await texts(since=str(int(network.clock().timestamp()))) == ["zwei"]
    _, body = await network.graph(
        "GET", post.id, fields="comments.limit(1){message,from,parent{id},can_reply_privately}"
    )
    [shown] = body["comments"]["data"]
    assert shown["can_reply_privately"] is True
    assert "parent" not in shown
    assert f"/{post.id}/comments?" in body["comments"]["paging"]["next"]


async def test_times_are_told_in_utc_wherever_they_were_lived(network: Network) -> None:
    at = datetime.fromisoformat("2026-11-20T01:30:00+02:00")
    post = network.world.post(PAGE, "Nachts", at=at)
    _, shown = await network.graph("GET", post.id, fields="created_time")
    assert shown["created_time"] == "2026-11-19T23:30:00+0000"


async def test_fields_on_a_comment_fail_although_it_was_made(network: Network) -> None:
    post = network.world.post(PAGE, "Neu")
    assert await network.refused("POST", f"{post.id}/comments", message="Hallo", fields="id") == (
        20,
        1772107,
    )
    assert [comment.message for comment in post.comments] == ["Hallo"]


async def test_what_a_node_cannot_do_is_refused(network: Network) -> None:
    post = network.world.post(PAGE, "Neu")
    assert await network.refused("DELETE", PAGE) == (100, 33)
    assert await network.refused("GET", f"{post.id}/nonsense") == (2500, None)
    assert await network.refused("PUT", post.id) == (100, 33)
    assert await network.refused("POST", f"{post.id}/comments") == (100, None)
