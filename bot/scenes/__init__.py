"""What the bot can be asked about: one file a subject, each verb returns replies."""
