"""The peer: the same webhook, each delivery committed by itself. `python -m bench.peer_webhooks PORT`.

It does what a careful straightforward handler does: check, parse, insert with a unique key,
commit durably (WAL, synchronous=FULL, one writer), answer.
"""

import asyncio
import hashlib
import hmac
import os
import sys
from datetime import UTC, datetime

import orjson
import uvloop
from aiohttp import web
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Field, SQLModel

from bench.bare import SECRET
from core.columns import UtcDateTime
from core.database import Database


class PeerDelivery(SQLModel, table=True):
    __tablename__ = "peer_delivery"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    body: str
    received_at: datetime = Field(sa_type=UtcDateTime)


PEER_DB: web.AppKey[Database] = web.AppKey("peer_db", Database)


async def accept(request: web.Request) -> web.Response:
    raw = await request.read()
    wanted = "sha256=" + hmac.new(SECRET, raw, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted, request.headers.get("X-Hub-Signature-256", "")):
        return web.Response(status=403)
    delivery = orjson.loads(raw)
    async with request.app[PEER_DB].transaction() as session:
        for entry in delivery["entry"]:
            for event in entry["messaging"]:
                statement = insert(PeerDelivery).values(
                    key=event["message"]["mid"],
                    body=orjson.dumps(event).decode(),
                    received_at=datetime.now(UTC),
                )
                await session.exec(statement.on_conflict_do_nothing())
    return web.Response(text="EVENT_RECEIVED")


async def _open(app: web.Application) -> None:
    async with app[PEER_DB].writer.begin() as connection:
        await connection.run_sync(
            lambda sync: SQLModel.metadata.create_all(sync, tables=[PeerDelivery.__table__])  # type: ignore[attr-defined]
        )


def main() -> None:
    asyncio.set_event_loop(uvloop.new_event_loop())
    app = web.Application()
    app[PEER_DB] = Database(f"sqlite:///{os.environ['BENCH_DB']}", reactions={})
    app.on_startup.append(_open)
    app.router.add_post("/webhooks/meta", accept)
    web.run_app(
        app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None,
        loop=asyncio.get_event_loop(),
    )  # fmt: skip


if __name__ == "__main__":
    main()
