"""How often strangers may try: codes, orders, declarations."""

from dataclasses import dataclass, field

from aiohttp import web

from core.limits import Limit
from storefront.settings import ShopSettings


@dataclass(frozen=True, slots=True)
class Limits:
    """Kept by sender. `codes` makes guessing hopeless; the others keep mail from being abused.

    Past `withdrawals` a declaration still counts at once and only its confirmation waits; past
    `declarations` it is asked to come again a little later, with everything kept in the form.
    """

    orders: Limit
    codes: Limit = field(default_factory=lambda: Limit(40, 600))
    withdrawals: Limit = field(default_factory=lambda: Limit(20, 3600))
    declarations: Limit = field(default_factory=lambda: Limit(200, 3600))


def limits_for(settings: ShopSettings) -> Limits:
    return Limits(orders=Limit(settings.orders_per_ten_minutes, 600))


LIMITS: web.AppKey[Limits] = web.AppKey("shop_limits", Limits)
