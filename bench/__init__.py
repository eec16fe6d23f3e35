"""What we measure, each with its limit and its peer beside it."""
