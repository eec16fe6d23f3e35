"""The shop's window, its goods and their stock, customers and their baskets."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.columns import Json, UtcDateTime
from core.money import Money
from storefront.changes.models import OrderChange
from storefront.orders.models import Order, OrderCounter, OrderEvent, OrderLine
from storefront.withdrawals.models import ReturnLabel, Withdrawal, WithdrawalLine

__all__ = [
    "Basket", "BasketLine", "Customer", "CustomerIdentity", "Order", "OrderChange", "OrderCounter",
    "OrderEvent", "OrderLine", "PriceChange", "Product", "ProductPicture", "ProductWord", "ReturnLabel",
    "StockCheck", "StockMovement", "Storefront", "Variant", "VariantPart", "Withdrawal",
    "WithdrawalLine",
]  # fmt: skip

ProductState = Literal["draft", "live", "hidden"]
Channel = Literal["messenger", "instagram", "facebook"]
Door = Literal["tab", "shop", "messenger", "instagram"]
StockState = Literal["available", "few", "sold_out"]
HoldPolicy = Literal["hold", "first_paid"]
"""Whether goods are put aside for an unpaid order, or whoever pays first gets them."""
ContentUnit = Literal["", "kg", "l", "m", "m2"]

FEW = 3
"""Up to so many pieces are shown as "only a few left"."""


class Storefront(SQLModel, table=True):
    """What a shop is beyond its name: looks, legal texts, delivery.

    An empty legal text means that the merchant has not completed it yet. `catalogue_version`
    rises with everything that changes public pages; rendered pages are kept under it.
    `own_correction_hours`: how long buyers may mend slips themselves; 0 is never.
    `agreed_price_days`: how long more of the same costs what was agreed. `change_wait_hours`: how
    long an agreed change waits for the customer to pay the difference.
    `apology` is what buyers read whose money came when the goods were gone; a code of the deal
    `apology_deal_id` goes with it.
    `withdrawal_days` are counted from the day the goods arrive: `delivery_days` after they were
    sent, as long as nobody knows it better. Without a `return_address` it is the imprint's.

    Wished days: `lead_days` after the day of ordering at the earliest (of the next day from
    `latest_hour` on), never on `closed_weekdays` (Monday is 0). `slip_line_*` is what the packing
    slip says to `{name}`. `review_days` after delivery those who agreed are asked; 0 is never.
    """

    __table_args__ = (
        CheckConstraint("hold_minutes >= 30", name="storefront_hold"),
        CheckConstraint("withdrawal_days >= 14", name="storefront_withdrawal"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", unique=True)
    logo_digest: str | None = Field(default=None, max_length=64)
    cover_digest: str | None = Field(default=None, max_length=64)
    guarantee_digest: str | None = Field(default=None, max_length=64)
    welcome: str = ""
    imprint: str = ""
    terms: str = ""
    privacy: str = ""
    withdrawal: str = ""
    accessibility: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    shipping_fee_minor: int = 0
    free_shipping_from_minor: int | None = None
    shipping_tax_bp: int = 1900
    small_business: bool = False
    delivery_countries: list[str] = Field(default_factory=lambda: ["DE"], sa_type=Json)
    delivery_text: str = ""
    payment_text: str = ""
    pickup_offered: bool = False
    pickup_text: str = ""
    hold_minutes: int = 45
    hold_policy: str = Field(default="hold", max_length=10)
    own_correction_hours: int = 24
    agreed_price_days: int = 30
    change_wait_hours: int = 72
    apology: str = ""
    apology_deal_id: int | None = Field(default=None, foreign_key="deal.id")
    return_address: str = ""
    withdrawal_days: int = 14
    delivery_days: int = 3
    lead_days: int = 0
    closed_weekdays: list[int] = Field(default_factory=list, sa_type=Json)
    latest_hour: int | None = None
    slip_line_de: str = Field(default="", max_length=300)
    slip_line_en: str = Field(default="", max_length=300)
    review_link: str = Field(default="", max_length=500)
    review_days: int = 7
    catalogue_version: int = 1


class Product(SQLModel, table=True):
    """Something on sale. `tax_bp` is the VAT rate in basis points, contained in the prices.

    `content_unit` and the variants' `content_thousandths` give the base price (PAngV §4).
    `producer`, `responsible_person` and `warnings` are what the GPSR wants in the offer itself;
    `safety_exempt` is for what it leaves out (living plants, food, antiques). An empty
    `hold_policy` is the shop's. `no_withdrawal` is why the law gives no right of withdrawal for
    it, see `withdrawals/exemptions.py`.
    """

    __table_args__ = (
        UniqueConstraint("shop_id", "slug"),
        Index("ix_product_list", "shop_id", "state", "position"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    slug: str = Field(max_length=80)
    name: str = Field(max_length=150)
    description: str = ""
    state: str = Field(default="draft", max_length=10)
    position: int = 0
    tax_bp: int = 1900
    content_unit: str = Field(default="", max_length=2)
    producer: str = ""
    responsible_person: str = ""
    warnings: str = ""
    safety_exempt: bool = False
    guarantee: str = ""
    hold_policy: str = Field(default="", max_length=10)
    no_withdrawal: str = Field(default="", max_length=12)
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)

    @property
    def key(self) -> int:
        """The id of a stored product."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id


