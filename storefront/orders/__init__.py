"""Orders: placed, paid, ended, refunded, sent on their way."""
