"""E-mails that came back, as mail servers really write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bounces import Bounce, NoBounce, read_bounce
from core.mail_words import meaning_of

TOKEN = "0123456789abcdef01234567"

POSTFIX = f"""\
Return-Path: <>
Delivered-To: back+{TOKEN}@blumen.example
Date: Fri, 27 Nov 2026 08:00:00 +0100 (CET)
From: MAILER-DAEMON@mx.blumen.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: back+{TOKEN}@blumen.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="4C1.1795763/mx.blumen.example"

This is a MIME-encapsulated message.

--4C1.1795763/mx.blumen.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

<anna@gone.example>: host mx.gone.example[192.0.2.7] said: 550 5.1.1
    <anna@gone.example>: Recipient address rejected: User unknown

--4C1.1795763/mx.blumen.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.blumen.example
X-Postfix-Queue-ID: 4C1
X-Postfix-Sender: rfc822; back+{TOKEN}@blumen.example
Arrival-Date: Fri, 27 Nov 2026 07:59:58 +0100 (CET)

Final-Recipient: rfc822; anna@gone.example
Original-Recipient: rfc822;anna@gone.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.gone.example
Diagnostic-Code: smtp; 550 5.1.1 <anna@gone.example>: Recipient address
    rejected: User unknown

--4C1.1795763/mx.blumen.example
Content-Description: Undelivered Message
Content-Type: message/rfc822

Return-Path: <back+{TOKEN}@blumen.example>
From: "Blumen am Markt" <laden@blumen.example>
To: anna@gone.example
Subject: Ihre Bestellung 1001
Message-ID: <179576.1.2@tresen.invalid>

Guten Tag

--4C1.1795763/mx.blumen.example--
"""

EXCHANGE = """\
From: postmaster@outlook.example
To: laden@blumen.example
Subject: Undeliverable: Ihre Bestellung 1001
Content-Type: multipart/report; report-type="delivery-status"; boundary="b1"
MIME-Version: 1.0

--b1
Content-Type: multipart/alternative; boundary="b2"

--b2
Content-Type: text/html; charset="us-ascii"

<p>Your message couldn't be delivered.</p>

--b2--

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns;outlook.example

Final-Recipient: rfc822;otto@full.example
Action: failed
Status: 5.2.2

--b1
Content-Type: text/rfc822-headers

From: laden@blumen.example
Message-ID: <179576.9.9@tresen.invalid>
Subject: Ihre Bestellung 1001

--b1--
"""


def test_a_report_of_postfix_says_which_and_why() -> None:
    assert read_bounce(POSTFIX.encode()) == Bounce(
        TOKEN, "<179576.1.2@tresen.invalid>", "anna@gone.example",
        "550 5.1.1 <anna@gone.example>: Recipient address rejected: User unknown",
    )  # fmt: skip


def test_a_report_with_the_headers_alone_is_enough() -> None:
    assert read_bounce(EXCHANGE.encode().replace(b"\n", b"\r\n")) == Bounce(
        "", "<179576.9.9@tresen.invalid>", "otto@full.example", "5.2.2"
    )


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_only_what_has_failed_for_good_is_a_bounce(action: str) -> None:
    told = POSTFIX.replace("Action: failed", f"Action: {action}")
    with pytest.raises(NoBounce, match="nothing that failed"):
        read_bounce(told.encode())


@pytest.mark.parametrize(
    "raw", [b"", b"Subject: Abwesend\n\nIch bin im Urlaub.", b"\xff\xfe", b"Content-Type: x\n\n"]
)
def test_other_mail_is_no_bounce(raw: bytes) -> None:
    with pytest.raises(NoBounce):
        read_bounce(raw)


@given(raw=st.one_of(
    st.binary(max_size=400),
    st.tuples(st.integers(0, len(POSTFIX)), st.binary(max_size=30)).map(
        lambda cut: POSTFIX.encode()[: cut[0]] + cut[1] + POSTFIX.encode()[cut[0] + 5 :]
    ),
))  # fmt: skip
def test_whatever_is_handed_in_is_read_or_refused_in_words(raw: bytes) -> None:
    try:
        told = read_bounce(raw).reason
    except NoBounce as reason:
        told = str(reason)
    assert told


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("550 5.1.1 <anna@gone.example>: User unknown", "This address does not exist."),
        ("550 no such mailbox", "This address does not exist."),
        ("452 4.2.2 Mailbox full", "The mailbox is full."),
        ("5.2.2", "The mailbox is full."),
        ("554 5.7.1 Relay access denied", "The other mail server does not let our e-mail in."),
        ("554 Transaction failed", "The other mail server did not take it."),
        ("SMTPConnectError: Connection refused", "The mail server cannot be reached."),
    ],
)
def test_what_servers_say_has_plain_words(said: str, means: str) -> None:
    assert meaning_of(said) == means
