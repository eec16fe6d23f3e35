"""Tools without a shop word in them: database, events, jobs, money, time, pages."""
