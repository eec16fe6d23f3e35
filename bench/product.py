"""Tresen itself, on a furnished database: `BENCH_DB=file python -m bench.product PORT MODE`.

MODE is `accept` (serves and leaves all work), `work` (serves and works, as `make run` does),
`worker` (works beside another that serves, as `make worker` does) or `cold` (as `accept`, with a
shop window that remembers nothing). BENCH_DB may be a PostgreSQL address, BENCH_OUTSIDE and
BENCH_MAIL the ports of `bench.stand_ins`.
"""

import os
import sys

from aiohttp import web
from pydantic import SecretStr

from app.build import build_app
from app.running import open_doors, work
from app.settings import Settings
from bench.names import APP_SECRET, SECRET_KEY
from core.cache import CACHE
from core.clock import CLOCK
from core.database import DATABASE
from core.logs import start_logging
from core.settings import CoreSettings, MailSettings
from meta.settings import MetaSettings
from payments.settings import PaymentSettings
from storefront.settings import SHOP, ShopSettings
from storefront.window import WINDOW, Front, Kept, Make, Window, packed

MODES = ("accept", "work", "worker", "cold")
NOBODY = 9
NOWHERE = f"http://127.0.0.1:{NOBODY}"


def settings_for(
    *, port: int, database: str, graph_url: str, outside: int = NOBODY, mail: int = NOBODY
) -> Settings:
    """Made-up secrets, all else as by default; deaf to the environment's own `.env`."""
    url = database if "://" in database else f"sqlite:///{database}"
    return Settings(
        core=CoreSettings(
            _env_file=None, secret_key=SecretStr(SECRET_KEY), port=port,
            base_url=f"http://127.0.0.1:{port}", database_url=url,
            trusted_proxies=1 if outside != NOBODY else 0,
        ),
        mail=_mail(mail),
        meta=MetaSettings(
            _env_file=None, app_id="1900000000000001", app_secret=SecretStr(APP_SECRET),
            verify_token=SecretStr("bench-verify-token"), graph_url=graph_url,
        ),
        payments=PaymentSettings(_env_file=None, stripe_api_url=f"http://127.0.0.1:{outside}"),
        shop=ShopSettings(_env_file=None),
    )  # fmt: skip


def _mail(port: int) -> MailSettings:
    if port == NOBODY:
        return MailSettings(_env_file=None)
    return MailSettings(
        _env_file=None, host="127.0.0.1", port=port, sender="shop@example.org",
        encryption="none",
    )  # fmt: skip


class ForgetfulWindow(Window):
    """Asks the database and renders for every single visitor."""

    async def front(self, slug: str) -> Front:
        return await self._look(slug)

    async def page(self, front: Front, name: str, make: Make, *, shared: bool = True) -> Kept:
        return packed(await make())


def build(settings: Settings, mode: str) -> web.Application:
    app = build_app(settings, works=mode == "work")
    if mode == "cold":
        app[WINDOW] = ForgetfulWindow(app[DATABASE], app[CACHE], app[SHOP], app[CLOCK])
    return app


def main() -> None:
    port, mode = int(sys.argv[1]), sys.argv[2]
    if mode not in MODES:
        raise SystemExit(f"{mode!r} is none of {', '.join(MODES)}")
    settings = settings_for(
        port=port,
        database=os.environ["BENCH_DB"],
        graph_url=os.environ.get("BENCH_GRAPH", NOWHERE),
        outside=int(os.environ.get("BENCH_OUTSIDE", NOBODY)),
        mail=int(os.environ.get("BENCH_MAIL", NOBODY)),
    )
    if mode == "worker":
        work(settings)
        return
    start_logging(level=settings.core.log_level, format=settings.core.log_format)
    open_doors(build(settings, mode), settings)


if __name__ == "__main__":
    main()
