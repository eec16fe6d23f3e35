"""JSON for tests: read the mail box, empty it, tell it to misbehave."""

from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.mail.box import MAIL_BOX, Manner, Rule

routes = web.RouteTableDef()


class RuleForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    manner: Manner
    to: str = Field("*", max_length=300)
    times: int | None = Field(None, ge=1)


@routes.get("/control/mail")
async def read(request: web.Request) -> web.Response:
    """Newest first; `?to=` is a part of a recipient, `?subject=` a part of the subject."""
    box = request.app[MAIL_BOX]
    to, subject = request.query.get("to", ""), request.query.get("subject", "")
    letters = [
        letter.told()
        for letter in reversed(box.letters)
        if subject in letter.subject and any(to in name for name in letter.recipients or ("",))
    ]
    return web.json_response({"port": box.port, "letters": letters})


@routes.delete("/control/mail")
async def clear(request: web.Request) -> web.Response:
    request.app[MAIL_BOX].clear()
    return web.json_response({"ok": True})


@routes.get("/control/mail/rules")
async def rules(request: web.Request) -> web.Response:
    return web.json_response({"rules": [_told(rule) for rule in request.app[MAIL_BOX].rules]})


@routes.post("/control/mail/rules")
async def add_rule(request: web.Request) -> web.Response:
    """manner: refuse, full, greylist (at RCPT) or bounce (taken, then sent back)."""
    try:
        form = RuleForm.model_validate_json(await request.read())
    except ValidationError as error:
        problems = error.json(include_url=False, include_context=False, include_input=False)
        raise web.HTTPBadRequest(text=problems, content_type="application/json") from None
    rule = Rule(form.manner, form.to, form.times)
    request.app[MAIL_BOX].rules.append(rule)
    return web.json_response({"rule": _told(rule)})


@routes.delete("/control/mail/rules")
async def clear_rules(request: web.Request) -> web.Response:
    request.app[MAIL_BOX].rules.clear()
    return web.json_response({"ok": True})


def _told(rule: Rule) -> dict[str, Any]:
    return {"manner": rule.manner, "to": rule.to, "times": rule.times}
