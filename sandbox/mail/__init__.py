"""The mail box: takes every e-mail over SMTP, sends none on, and shows them to people."""
