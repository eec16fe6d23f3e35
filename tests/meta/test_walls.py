"""Posts and comments on the sandbox's walls."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from meta.errors import GraphRefused, GraphUnavailable
from meta.walls import (
    answer_comment,
    comment_on_post,
    delete_comment,
    delete_post,
    edit_post,
    find_answer,
    find_post,
    hide_comment,
    permalink_of,
    publish_post,
    read_comment,
)
from sandbox.graph_faults import GraphFault
from sandbox.things import Comment, Media
from tests.conftest import SetClock
from tests.meta.conftest import PAGE, Network


def webp() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 40), "green").save(out, "WEBP")
    return out.getvalue()


def comment_of_anna(network: Network) -> Comment:
    world = network.world
    return world.comment(world.post(PAGE, "Tulpen"), world.meet("Anna Weber"), "Preis?")


def instagram_comment(network: Network) -> tuple[Media, Comment]:
    world = network.world
    media = world.show(PAGE, world.paint(webp(), "image/webp"), "Rosen")
    return media, world.comment_on_instagram(media, world.meet("Anna Weber"), "Preis?")


async def test_a_text_stands_on_the_wall(network: Network) -> None:
    post_id = await publish_post(network.graph, network.page(), "Heute offen bis 20 Uhr")
    assert network.world.nodes[post_id].message == "Heute offen bis 20 Uhr"


async def test_a_link_gets_its_preview(network: Network) -> None:
    link = f"{network.bell.url}/nothing-to-see"
    with pytest.raises(GraphUnavailable) as refused:
        await publish_post(network.graph, network.page(), "Lesen!", link=link)
    assert refused.value.family == "link_preview"
    post_id = await publish_post(network.graph, network.page(), "Lesen!", link=f"{network.url}/")
    assert network.world.nodes[post_id].link.url == f"{network.url}/"


async def test_a_picture_goes_up_as_jpeg_with_the_link_under_the_text(network: Network) -> None:
    post_id = await publish_post(
        network.graph, network.page(), "Neu", link="https://x.example/s/", picture=webp()
    )
    post = network.world.nodes[post_id]
    assert post.message == "Neu\n\nhttps://x.example/s/"
    assert post.pictures[0].content_type == "image/jpeg"
    assert Image.open(BytesIO(post.pictures[0].content)).format == "JPEG"


async def test_a_post_that_went_up_unanswered_is_found_again(
    network: Network, clock: SetClock
) -> None:
    page, began_at = network.page(), clock()
    assert await find_post(network.graph, page, "Neu", since=began_at) is None
    plain = await publish_post(network.graph, page, "Neu")
    with_picture = await publish_post(
        network.graph, page, "Bild", link="https://x.example", picture=webp()
    )
    assert await find_post(network.graph, page, "Neu", since=began_at) == plain
    assert await find_post(network.graph, page, "Bild", since=began_at) == with_picture
    assert await find_post(network.graph, page, "Ne", since=began_at) is None
    later = clock() + timedelta(hours=1)
    assert await find_post(network.graph, page, "Neu", since=later) is None


async def test_posts_are_edited_and_removed(network: Network) -> None:
    post_id = await publish_post(network.graph, network.page(), "Tulpn")
    await edit_post(network.graph, post_id, "Tulpen")
    post = network.world.nodes[post_id]
    assert post.message == "Tulpen"
    assert await permalink_of(network.graph, "facebook", post_id)
    await delete_post(network.graph, post_id)
    assert post.is_removed


async def test_a_comment_is_answered_below_it(network: Network) -> None:
    comment = comment_of_anna(network)
    answer_id = await answer_comment(network.graph, "facebook", comment.id, "3,50 €")
    answer = network.world.nodes[answer_id]
    assert (answer.message, answer.parent, answer.author) == ("3,50 €", comment, None)


async def test_an_answer_given_unanswered_is_found_and_given_once(
    network: Network, clock: SetClock
) -> None:
    comment, page = comment_of_anna(network), network.page()
    asked = {"comment_id": comment.id, "message": "3,50 €", "since": clock()}
    assert await find_answer(network.graph, page, "facebook", **asked) is None
    answer_id = await answer_comment(network.graph, "facebook", comment.id, "3,50 €")
    assert await find_answer(network.graph, page, "facebook", **asked) == answer_id
    stranger = network.world.comment(comment, network.world.meet("Ben"), "4 €")
    asked["message"] = stranger.message
    assert await find_answer(network.graph, page, "facebook", **asked) is None


async def test_comments_are_hidden_shown_and_removed(network: Network) -> None:
    comment = comment_of_anna(network)
    await hide_comment(network.graph, "facebook", comment.id)
    assert comment.is_hidden
    await hide_comment(network.graph, "facebook", comment.id, hidden=False)
    assert not comment.is_hidden
    found = await read_comment(network.graph, "facebook", comment.id)
    assert (found.text, found.author_name) == ("Preis?", "Anna Weber")
    await delete_comment(network.graph, comment.id)
    assert comment.is_removed
    with pytest.raises(GraphRefused) as gone:
        await answer_comment(network.graph, "facebook", comment.id, "Wo?")
    assert gone.value.family == "missing"


async def test_on_instagram_answers_go_under_the_top_level_comment(
    network: Network, clock: SetClock
) -> None:
    media, comment = instagram_comment(network)
    reply = network.world.comment_on_instagram(comment, network.world.meet("Ben"), "Ich auch")
    with pytest.raises(GraphRefused):
        await answer_comment(network.graph, "instagram", reply.id, "Gern")
    answer_id = await answer_comment(
        network.graph, "instagram", reply.id, "Gern", parent_id=comment.id
    )
    assert network.world.nodes[answer_id].parent is comment
    found = await find_answer(
        network.graph, network.page(), "instagram", comment.id, "Gern", since=clock()
    )
    assert found == answer_id
    await hide_comment(network.graph, "instagram", comment.id)
    assert comment.is_hidden
    assert (await read_comment(network.graph, "instagram", reply.id)).text == "Ich auch"
    assert await permalink_of(network.graph, "instagram", media.id)
    own = await comment_on_post(network.graph, "instagram", media.id, "Ab 9 Uhr")
    assert network.world.nodes[own].author is None


async def test_the_same_post_again_is_refused_as_a_duplicate(network: Network) -> None:
    network.world.graph_weather.faults.append(GraphFault("duplicate_post"))
    with pytest.raises(GraphRefused) as refused:
        await publish_post(network.graph, network.page(), "Neu")
    assert refused.value.family == "duplicate"
