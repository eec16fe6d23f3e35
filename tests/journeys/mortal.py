"""A shop to be killed. It is built once; each of its lives is a fork that opens it.

Reads a line of JSON with its settings, then says the number of each life's process and begins
the next one when it is told to. It ends when nobody talks to it any more.
"""

import asyncio
import dataclasses
import json
import os
import sys
from pathlib import Path

from aiohttp import web
from pydantic import SecretStr

from app.build import build_app
from app.demo.settings import DemoPlan, product_settings
from app.settings import Settings
from core.logs import start_logging


def settings_for(plan: DemoPlan, *, url: str, secret: str) -> Settings:
    settings = product_settings(plan)
    core = {"database_url": url, "secret_key": SecretStr(secret)}
    return dataclasses.replace(settings, core=settings.core.model_copy(update=core))


async def live(app: web.Application, port: int) -> None:
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), os._exit, 0)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


def main() -> None:
    told = json.loads(sys.stdin.readline())
    plan = DemoPlan(Path(told["folder"]), *told["ports"])
    app = build_app(settings_for(plan, url=told["url"], secret=told["secret"]))
    start_logging(level="error", format="text")
    while True:
        life = os.fork()
        if life == 0:
            asyncio.run(live(app, plan.product_port))
        os.write(1, f"{life}\n".encode())
        os.waitpid(life, 0)
        if not sys.stdin.readline():
            return


if __name__ == "__main__":
    main()
