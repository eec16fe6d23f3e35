"""The kit: every shared macro on a few pages, to look at and to measure."""
