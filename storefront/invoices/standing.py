"""What an order's documents come to together, and which of its invoices still stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from storefront.invoices.content import Content, Rate
from storefront.invoices.finding import content_of
from storefront.invoices.models import Invoice
from storefront.invoices.splitting import added, gross_of


@dataclass(frozen=True, slots=True)
class Standing:
    """`invoices` stand, the first one first; those taken back to the last cent are gone."""

    documents: Sequence[Invoice]
    invoices: Sequence[tuple[Invoice, Content]]
    left: Sequence[Rate]

    @property
    def is_untouched(self) -> bool:
        """One invoice, and nothing of it was taken back."""
        return len(self.invoices) == 1 and self.left_minor == self.invoices[0][0].total_minor

    @property
    def left_minor(self) -> int:
        return gross_of(self.left)

    @property
    def base(self) -> tuple[Invoice, Content]:
        """What corrections are about: where nothing stands any more, the last invoice."""
        if self.invoices:
            return self.invoices[0]
        last = [one for one in self.documents if one.kind == "invoice"][-1]
        return last, content_of(last)


def look_through(documents: Sequence[Invoice]) -> Standing:
    """In the order of their numbers."""
    standing: list[tuple[Invoice, Content]] = []
    left: list[Rate] = []
    for one in documents:
        content = content_of(one)
        left = added(left, content.rates)
        if one.kind == "invoice":
            standing.append((one, content))
        elif not any(rate.gross_minor for rate in left):
            standing = []
    return Standing(documents, standing, left)
