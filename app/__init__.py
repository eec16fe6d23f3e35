"""Builds and starts everything; the only package that knows all the others."""
