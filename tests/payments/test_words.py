"""Stripe's words in sentences."""

from core.pages import ROOT
from core.translations import Translations
from payments.words import explain_refund


def test_known_reasons_are_said_in_german_and_unknown_ones_lead_to_the_dashboard() -> None:
    german = Translations(ROOT / "templates" / "locale").translator("de")
    assert (
        german(explain_refund("insufficient_funds")) == "Das Guthaben bei Stripe reicht nicht aus."
    )
    assert "Stripe-Dashboard" in german(explain_refund("something_new"))
