"""Orders as they were placed, and what happened to them."""

from datetime import date, datetime
from typing import Literal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Json, UtcDateTime
from core.money import Money

OrderState = Literal["placed", "confirmed", "closed", "cancelled", "expired"]
Delivery = Literal["delivery", "pickup"]
OrderHold = Literal["held", "moved", "none"]


class Order(SQLModel, table=True):
    """A snapshot: nothing here follows later changes of goods, prices or texts.

    `goods - discount + shipping - shipping_discount = total`, all gross; `tax` is contained.
    `token` opens the status page. The unique basket version makes a form that is sent twice
    one order.

    `total` is what the goods that are to be kept cost; of it the shop has let go `credited`
    (goodwill, a cancellation after payment, refunds made at Stripe), so `owed` is the rest.
    `paid` and `refunded` are sums of the ledger: what was taken for this order, what went back.

    `hold` says what an unpaid order has put aside: all its goods (`held`), nothing because another
    order of the same buyer took them over (`moved`), or nothing at all (`none`, where whoever pays
    first gets them).

    `fulfilment`, `ready_at`, `shipped_at` (everything has left) and `closed_at` are derived from
    the parcels by `storefront/shipping/fulfilment.py` and written nowhere else.
    """

    __tablename__ = "shop_order"
    __table_args__ = (
        UniqueConstraint("shop_id", "number"),
        UniqueConstraint("basket_id", "basket_version"),
        Index("ix_shop_order_list", "shop_id", "placed_at"),
        Index("ix_shop_order_due", "state", "expires_at"),
        CheckConstraint(
            "goods_minor - discount_minor + shipping_minor - shipping_discount_minor = total_minor",
            name="shop_order_sum",
        ),
        CheckConstraint(
            "credited_minor >= 0 AND credited_minor <= total_minor", name="shop_order_credit"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    number: int
    token: str = Field(unique=True, max_length=43)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    basket_id: int | None = Field(default=None, foreign_key="basket.id")
    basket_version: int | None = None
    state: str = Field(default="placed", max_length=10)
    hold: str = Field(default="held", max_length=10)
    came_from: str = Field(default="shop", max_length=12)
    locale: str = Field(default="de", max_length=5)

    name: str = Field(max_length=120)
    email: str = Field(max_length=254)
    phone: str = Field(default="", max_length=40)
    company: str = Field(default="", max_length=150)
    vat_id: str = Field(default="", max_length=20)
    delivery: str = Field(default="delivery", max_length=10)
    street: str = Field(default="", max_length=150)
    postcode: str = Field(default="", max_length=12)
    town: str = Field(default="", max_length=100)
    country: str = Field(default="", max_length=2)
    recipient: str = Field(default="", max_length=120)
    card_text: str = ""
    wish_date: date | None = None
    remark: str = ""
    note: str = ""
    personal_line: str = Field(default="", max_length=300)

    currency: str = Field(max_length=3)
    goods_minor: int
    discount_minor: int = 0
    shipping_minor: int = 0
    shipping_discount_minor: int = 0
    shipping_tax_bp: int = 0
    shipping_tax_minor: int = 0
    total_minor: int
    tax_minor: int = 0
    small_business: bool = False
    code: str | None = Field(default=None, max_length=40)
    code_id: int | None = None
    paid_minor: int = 0
    refunded_minor: int = 0
    credited_minor: int = 0

    fulfilment: str = Field(default="nothing", max_length=20)
    placed_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    processing_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ready_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    shipped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    refunded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    concerns: list[str] = Field(default_factory=list, sa_type=Json)

    @property
    def key(self) -> int:
        """The id of a stored order."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def owed_minor(self) -> int:
        """What the shop may keep for this order, or still has to get."""
        return self.total_minor - self.credited_minor

    def money(self, minor: int) -> Money:
        """An amount of this order."""
        return Money(minor, self.currency)

    def worry(self, concern: str) -> None:
        """Somebody must look at it; one worry does not put another out of mind. `concern` is a
        short symbol, said in words at the counter."""
        if concern not in self.concerns:
            self.concerns = [*self.concerns, concern]

    def calm(self, concern: str) -> None:
        self.concerns = [one for one in self.concerns if one != concern]


class OrderCounter(SQLModel, table=True):
    """The shop's last order number, in a row of its own: only placing an order locks it."""

    __tablename__ = "order_counter"

    shop_id: int = Field(foreign_key="shop.id", primary_key=True)
    last: int


class OrderLine(SQLModel, table=True):
    """What was bought, under the name and price it had.

    `quantity` is what the customer is to keep. Of `shipped` pieces some may have been `returned`,
    so `quantity - (shipped - returned)` are still to be sent. `parts` is what one piece takes from
    the stock, by variant id, where it is not simply itself. `kept` stays with the shop of pieces
    that came back, for what they had lost in value. `no_withdrawal` is why the law gives no right
    of withdrawal for it, as it was told before ordering.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        CheckConstraint(
            "unit_minor * quantity - discount_minor + kept_minor = total_minor",
            name="order_line_sum",
        ),
        CheckConstraint(
            "quantity >= 0 AND returned >= 0 AND shipped >= returned "
            "AND shipped - returned <= quantity",
            name="order_line_pieces",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    order_id: int = Field(foreign_key="shop_order.id", index=True)
    variant_id: int = Field(foreign_key="variant.id", index=True)
    product_id: int = Field(foreign_key="product.id", index=True)
    name: str = Field(max_length=240)
    picture_digest: str | None = Field(default=None, max_length=64)
    unit_text: str = Field(default="", max_length=60)
    quantity: int
    unit_minor: int
    discount_minor: int = 0
    kept_minor: int = 0
    total_minor: int
    tax_bp: int
    tax_minor: int
    deal_id: int | None = None
    shipped: int = 0
    returned: int = 0
    parts: dict[str, int] = Field(default_factory=dict, sa_type=Json)
    no_withdrawal: str = Field(default="", max_length=12)

    @property
    def key(self) -> int:
        """The id of a stored line."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id

    @property
    def kept_shipped(self) -> int:
        """Pieces that are with the customer."""
        return self.shipped - self.returned

    @property
    def to_ship(self) -> int:
        return self.quantity - self.kept_shipped


class OrderEvent(SQLModel, table=True):
    """Append-only: what happened to an order, by whom ("customer", "system" or a name)."""

    __tablename__ = "order_event"

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    order_id: int = Field(foreign_key="shop_order.id", index=True)
    what: str = Field(max_length=30)
    by: str = Field(max_length=120)
    detail: str = ""
    at: datetime = Field(sa_type=UtcDateTime)
