"""What happens to deals that are told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DealPosted:
    """A deal stands on the wall."""

    shop_id: int
    deal_post_id: int
    deal_id: int
    wall_post_id: int
