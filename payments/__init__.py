"""Money in and money back; the only package that knows Stripe."""
