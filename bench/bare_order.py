"""The limit of placing an order: the rows it writes, by hand in prepared SQL, and nothing else."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from sqlmodel import SQLModel

from bench.names import CODE, SLUG
from core.live import Change
from payments.models import Payable
from promotions.models import Redemption
from storefront.models import Basket, BasketLine, StockMovement
from storefront.orders.models import Order, OrderEvent, OrderLine

_LOCK = "SELECT * FROM basket WHERE id = %(basket_id)s FOR NO KEY UPDATE"
_LOOK = """
    SELECT line.variant_id, line.quantity, variant.price_minor, product.name, product.tax_bp
    FROM basket_line AS line JOIN variant ON variant.id = line.variant_id
        JOIN product ON product.id = variant.product_id
    WHERE line.basket_id = %(basket_id)s ORDER BY line.id"""
_DEALS = """
    SELECT deal.id, deal.percent, code.id FROM deal LEFT JOIN coupon_code AS code
        ON code.deal_id = deal.id AND code.code = %(code)s
    WHERE deal.shop_id = %(shop_id)s"""
_NUMBER = """
    INSERT INTO order_counter (shop_id, last) VALUES (%(shop_id)s, 1001)
    ON CONFLICT (shop_id) DO UPDATE SET last = order_counter.last + 1 RETURNING last"""
_HOLD = """
    UPDATE variant SET held = held + %(pieces)s
    WHERE id = %(variant)s AND on_hand - held - allocated >= %(pieces)s
    RETURNING on_hand - held - allocated"""
_CODE = "UPDATE coupon_code SET taken = taken + 1 WHERE id = %(code_id)s"
_EMPTY = "DELETE FROM basket_line WHERE basket_id = %(basket_id)s"
_TOUCH = "UPDATE basket SET code = NULL, version = 5, changed_at = %(now)s WHERE id = %(basket_id)s"
_JOB = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
    VALUES ('default', 'bench', 0, %(reference)s, %(reference)s, '{}')"""
STATEMENTS = 20
"""Of placing, BEGIN and COMMIT among them; filling the basket is none of it."""


class BareOrders:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._shop: int = self._one("SELECT id FROM shop WHERE slug = %(slug)s", slug=SLUG)
        self._code: int = self._one("SELECT id FROM coupon_code WHERE code = %(code)s", code=CODE)
        found = connection.execute("SELECT id, product_id FROM variant ORDER BY id").fetchall()
        self._variants = [(row[0], row[1]) for row in found]
        connection.commit()

    def _ask(self, query: str, **values: object) -> psycopg.Cursor[Any]:
        # Written out above, or made of the models: nothing of it comes from outside.
        return self._connection.execute(query.encode(), values, prepare=True)

    def _one(self, query: str, **values: object) -> Any:
        row = self._ask(query, **values).fetchone()
        return row[0] if row else None

    def _add(self, *rows: SQLModel) -> int:
        """In one statement, every column as the shop fills it. The id of the first."""
        columns = [name for name in type(rows[0]).model_fields if name != "id"]
        values = {
            f"{name}_{place}": _plain(getattr(row, name))
            for place, row in enumerate(rows)
            for name in columns
        }
        places = ", ".join(
            f"({', '.join(f'%({name}_{place})s' for name in columns)})"
            for place in range(len(rows))
        )
        table = type(rows[0]).__tablename__
        return int(
            self._one(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES {places} RETURNING id", **values
            )
        )

    def place(self, number: int) -> int:
        """A basket is filled in one transaction and ordered in another."""
        now, shop = datetime.now(UTC), self._shop
        goods = sorted((self._pick(number), self._pick(number * 7 + 3)))
        basket = Basket(shop_id=shop, token=secrets.token_urlsafe(24), version=4, code=CODE,
                        created_at=now, changed_at=now)  # fmt: skip
        basket_id = self._add(basket)
        lines = [
            BasketLine(shop_id=shop, basket_id=basket_id, variant_id=variant, quantity=pieces,
                       seen_minor=2490)
            for (variant, _), pieces in zip(goods, (1, 2), strict=True)
        ]  # fmt: skip
        self._add(*lines)
        self._connection.commit()
        self._order(basket_id, lines, dict(goods), number, now)
        self._connection.commit()
        return STATEMENTS

    def _order(
        self,
        basket_id: int,
        lines: list[BasketLine],
        products: dict[int, int],
        number: int,
        now: datetime,
    ) -> None:
        shop, known = self._shop, {"shop_id": self._shop, "basket_id": basket_id, "now": now}
        for query in (_LOCK, _LOOK, _DEALS):
            self._ask(query, **known, code=CODE).fetchall()
        email = f"bare-{number}@example.org"
        order_id = self._add(_order_row(self._one(_NUMBER, **known), basket_id, email, shop, now))
        reference = f"order-{order_id}"
        self._add(*(_line_row(line, order_id, products[line.variant_id]) for line in lines))
        for line in lines:
            self._ask(_HOLD, variant=line.variant_id, pieces=line.quantity).fetchone()
        self._add(
            *(
                StockMovement(shop_id=shop, variant_id=line.variant_id, what="held",
                              held=line.quantity, reference=reference, at=now)
                for line in lines
            )
        )  # fmt: skip
        self._ask(_CODE, code_id=self._code)
        self._add(
            Redemption(shop_id=shop, code_id=self._code, reference=reference, customer=email,
                       slot=0, reserved_at=now)
        )  # fmt: skip
        self._ask(_EMPTY, **known)
        self._ask(_TOUCH, **known)
        self._add(OrderEvent(shop_id=shop, order_id=order_id, what="placed", by="customer", at=now))
        self._add(
            Payable(shop_id=shop, reference=reference, amount_minor=7313, currency="EUR",
                    created_at=now)
        )  # fmt: skip
        self._ask(_JOB, reference=reference)
        self._add(Change(shop_id=shop, topic="orders", data={"id": order_id}, at=now))

    def _pick(self, number: int) -> tuple[int, int]:
        return self._variants[number % len(self._variants)]


def _plain(value: object) -> object:
    return Jsonb(value) if isinstance(value, dict) else value


def _order_row(number: int, basket_id: int, email: str, shop: int, now: datetime) -> Order:
    return Order(
        shop_id=shop, number=number, token=secrets.token_urlsafe(24), basket_id=basket_id,
        basket_version=4, name="Anna Blum", email=email, street="Gartenweg 3", postcode="01067",
        town="Dresden", country="DE", currency="EUR", goods_minor=7470, discount_minor=747,
        shipping_minor=590, shipping_tax_bp=1900, shipping_tax_minor=94, total_minor=7313,
        tax_minor=440, code=CODE, placed_at=now, expires_at=now + timedelta(hours=1),
    )  # fmt: skip


def _line_row(line: BasketLine, order_id: int, product_id: int) -> OrderLine:
    total = 2490 * line.quantity
    return OrderLine(
        shop_id=line.shop_id, order_id=order_id, variant_id=line.variant_id, product_id=product_id,
        name="Rosen", quantity=line.quantity, unit_minor=2490, total_minor=total, tax_bp=700,
        tax_minor=163 * line.quantity,
    )  # fmt: skip
