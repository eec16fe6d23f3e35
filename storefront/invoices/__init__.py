"""Invoices: numbered without a gap, frozen, and never changed afterwards."""
