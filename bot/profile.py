"""What a chat shows before anybody has written: greeting, menu, first questions."""

from bot.payloads import write
from core.shops import Shop
from core.translations import LOCALES, Translate, Translations
from meta.profiles import MenuItem, Profile, ProfileTexts, Question


def profile_of(translations: Translations, origin: str, shop: Shop) -> Profile:
    return Profile(
        start_payload=write("start"),
        language=shop.locale[:2],
        texts={locale: _texts(translations.translator(locale), origin, shop) for locale in LOCALES},
        domains=[origin],
    )


def _texts(translate: Translate, origin: str, shop: Shop) -> ProfileTexts:
    return ProfileTexts(
        greeting=translate("Welcome to %(shop)s! A bot answers at once, a person soon.")
        % {"shop": shop.name},
        menu=[
            MenuItem(translate("Browse"), write("browse")),
            MenuItem(translate("Deals"), write("deals")),
            MenuItem(translate("Basket"), write("basket")),
            MenuItem(translate("My orders"), write("orders")),
            MenuItem(translate("Talk to a person"), write("person")),
            MenuItem(translate("Open the shop"), url=f"{origin}/s/{shop.slug}/"),
        ],
        questions=[
            Question(translate("What do you have?"), write("browse")),
            Question(translate("Are there any deals?"), write("deals")),
            Question(translate("Where is my order?"), write("orders")),
            Question(translate("I want to talk to a person"), write("person")),
        ],
    )
