"""Who may come behind the counter: accounts, sign-in, roles."""
