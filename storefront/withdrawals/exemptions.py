"""Goods without a right of withdrawal (§312g Abs. 2 BGB): told before ordering, frozen with it.

Nr. 1, 2, 3 and 6. Sealed goods keep the right as long as nobody has opened them. The words for
each stand in `templates/storefront/no_withdrawal.html`.
"""

from typing import Literal

Exemption = Literal["", "custom", "perishable", "hygiene", "media"]

WITHOUT_RIGHT = frozenset({"custom", "perishable"})
