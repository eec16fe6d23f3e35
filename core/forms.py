"""Forms are read before anybody works on them: what is no form is refused in words."""

from aiohttp import web
from aiohttp.typedefs import Handler

from core.csrf import for_outsiders
from core.errors import ShopError

_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


class UnreadableForm(ShopError):
    sentence = "This form did not arrive in one piece. Please send it once more."


class FormTooLarge(ShopError):
    status = 413
    sentence = "This is too much to be sent at once. Please send fewer or smaller files."


@web.middleware
async def refuse_unreadable_forms(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Goes inside of what decides who may send forms. aiohttp keeps what it has read."""
    if request.method == "POST" and request.content_type in _FORMS and not for_outsiders(request):
        await _read(request)
    return await handler(request)


async def _read(request: web.Request) -> None:
    try:
        await request.post()
    except web.HTTPRequestEntityTooLarge:
        raise FormTooLarge() from None
    except OSError:
        # The sender has left, or there is no room for the upload: not the form's fault.
        raise
    except Exception:
        # Readers meet broken bodies with errors of every kind.
        raise UnreadableForm() from None
