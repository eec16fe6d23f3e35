"""Behind the counter: deals on the page's wall, and what came of them."""

from aiohttp import web

from campaigns.forms import PostForm, read_form
from campaigns.posting import get_post, list_posts, post_deal, try_again
from campaigns.results import comments_under, result_of
from campaigns.wording import suggest_text
from core.clock import CLOCK
from core.csrf import OWN_ORIGIN
from core.database import DATABASE
from core.errors import InvalidForm
from core.pages import translate
from inbox.models import WallPost
from meta.pages import find_page
from promotions.deals import get_deal
from promotions.issuing import list_codes
from staff.access import counter_page, member_of, shop_of
from staff.cookies import flash

routes = web.RouteTableDef()


@routes.get("/counter/posts")
async def show_posts(request: web.Request) -> web.Response:
    shop = shop_of(request)
    async with request.app[DATABASE].reading() as session:
        posts = await list_posts(session, shop.key)
        results = {post.key: await result_of(session, post, shop.currency) for post in posts}
        deals = {post.deal_id: await get_deal(session, shop.key, post.deal_id) for post in posts}
    return counter_page(request, "campaigns/posts.html", posts=posts, results=results, deals=deals)


@routes.get("/counter/deals/{deal_id:\\d{1,9}}/post")
async def show_new_post(request: web.Request) -> web.Response:
    return await _post_form(request, None, {})


@routes.post("/counter/deals/{deal_id:\\d{1,9}}/post")
async def make_post(request: web.Request) -> web.Response:
    shop, deal_id = shop_of(request), int(request.match_info["deal_id"])
    values = {name: str(value) for name, value in (await request.post()).items()}
    try:
        form: PostForm = read_form(PostForm, values)
        async with request.app[DATABASE].transaction() as session:
            deal = await get_deal(session, shop.key, deal_id)
            codes = {code.key for code in await list_codes(session, shop.key, [deal_id])}
            if form.code_id is not None and form.code_id not in codes:
                raise InvalidForm({"code_id": "This code belongs to another deal."})
            post = await post_deal(
                session, shop.key, deal_id, text=form.text, link=form.link, code_id=form.code_id,
                picture_digest=deal.picture_digest if form.with_picture else None,
                by=member_of(request).name, now=request.app[CLOCK](),
            )  # fmt: skip
    except InvalidForm as error:
        return await _post_form(request, values, error.fields, status=422)
    raise web.HTTPSeeOther(f"/counter/posts/{post.key}")


async def _post_form(
    request: web.Request,
    values: dict[str, str] | None,
    errors: dict[str, str],
    *,
    status: int = 200,
) -> web.Response:
    shop, deal_id = shop_of(request), int(request.match_info["deal_id"])
    async with request.app[DATABASE].reading() as session:
        deal = await get_deal(session, shop.key, deal_id)
        codes = await list_codes(session, shop.key, [deal_id])
        page = await find_page(session, shop.key)
    link = f"{request.app[OWN_ORIGIN]}/s/{shop.slug}/"
    if values is None:
        code = codes[0] if codes else None
        values = {
            "text": suggest_text(request, shop, deal, code),
            "link": link,
            "code_id": str(code.key) if code else "",
            "with_picture": "1" if deal.picture_digest else "",
        }
    return counter_page(
        request, "campaigns/post_form.html", status=status, deal=deal, codes=codes,
        meta_page=page, values=values,
        code_options=[(code.key, code.code) for code in codes],
        errors={name: translate(request, sentence) for name, sentence in errors.items()},
    )  # fmt: skip


@routes.get("/counter/posts/{post_id:\\d{1,9}}")
async def show_post(request: web.Request) -> web.Response:
    return await _post_page(request, "campaigns/post.html")


@routes.get("/counter/posts/{post_id:\\d{1,9}}/progress")
async def show_progress(request: web.Request) -> web.Response:
    """The part of the page that follows what happens."""
    return await _post_page(request, "campaigns/post_progress.html")


async def _post_page(request: web.Request, template: str) -> web.Response:
    shop = shop_of(request)
    async with request.app[DATABASE].reading() as session:
        post = await get_post(session, shop.key, int(request.match_info["post_id"]))
        deal = await get_deal(session, shop.key, post.deal_id)
        codes = await list_codes(session, shop.key, [deal.key])
        result = await result_of(session, post, shop.currency)
        comments = await comments_under(session, post) if post.wall_post_id else []
        wall_post = await session.get(WallPost, post.wall_post_id) if post.wall_post_id else None
    return counter_page(
        request, template, post=post, deal=deal, result=result, comments=comments,
        wall_post=wall_post, code=next((one for one in codes if one.id == post.code_id), None),
    )  # fmt: skip


@routes.post("/counter/posts/{post_id:\\d{1,9}}/retry")
async def retry_post(request: web.Request) -> web.Response:
    post_id = int(request.match_info["post_id"])
    async with request.app[DATABASE].transaction() as session:
        await try_again(session, shop_of(request).key, post_id, now=request.app[CLOCK]())
    done = web.HTTPSeeOther(f"/counter/posts/{post_id}")
    flash(done, "info", translate(request, "We are trying again."))
    raise done
