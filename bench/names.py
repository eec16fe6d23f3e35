"""Made-up names and secrets that the measured servers and the load agree on."""

APP_SECRET = "bench-app-secret"
SECRET_KEY = "bench-secret-key-of-more-than-32-characters"
SLUG = "bench"
PAGE_ID = "1900000000000100"
FIRST_PERSON = 7_000_000_000
"""The page-scoped id of person 0."""
CODE = "MAIGLOCKE10"
STRIPE_KEY = "sk_test_bench_0123456789abcdef"
STRIPE_PATH = "bench-path-token-of-this-shop"
STRIPE_WEBHOOK_SECRET = "whsec_bench_0123456789abcdef"
