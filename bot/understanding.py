"""From words to what is wanted: tables of phrases, pure, and honest about its limits."""

import re
from dataclasses import dataclass
from typing import Literal

from storefront.words import fold, words

Wish = Literal[
    "greeting", "thanks", "silence", "menu", "browse", "deals", "basket", "checkout", "drop_code",
    "ask_code", "orders", "person", "search",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Intent:
    """`text` is what to look for where the wish is a search."""

    wish: Wish
    text: str = ""


# In order: the first that fits counts. Matched on folded text (no umlauts, lower case).
_PHRASES: tuple[tuple[Wish, str], ...] = (
    (
        "person",
        r"\b(mensch|mitarbeiter\w*|jemand\w* (sprechen|reden|schreiben)|mit (jemand\w*|einem menschen)"
        r"|echte\w* person|kundenservice|support|beschwer\w+|reklam\w+|kaputt|falsch geliefert"
        r"|human|agent|real person|someone|speak to|talk to|complain\w*|broken|wrong item)\b",
    ),
    (
        "orders",
        r"\b((wo|wann) (ist|bleibt|sind|kommt|kommen) (meine?|die|das)\b.*"
        r"|(meine?|der|die|letzte\w*) bestellung\w*|bestellstatus|bestellung\w* (status|stand)"
        r"|lieferstatus|sendung\w*|paket|schon (verschickt|unterwegs)"
        r"|where('?s| is| are) my .*|my orders?|order status|track\w*( my)? order|tracking)\b",
    ),
    (
        "drop_code",
        r"\b(code|gutschein\w*|coupon) (entfernen|loschen|weg)|remove (the )?(code|coupon)\b",
    ),
    (
        "ask_code",
        r"\b(habe?|hab|hatte|have|got) .*\b(code|gutschein\w*|rabattcode|coupon|voucher)\b"
        r"|\b(code|gutschein\w*|coupon|voucher) (einlosen|eingeben|benutzen|redeem|enter)\b"
        r"|\b(redeem|enter|use) (a |my )?(code|coupon|voucher)\b",
    ),
    (
        "deals",
        r"\b(angebot\w*|aktion\w*|rabatt\w*|sale|deals?|offers?|discounts?|promotion\w*|schnappchen"
        r"|gunstig\w*)\b",
    ),
    (
        "checkout",
        r"\b(zur kasse|kasse|bezahlen|zahlen|bestellen|checkout|check out|pay|place (an |my )?order)\b",
    ),
    ("basket", r"\b(warenkorb|korb|einkaufskorb|basket|cart)\b"),
    (
        "browse",
        r"\b(sortiment|katalog|produkte|alles|shop|laden|stobern|was (habt|verkauft|gibt)\b.*"
        r"|catalog(ue)?|products|browse|everything|what (do you (have|sell)|have you got))\b",
    ),
    ("menu", r"\b(menu|hilfe|help|start|was kannst du|what can you do)\b"),
)
_WHOLE: tuple[tuple[Wish, str], ...] = (
    (
        "ask_code",
        r"((mein|ein|einen|my|a) )?(code|rabattcode|gutscheincode|aktionscode|coupon|coupon code"
        r"|discount code|voucher code|promo code)",
    ),
    (
        "greeting",
        r"((hallo|hi|hey|moin|servus|gruss gott|guten (morgen|tag|abend)|hello|good (morning"
        r"|afternoon|evening|day)|tach|na)( |$))+(zusammen|ihr|there|all|everyone|(liebes )?team)?",
    ),
    (
        "thanks",
        r"((vielen|herzlichen|besten|lieben) )?(dank|danke|dankeschon)( (schon|sehr|dir|ihnen|euch"
        r"|vielmals))*|(thanks|thank you|thx|ty|cheers)( (so much|a lot|very much))?",
    ),
    (
        "silence",
        r"(ok|okay|oki|alles klar|super|toll|prima|perfekt|gut|ja|nein|cool|great|perfect|nice|yes|no"
        r"|yep|nope|bis (dann|bald|morgen)|tschuss|ciao|bye|see you)( (danke|thanks))?",
    ),
)
_PHRASE_TABLE = tuple((wish, re.compile(pattern)) for wish, pattern in _PHRASES)
_WHOLE_TABLE = tuple((wish, re.compile(pattern)) for wish, pattern in _WHOLE)
_LONGEST_SEARCH = 12


def understand(text: str) -> Intent:
    """What somebody wants who wrote `text`. Anything else is taken for a search."""
    said = " ".join(words(text))
    if not said:
        return Intent("silence")
    for wish, pattern in _WHOLE_TABLE:
        if pattern.fullmatch(said):
            return Intent(wish)
    plain = fold(text)
    for wish, pattern in _PHRASE_TABLE:
        if pattern.search(plain):
            return Intent(wish)
    return Intent("search", " ".join(said.split()[:_LONGEST_SEARCH]))
