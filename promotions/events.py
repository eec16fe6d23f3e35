"""What happens to deals."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DealCreated:
    shop_id: int
    deal_id: int


@dataclass(frozen=True, slots=True)
class DealEnded:
    shop_id: int
    deal_id: int
