"""Customers answered by people: conversations from chats, comments and posts."""
