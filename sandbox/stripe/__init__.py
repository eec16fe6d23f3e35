"""Stripe in small: its API, its webhooks and a payment page, in memory."""
