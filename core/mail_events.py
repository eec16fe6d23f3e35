"""What becomes of e-mails."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailFailed:
    """It will not arrive: refused for good, given up, or sent back. `reason` is what was said."""

    shop_id: int
    mail_id: int
    about: str
    reason: str
