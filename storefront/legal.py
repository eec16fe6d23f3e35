"""Legal texts: what the merchant wrote, or a text to start from; and what is still missing.

The texts to start from stand in `templates/storefront/legal/`; they are no legal advice, and the
counter says so until the merchant has saved their own.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.pages import Pages
from core.shops import Shop
from storefront.models import Storefront

LegalPage = Literal["imprint", "terms", "privacy", "withdrawal", "accessibility", "delivery"]

TEXTS: tuple[str, ...] = ("imprint", "terms", "privacy", "withdrawal", "accessibility")
"""Those the merchant writes; "delivery" is put together from the shop's settings."""

TITLES = {
    "imprint": "Imprint",
    "terms": "Terms",
    "privacy": "Privacy",
    "withdrawal": "Right of withdrawal",
    "accessibility": "Accessibility",
    "delivery": "Delivery and payment",
}


BUTTON = ("Vertrag widerrufen", "Withdraw from a contract")
"""What the button for withdrawing is called, in each language of the shop."""


@dataclass(frozen=True, slots=True)
class Block:
    kind: Literal["heading", "paragraph", "list"]
    lines: tuple[str, ...]


def legal_text(pages: Pages, page: str, shop: Shop, window: Storefront, locale: str) -> str:
    """The merchant's words as they stand, else the text to start from, in the reader's language."""
    own: str = getattr(window, page, "")
    return own.strip() or starting_text(pages, page, shop, window, locale)


def starting_text(pages: Pages, page: str, shop: Shop, window: Storefront, locale: str) -> str:
    name = f"storefront/legal/{page}.{'de' if locale.startswith('de') else 'en'}.txt"
    return pages.text(name, locale, shop=shop, storefront=window).strip()


def incomplete(window: Storefront) -> list[str]:
    """Legal pages the merchant has not completed."""
    return [page for page in TEXTS if not getattr(window, page).strip()]


def names_the_button(window: Storefront) -> bool:
    """Whether the merchant's own notice of withdrawal tells of the button, as it must since
    2026-06-19 (§356a BGB)."""
    own = window.withdrawal.casefold()
    return not own.strip() or any(label.casefold() in own for label in BUTTON)


def blocks(text: str) -> list[Block]:
    """Paragraphs are parted by empty lines; `# ` begins a heading, `- ` an item of a list."""
    parts = [part.strip("\n") for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n"))]
    return [_block(part) for part in parts if part.strip()]


def _block(part: str) -> Block:
    lines = [line.strip() for line in part.split("\n")]
    if lines[0].startswith("# ") and len(lines) == 1:
        return Block("heading", (lines[0][2:].strip(),))
    if all(line.startswith("- ") for line in lines):
        return Block("list", tuple(line[2:].strip() for line in lines))
    return Block("paragraph", tuple(lines))


def todo(window: Storefront, extra: Sequence[str] = ()) -> dict[str, Any]:
    """What the counter reminds of."""
    return {"texts": incomplete(window), "contact": not window.contact_email, "extra": list(extra)}
