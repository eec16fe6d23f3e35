"""The running small social network that the contract tests call."""

from tests.sandbox.network import network

__all__ = ["network"]