class Variant(SQLModel, table=True):
    """One thing that can be bought. `held` is reserved by unpaid orders, `allocated` is paid for
    and not handed over; the database refuses more of both than there is.

    A bundle has no stock of its own: what can be had of it follows from its parts (see
    `storefront.bundles`), and the counters here stay as they were.
    """

    __table_args__ = (
        CheckConstraint("on_hand - held - allocated >= 0", name="variant_not_oversold"),
        CheckConstraint("held >= 0 AND allocated >= 0", name="variant_counts"),
        CheckConstraint("price_minor >= 0", name="variant_price"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    product_id: int = Field(foreign_key="product.id", index=True)
    sku: str = Field(default="", max_length=60)
    name: str = Field(default="", max_length=80)
    price_minor: int
    currency: str = Field(max_length=3)
    on_hand: int = 0
    held: int = 0
    allocated: int = 0
    position: int = 0
    content_thousandths: int | None = None
    is_bundle: bool = False
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def key(self) -> int:
        """The id of a stored variant."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id

    @property
    def price(self) -> Money:
        return Money(self.price_minor, self.currency)

    @property
    def available(self) -> int:
        return self.on_hand - self.held - self.allocated

    @property
    def stock(self) -> StockState:
        return stock_state(self.available)


def stock_state(available: int) -> StockState:
    """All that is shown of the stock in public."""
    if available <= 0:
        return "sold_out"
    return "few" if available <= FEW else "available"


class ProductPicture(SQLModel, table=True):
    __tablename__ = "product_picture"

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    product_id: int = Field(foreign_key="product.id", index=True)
    digest: str = Field(max_length=64)
    alt: str = Field(default="", max_length=300)
    position: int = 0


class ProductWord(SQLModel, table=True):
    """The search index: a folded word of a product, and how much it says about it."""

    __tablename__ = "product_word"
    __table_args__ = (Index("ix_product_word", "shop_id", "word"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    product_id: int = Field(foreign_key="product.id", index=True)
    word: str = Field(max_length=60)
    stem: str = Field(max_length=60)
    weight: int


class PriceChange(SQLModel, table=True):
    """Append-only: from `at` on the variant cost so much. The 30-day lowest price comes from it."""

    __tablename__ = "price_change"
    __table_args__ = (Index("ix_price_change", "variant_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    variant_id: int = Field(foreign_key="variant.id")
    price_minor: int
    currency: str = Field(max_length=3)
    at: datetime = Field(sa_type=UtcDateTime)


class StockMovement(SQLModel, table=True):
    """Append-only: the three counters of a variant are the sums of their columns here."""

    __tablename__ = "stock_movement"

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    variant_id: int = Field(foreign_key="variant.id", index=True)
    what: str = Field(max_length=12)
    on_hand: int = 0
    held: int = 0
    allocated: int = 0
    reference: str | None = Field(default=None, max_length=80, index=True)
    reason: str = ""
    by: str | None = Field(default=None, max_length=120)
    at: datetime = Field(sa_type=UtcDateTime)


class VariantPart(SQLModel, table=True):
    """So many `pieces` of one variant are in one bundle."""

    __tablename__ = "variant_part"
    __table_args__ = (
        UniqueConstraint("bundle_id", "part_id"),
        CheckConstraint("pieces > 0", name="variant_part_pieces"),
        CheckConstraint("bundle_id <> part_id", name="variant_part_of_another"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    bundle_id: int = Field(foreign_key="variant.id")
    part_id: int = Field(foreign_key="variant.id", index=True)
    pieces: int


class StockCheck(SQLModel, table=True):
    """When a shop's counters were last compared with its ledger; `differing` are the ids of
    variants where they were not the same."""

    __tablename__ = "stock_check"

    shop_id: int = Field(foreign_key="shop.id", primary_key=True)
    checked_at: datetime = Field(sa_type=UtcDateTime)
    variants: int
    differing: list[int] = Field(default_factory=list, sa_type=Json)


class Customer(SQLModel, table=True):
    """Somebody we met, in whatever channel."""

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id", index=True)
    name: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=254)
    locale: str | None = Field(default=None, max_length=5)
    met_at: datetime = Field(sa_type=UtcDateTime)

    @property
    def key(self) -> int:
        """The id of a stored customer."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id


class CustomerIdentity(SQLModel, table=True):
    """Who a customer is in one channel: a PSID, an IGSID, a Facebook user id."""

    __tablename__ = "customer_identity"
    __table_args__ = (UniqueConstraint("shop_id", "channel", "external_id"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    channel: str = Field(max_length=12)
    external_id: str = Field(max_length=120)
    customer_id: int = Field(foreign_key="customer.id", index=True)


class Basket(SQLModel, table=True):
    """One per visit, or one per known customer. `version` rises with every change: an order form
    carries the version it showed, so that the same form places one order."""

    __table_args__ = (UniqueConstraint("shop_id", "customer_id"),)

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    token: str = Field(unique=True, max_length=43)
    customer_id: int | None = Field(default=None, foreign_key="customer.id")
    code: str | None = Field(default=None, max_length=100)
    version: int = 1
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime, index=True)

    @property
    def key(self) -> int:
        """The id of a stored basket."""
        assert self.id is not None  # noqa: S101 - only rows read from the database are asked
        return self.id


class BasketLine(SQLModel, table=True):
    """`seen_minor` is the price when it was put in, to say so honestly when it has changed."""

    __tablename__ = "basket_line"
    __table_args__ = (
        UniqueConstraint("basket_id", "variant_id"),
        CheckConstraint("quantity > 0", name="basket_line_quantity"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shop_id: int = Field(foreign_key="shop.id")
    basket_id: int = Field(foreign_key="basket.id", index=True)
    variant_id: int = Field(foreign_key="variant.id")
    quantity: int
    seen_minor: int
