"""What is drawn of an invoice, and how it is said in the reader's language."""

from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date

from core.money import Money
from core.translations import Translate
from storefront.invoices.content import Content
from storefront.notes import percent


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is drawn, and in which language."""

    kind: str
    number: str
    issued_on: date
    issued_at: datetime
    currency: str
    locale: str
    shop_name: str
    content: Content
    translate: Translate

    def money(self, minor: int) -> str:
        return Money(minor, self.currency).text(self.locale)

    def day(self, day: date) -> str:
        return format_date(day, "long", locale=self.locale)

    def percent(self, tax_bp: int) -> str:
        return percent(tax_bp, self.locale)

    @property
    def shows_tax(self) -> bool:
        return not self.content.small_business

    @property
    def title(self) -> str:
        _ = self.translate
        return _("Cancellation invoice") if self.kind == "cancellation" else _("Invoice")
