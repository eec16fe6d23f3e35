"""What a mail server further on sends back when it has no such mailbox: a report by RFC 3464."""

import hmac
from datetime import datetime
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesHeaderParser
from email.utils import format_datetime, make_msgid

from sandbox.mail.letters import Letter

DIAGNOSIS = "550 5.1.1 No such mailbox here"


def report(letter: Letter, recipient: str, *, now: datetime) -> bytes:
    """To the letter's return path, with the letter's own headers in it."""
    notice = MIMEMultipart("report", report_type="delivery-status")
    notice["From"] = "Mail Delivery System <mailer-daemon@mail.example>"
    notice["To"] = letter.sender
    notice["Subject"] = "Undelivered Mail Returned to Sender"
    notice["Date"] = format_datetime(now)
    notice["Message-ID"] = make_msgid(domain="mail.example")
    notice["In-Reply-To"] = letter.header("message-id") or "<unknown@mail.example>"
    notice["Auto-Submitted"] = "auto-replied"
    notice.attach(MIMEText(f"<{recipient}>: {DIAGNOSIS}\n"))
    notice.attach(_status(recipient, now))
    headers = BytesHeaderParser().parsebytes(letter.raw)
    headers.set_payload("")
    notice.attach(MIMEMessage(headers))
    return notice.as_bytes()


def _status(recipient: str, now: datetime) -> MIMEBase:
    whole, one = Message(), Message()
    whole["Reporting-MTA"] = "dns; mail.example"
    whole["Arrival-Date"] = format_datetime(now)
    one["Final-Recipient"] = f"rfc822; {recipient}"
    one["Action"] = "failed"
    one["Status"] = "5.1.1"
    one["Diagnostic-Code"] = f"smtp; {DIAGNOSIS}"
    part = MIMEBase("message", "delivery-status")
    part.set_payload([whole, one])
    return part


def signed(secret: str, body: bytes) -> dict[str, str]:
    """As the shop's hook for returned e-mails wants it."""
    mark = hmac.new(secret.encode(), body, "sha256").hexdigest()
    return {"Content-Type": "message/rfc822", "X-Tresen-Signature": f"sha256={mark}"}
