"""What the shop's pages need besides the house's tools, laid out in one go."""

from aiohttp import web

from core.cache import CACHE
from core.clock import CLOCK
from core.database import DATABASE
from storefront.limits import LIMITS, limits_for
from storefront.settings import SHOP
from storefront.window import WINDOW, Window


def lay_out(app: web.Application) -> None:
    """Call once DATABASE, CACHE, CLOCK and SHOP are there."""
    app[WINDOW] = Window(app[DATABASE], app[CACHE], app[SHOP], app[CLOCK])
    app[LIMITS] = limits_for(app[SHOP])
