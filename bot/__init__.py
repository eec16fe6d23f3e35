"""Answers customers in Messenger and Instagram by itself."""
