"""Every job of every room, with its tools bound: one table, one page."""
