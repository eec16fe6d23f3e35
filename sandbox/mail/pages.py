"""The mail box as people see it: a list, a letter, its parts."""

from urllib.parse import quote

from aiohttp import web

from sandbox.mail.box import MAIL_BOX
from sandbox.mail.letters import Letter
from sandbox.pages import render

routes = web.RouteTableDef()

TOPIC = "mail"
# A letter may bring styles and its own pictures, and nothing else: no script, no loading.
LETTER_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'"
)
SAFE_TYPES = ("image/png", "image/jpeg", "image/gif", "image/webp", "text/plain", "text/csv")


@routes.get("/mail")
async def every_letter(request: web.Request) -> web.Response:
    letters = list(reversed(request.app[MAIL_BOX].letters))
    return render(request, "mail/list.html", letters=letters, topics=(TOPIC,))


@routes.post("/mail/empty")
async def empty(request: web.Request) -> web.Response:
    request.app[MAIL_BOX].clear()
    return web.Response(status=303, headers={"Location": "/mail"})


def _letter(request: web.Request) -> Letter | None:
    return request.app[MAIL_BOX].find(int(request.match_info["number"]))


def _missing(request: web.Request) -> web.Response:
    return render(request, "mail/missing.html", status=404)


@routes.get(r"/mail/{number:\d{1,9}}")
async def show(request: web.Request) -> web.Response:
    letter = _letter(request)
    if letter is None:
        return _missing(request)
    shows_text = request.query.get("part") == "text" or not letter.html
    return render(request, "mail/letter.html", letter=letter, shows_text=shows_text)


@routes.get(r"/mail/{number:\d{1,9}}/html")
async def html_part(request: web.Request) -> web.Response:
    letter = _letter(request)
    if letter is None:
        return _missing(request)
    headers = {"Content-Security-Policy": LETTER_POLICY, "Referrer-Policy": "no-referrer"}
    return web.Response(text=letter.html_page(), content_type="text/html", headers=headers)


@routes.get(r"/mail/{number:\d{1,9}}/raw")
async def raw(request: web.Request) -> web.Response:
    letter = _letter(request)
    if letter is None:
        return _missing(request)
    return web.Response(body=letter.raw, content_type="text/plain", charset="utf-8")


@routes.get(r"/mail/{number:\d{1,9}}/files/{place:\d{1,4}}")
async def attachment(request: web.Request) -> web.Response:
    """What a browser might run comes as a plain download."""
    letter, place = _letter(request), int(request.match_info["place"])
    if letter is None or place >= len(letter.attachments):
        return _missing(request)
    file = letter.attachments[place]
    is_safe = file.content_type in SAFE_TYPES
    kind = file.content_type if is_safe else "application/octet-stream"
    answer = web.Response(body=file.content, headers={"Content-Type": kind})
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    answer.headers["Content-Security-Policy"] = LETTER_POLICY
    return answer


@routes.post(r"/mail/{number:\d{1,9}}/bounce")
async def send_back(request: web.Request) -> web.Response:
    """As if its address did not exist: the shop hears of it a moment later."""
    letter = _letter(request)
    if letter is None:
        return _missing(request)
    for recipient in letter.recipients:
        request.app[MAIL_BOX].bounce(letter, recipient)
    return web.Response(status=303, headers={"Location": "/mail"})
