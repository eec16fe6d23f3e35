"""The peer: the same tab page written by hand on sqlite3 and Jinja, rendered for each visitor.

`BENCH_DB=file python -m bench.peer_tab PORT`. It reads the product's own database, checks the
signed_request, and knows one language, one shop's looks and no reduced prices.
"""

import base64
import gzip
import hmac
import json
import os
import sqlite3
import sys
from pathlib import Path

import jinja2
from aiohttp import web

from bench.bare import serve
from bench.names import APP_SECRET

_SHOP = """
    SELECT shop.id, shop.slug, shop.name, meta_page.page_id, storefront.welcome,
        storefront.cover_digest
    FROM shop JOIN storefront ON storefront.shop_id = shop.id
        JOIN meta_page ON meta_page.shop_id = shop.id
    WHERE shop.slug = ?"""
_CARDS = """
    SELECT product.slug, product.name,
        coalesce(min(CASE WHEN on_hand > held + allocated THEN price_minor END), min(price_minor))
            AS lowest,
        max(price_minor) AS highest, sum(on_hand - held - allocated) AS available,
        (SELECT digest FROM product_picture WHERE product_id = product.id ORDER BY position LIMIT 1)
            AS picture,
        (SELECT alt FROM product_picture WHERE product_id = product.id ORDER BY position LIMIT 1)
            AS alt
    FROM product JOIN variant ON variant.product_id = product.id AND retired_at IS NULL
    WHERE product.shop_id = ? AND product.state = 'live'
    GROUP BY product.id ORDER BY product.position, product.id LIMIT 24"""
_COUNT = "SELECT count(*) FROM product WHERE shop_id = ? AND state = 'live'"
_DEALS = """
    SELECT title, minimum_minor FROM deal WHERE shop_id = ? AND state = 'active' AND NOT needs_code
        AND (starts_at IS NULL OR starts_at <= datetime('now'))
        AND (ends_at IS NULL OR ends_at > datetime('now'))"""

DB: web.AppKey[sqlite3.Connection] = web.AppKey("db", sqlite3.Connection)
PAGE: web.AppKey[jinja2.Template] = web.AppKey("page", jinja2.Template)


async def show_tab(request: web.Request) -> web.Response:
    form = await request.post()
    page_id = _page_of(str(form.get("signed_request", "")))
    db = request.app[DB]
    shop = db.execute(_SHOP, (request.match_info["shop"],)).fetchone()
    if shop is None or page_id != shop["page_id"]:
        return web.Response(status=403)
    number = (shop["id"],)
    text = request.app[PAGE].render(
        shop=shop, front=shop, origin="http://127.0.0.1",
        cards=db.execute(_CARDS, number).fetchall(), deals=db.execute(_DEALS, number).fetchall(),
        pages=-(-db.execute(_COUNT, number).fetchone()[0] // 24),
    )  # fmt: skip
    return web.Response(
        body=gzip.compress(text.encode()),
        headers={"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip"},
    )


def _page_of(signed: str) -> str | None:
    claimed, _, payload = signed.partition(".")
    computed = hmac.digest(APP_SECRET.encode(), payload.encode(), "sha256")
    if not hmac.compare_digest(_decode(claimed), computed):
        return None
    page: str = json.loads(_decode(payload))["page"]["id"]
    return page


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _money(minor: int) -> str:
    euros = f"{minor // 100:,}".replace(",", ".")
    return f"{euros},{minor % 100:02d}\u00a0€"


def build() -> web.Application:
    app = web.Application()
    app[DB] = sqlite3.connect(os.environ["BENCH_DB"])
    app[DB].row_factory = sqlite3.Row
    environment = jinja2.Environment(autoescape=True, auto_reload=False, trim_blocks=True)
    environment.filters["money"] = _money
    app[PAGE] = environment.from_string(Path(__file__).with_suffix(".html").read_text())
    app.router.add_post("/s/{shop}/tab", show_tab)
    return app


if __name__ == "__main__":
    serve(build(), int(sys.argv[1]))
