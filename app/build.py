"""Puts the product together: tools, routes, reactions, jobs. Tests call the same function."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from app.jobs import PERIODICS, handlers_for, work_on_arrivals
from app.reactions import REACTIONS
from app.routes import MODULES, OUTSIDERS
from app.settings import SETTINGS, Settings
from core.cache import CACHE, open_cache
from core.clock import CLOCK, Clock, utc_now
from core.csrf import FROM_OUTSIDE, OWN_ORIGIN, OWN_ORIGINS, refuse_foreign_forms
from core.database import DATABASE, Database
from core.engines import open_engine
from core.errorpages import render_errors
from core.intake import INTAKE, Intake
from core.jobs import JOBS
from core.live import LIVE, LiveFeed
from core.mail import POST, Post
from core.pages import PAGES, ROOT, Pages
from core.signing import SIGNER, Signer
from core.static import STATIC, read_static
from core.translations import TRANSLATIONS, Translations
from core.vault import VAULT, Vault
from inbox.conversations import count_unread
from meta.pages import GRAPHS, Graphs
from meta.settings import META
from payments.clients import STRIPES, Stripes
from staff.access import UNREAD, keep_counter_closed
from storefront.settings import SHOP

# Several pictures of up to 8 MB in one form. Webhooks have a limit of their own.
UPLOAD_LIMIT = 40 * 1024 * 1024


def build_app(
    settings: Settings, *, clock: Clock = utc_now, serves: bool = True, works: bool = True
) -> web.Application:
    """`serves`: answers requests. `works`: runs jobs."""
    app = web.Application(
        middlewares=[render_errors, refuse_foreign_forms, keep_counter_closed],
        client_max_size=UPLOAD_LIMIT,
    )
    _lay_out(app, settings, clock)
    if serves:
        for module in MODULES:
            app.add_routes(module.routes)
    app.cleanup_ctx.extend([_keep_database, _keep_clients, _keep_jobs(works=works)])
    return app


def _lay_out(app: web.Application, settings: Settings, clock: Clock) -> None:
    """What needs no connection."""
    core = settings.core
    translations = Translations(ROOT / "templates" / "locale")
    app[SETTINGS] = settings
    app[META], app[SHOP] = settings.meta, settings.shop
    app[CLOCK] = clock
    app[OWN_ORIGIN], app[OWN_ORIGINS] = core.origin, frozenset({core.origin})
    app[FROM_OUTSIDE] = set(OUTSIDERS)
    app[TRANSLATIONS], app[PAGES] = translations, Pages(translations)
    app[STATIC] = read_static()
    app[SIGNER], app[VAULT] = Signer(core.secret_key), Vault(core.secret_key)
    app[POST] = Post(settings.mail)
    app[UNREAD] = count_unread
    app[DATABASE] = Database(core.database_url, reactions=REACTIONS)
    app[CACHE] = open_cache(core.cache_url)
    app[LIVE] = LiveFeed(app[DATABASE])


async def _keep_database(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[CACHE].close()
    await app[DATABASE].close()


async def _keep_clients(app: web.Application) -> AsyncIterator[None]:
    """One pool of connections for all outside calls; nothing of ours waits longer than this."""
    timeout = aiohttp.ClientTimeout(total=30, connect=10)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        settings = app[SETTINGS]
        app[GRAPHS] = Graphs(http, settings.meta, app[VAULT], app[CLOCK])
        app[STRIPES] = Stripes(http, settings.payments, app[VAULT])
        yield


def _keep_jobs(*, works: bool):  # type: ignore[no-untyped-def]
    async def keep(app: web.Application) -> AsyncIterator[None]:
        engine = open_engine(app[DATABASE], handlers_for(app), PERIODICS, clock=app[CLOCK])
        app[DATABASE].provide("jobs", engine)
        app[JOBS] = engine
        async with Intake(app[DATABASE], job=work_on_arrivals, clock=app[CLOCK]) as app[INTAKE]:
            worker = asyncio.create_task(engine.work()) if works else None
            yield
        if worker is not None:
            worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await worker

    return keep
