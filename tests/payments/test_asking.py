"""Stripe's error classes as our two families."""

import aiohttp
import pytest
import stripe

from payments.asking import translate
from payments.errors import (
    KeyLacksRights,
    KeyRejected,
    PaymentsRefused,
    PaymentsUnavailable,
)


@pytest.mark.parametrize(
    ("error", "family", "is_stored"),
    [
        (stripe.AuthenticationError("x", http_status=401), KeyRejected, False),
        (stripe.PermissionError("x", http_status=403), KeyLacksRights, False),
        (stripe.RateLimitError("x", http_status=429), PaymentsUnavailable, False),
        (stripe.APIConnectionError("x"), PaymentsUnavailable, False),
        (stripe.IdempotencyError("x", http_status=409), PaymentsUnavailable, False),
        (stripe.IdempotencyError("x", http_status=400), PaymentsUnavailable, True),
        (stripe.APIError("x", http_status=500), PaymentsUnavailable, True),
        (stripe.APIError("x", http_status=409), PaymentsUnavailable, False),
        (aiohttp.ClientPayloadError("cut"), PaymentsUnavailable, False),
        (TimeoutError(), PaymentsUnavailable, False),
    ],
)
def test_every_trouble_has_its_family(
    error: Exception, family: type[PaymentsUnavailable], is_stored: bool
) -> None:
    failure = translate(error)
    assert type(failure) is family
    assert isinstance(failure, PaymentsUnavailable)
    assert failure.is_stored is is_stored


def test_a_refusal_says_what_was_wrong_and_keeps_no_key() -> None:
    said = stripe.InvalidRequestError(
        "Bad email\n for sk_test_abcdefghijkl", "customer_email", code="email_invalid"
    )
    failure = translate(said)
    assert isinstance(failure, PaymentsRefused)
    assert (failure.param, failure.stripe_code) == ("customer_email", "email_invalid")
    assert failure.reason == "Bad email for [secret]"
    assert failure.sentence in str(failure)
