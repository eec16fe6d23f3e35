"""Puts the product together: tools, routes, reactions, jobs. Tests call the same function."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from functools import partial

import aiohttp
from aiohttp import web

from app.jobs import PERIODICS, handlers_for
from app.reactions import REACTIONS
from app.routes import OUTSIDERS, every_route
from app.settings import SETTINGS, Settings
from bot.answering import VOICE, Voice
from bot.profile import profile_of
from bot.webhook import work_on_thread
from core.cache import CACHE, open_cache
from core.clock import CLOCK, Clock, utc_now
from core.csrf import FROM_OUTSIDE, OWN_ORIGIN, OWN_ORIGINS, refuse_foreign_forms
from core.database import DATABASE, Database
from core.engines import open_engine
from core.forms import refuse_unreadable_forms
from core.guards import behind
from core.intake import INTAKE, Intake
from core.jobs import JOBS, name_of
from core.live import LIVE, LiveFeed
from core.mail import POST, Post
from core.pages import PAGES, ROOT, Pages
from core.proxies import trust_proxies
from core.signing import SIGNER, Signer
from core.static import STATIC, read_static
from core.translations import TRANSLATIONS, Translations
from core.vault import VAULT, Vault
from inbox.conversations import count_unread
from inbox.streaming import STREAMS, Streams, end_streams
from meta.accounts import ACCOUNTS, Accounts
from meta.pages import GRAPHS, Graphs
from meta.profiles import PROFILE_OF, ProfileOf
from meta.settings import META
from payments.admin_health import WAY_TO
from payments.clients import STRIPES, Stripes
from payments.webhooks import STRIPE_INTAKE, read_events
from staff.access import UNREAD, keep_counter_closed
from staff.passwords import PASSWORDS, Passwords
from staff.signing_in import SIGN_IN_LIMITS, SignInLimits
from storefront import wiring as storefront_wiring
from storefront.references import way_to_order
from storefront.settings import SHOP

# Several pictures of up to 8 MB in one form. Webhooks have a limit of their own.
UPLOAD_LIMIT = 40 * 1024 * 1024


def build_app(
    settings: Settings, *, clock: Clock = utc_now, serves: bool = True, works: bool = True
) -> web.Application:
    """`serves`: answers requests. `works`: runs jobs."""
    proxies = settings.core.trusted_proxies
    app = web.Application(
        middlewares=[trust_proxies(proxies)] if proxies else [], client_max_size=UPLOAD_LIMIT
    )
    _lay_out(app, settings, clock)
    if serves:
        _open_doors(app)
    app.on_shutdown.append(end_streams)
    app.cleanup_ctx.extend([_keep_database, _keep_clients, _keep_jobs(works=works)])
    return app


def _open_doors(app: web.Application) -> None:
    guards = (refuse_foreign_forms, keep_counter_closed, refuse_unreadable_forms)
    for route in every_route():
        app.add_routes([behind(() if route.path in OUTSIDERS else guards, route)])


def _lay_out(app: web.Application, settings: Settings, clock: Clock) -> None:
    """What needs no connection."""
    _lay_out_core(app, settings, clock)
    app[META], app[SHOP] = settings.meta, settings.shop
    app[UNREAD] = count_unread
    app[WAY_TO] = way_to_order
    app[PASSWORDS], app[SIGN_IN_LIMITS] = Passwords(), SignInLimits()
    app[ACCOUNTS] = Accounts(app[DATABASE])
    storefront_wiring.lay_out(app)
    app[VOICE] = Voice(app[TRANSLATIONS], app[SIGNER], settings.core.origin)
    speaks: ProfileOf = partial(profile_of, app[TRANSLATIONS], settings.core.origin)
    app[PROFILE_OF] = speaks
    for name, tool in (("clock", clock), ("pages", app[PAGES]), ("voice", app[VOICE])):
        app[DATABASE].provide(name, tool)


def _lay_out_core(app: web.Application, settings: Settings, clock: Clock) -> None:
    core = settings.core
    translations = Translations(ROOT / "templates" / "locale")
    app[SETTINGS], app[CLOCK] = settings, clock
    app[OWN_ORIGIN], app[OWN_ORIGINS] = core.origin, frozenset({core.origin})
    app[FROM_OUTSIDE] = set(OUTSIDERS)
    app[TRANSLATIONS], app[PAGES] = translations, Pages(translations)
    app[STATIC] = read_static()
    app[SIGNER], app[VAULT] = Signer(core.secret_key), Vault(core.secret_key)
    app[POST] = Post(settings.mail)
    app[DATABASE] = Database(core.database_url, reactions=REACTIONS)
    app[CACHE] = open_cache(core.cache_url)
    app[LIVE], app[STREAMS] = LiveFeed(app[DATABASE]), Streams()


async def _keep_database(app: web.Application) -> AsyncIterator[None]:
    yield
    await app[CACHE].close()
    await app[DATABASE].close()


async def _keep_clients(app: web.Application) -> AsyncIterator[None]:
    """One pool of connections for all outside calls."""
    settings = app[SETTINGS]
    async with aiohttp.ClientSession() as http:
        app[GRAPHS] = Graphs(http, settings.meta, app[VAULT], app[CLOCK])
        app[STRIPES] = Stripes(http, settings.payments, app[VAULT])
        yield


def _keep_jobs(*, works: bool) -> Callable[[web.Application], AsyncIterator[None]]:
    async def keep(app: web.Application) -> AsyncIterator[None]:
        db, clock = app[DATABASE], app[CLOCK]
        engine = open_engine(db, handlers_for(app), PERIODICS, clock=clock)
        db.provide("jobs", engine)
        app[JOBS] = engine
        app[INTAKE] = Intake(db, job=name_of(work_on_thread), clock=clock)
        app[STRIPE_INTAKE] = Intake(db, job=name_of(read_events), clock=clock)
        worker = asyncio.create_task(engine.work(), name="jobs") if works else None
        yield
        await asyncio.gather(app[INTAKE].close(), app[STRIPE_INTAKE].close())
        if worker is not None:
            worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await worker

    return keep
