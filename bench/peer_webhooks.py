"""The peer: the same webhook, each delivery committed by itself.

`BENCH_DB=file python -m bench.peer_webhooks PORT`. What a careful straightforward handler does:
check, parse, insert with a unique key, commit durably (WAL, synchronous=FULL, one writer),
answer. It stands on the product's own `core.database`, so that only the way of committing
differs.
"""

import os
import sys
from datetime import UTC, datetime

import orjson
from aiohttp import web
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Field, SQLModel

from bench.bare import is_signed, serve
from core.columns import UtcDateTime
from core.database import Database


class PeerDelivery(SQLModel, table=True):
    __tablename__ = "peer_delivery"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    body: str
    received_at: datetime = Field(sa_type=UtcDateTime)


DB: web.AppKey[Database] = web.AppKey("db", Database)


async def accept(request: web.Request) -> web.Response:
    raw = await request.read()
    if not is_signed(raw, request.headers.get("X-Hub-Signature-256", "")):
        return web.Response(status=403)
    delivery = orjson.loads(raw)
    async with request.app[DB].transaction() as session:
        for entry in delivery["entry"]:
            for event in entry["messaging"]:
                row = insert(PeerDelivery).values(
                    key=event["message"]["mid"],
                    body=orjson.dumps(event).decode(),
                    received_at=datetime.now(UTC),
                )
                await session.exec(row.on_conflict_do_nothing())
    return web.Response(text="EVENT_RECEIVED")


async def _make_table(app: web.Application) -> None:
    async with app[DB].writer.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)


def build() -> web.Application:
    app = web.Application()
    app[DB] = Database(f"sqlite:///{os.environ['BENCH_DB']}", reactions={})
    app.on_startup.append(_make_table)
    app.router.add_post("/webhooks/meta", accept)
    return app


if __name__ == "__main__":
    serve(build(), int(sys.argv[1]))
