"""The running small social network for the sandbox's own tests."""

from tests.sandbox.network import network

__all__ = ["network"]
