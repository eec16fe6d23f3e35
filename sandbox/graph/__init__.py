"""Meta's Graph API over HTTP, as strict as the real one in what the product uses of it."""
