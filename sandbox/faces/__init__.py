"""Pages for people: wall, chat, profile, the page's inbox."""
