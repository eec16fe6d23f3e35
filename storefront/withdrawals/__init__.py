"""Withdrawals and other returns: declared, decided, sent back, paid back in time."""
