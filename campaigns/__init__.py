"""Who is told which deal, where and when, and what came of it."""
