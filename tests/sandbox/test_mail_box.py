"""The mail box: takes e-mails over SMTP, shows them safely, misbehaves on request."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any

import aiosmtplib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bounces import Bounce, read_bounce
from sandbox.build import build_sandbox
from sandbox.mail.box import MailBox
from sandbox.mail.settings import MailSandboxSettings
from tests.sandbox.browsing import chromium, nothing_wrong
from tests.sandbox.stripe_kit import Stage, stage


@pytest.fixture
async def on_stage() -> AsyncIterator[Stage]:
    async with stage() as made:
        yield made


def letter(to: str = "anna@example.com", **more: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Blumen Krüger <shop@example.com>"
    message["To"] = to
    message["Subject"] = more.get("subject", "Ihre Bestellung 7 🌷")
    message.set_content(more.get("text", "Vielen Dank!\nhttps://shop.example/o/7?a=1&b=2\n"))
    if "html" in more:
        message.add_alternative(more["html"], subtype="html")
    return message


async def port(at: Stage) -> int:
    async with at.http.get(f"{at.url}/control/mail") as answer:
        return int((await answer.json())["port"])


async def post(at: Stage, message: EmailMessage) -> None:
    await aiosmtplib.send(message, hostname="127.0.0.1", port=await port(at), start_tls=False)


async def letters(at: Stage, query: str = "") -> list[Any]:
    async with at.http.get(f"{at.url}/control/mail{query}") as answer:
        return list((await answer.json())["letters"])


async def rule(at: Stage, status: int = 200, **how: Any) -> None:
    async with at.http.post(f"{at.url}/control/mail/rules", json=how) as answer:
        assert answer.status == status


async def see(at: Stage, path: str, status: int = 200) -> tuple[str, Any]:
    async with at.http.get(at.url + path) as answer:
        assert answer.status == status
        return await answer.text(), answer.headers


async def test_an_email_arrives_as_it_was_written(on_stage: Stage) -> None:
    message = letter(html="<p>Vielen <b>Dank</b>! <a href='https://shop.example/o/8'>8</a></p>")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Beleg.pdf")
    await post(on_stage, message)
    (told,) = await letters(on_stage)
    assert told["number"] == 1
    assert told["sender"] == "shop@example.com"
    assert told["recipients"] == ["anna@example.com"]
    assert told["subject"] == "Ihre Bestellung 7 🌷"
    assert told["from"] == "Blumen Krüger <shop@example.com>"
    assert told["text"].startswith("Vielen Dank!")
    assert told["links"] == ["https://shop.example/o/7?a=1&b=2", "https://shop.example/o/8"]
    assert told["attachments"] == [
        {"name": "Beleg.pdf", "content_type": "application/pdf", "size": 4}
    ]


async def test_newest_come_first_and_can_be_asked_for(on_stage: Stage) -> None:
    for number, to in enumerate(("anna@example.com", "ben@example.com"), 1):
        await post(on_stage, letter(to, subject=f"Nr. {number}"))
    assert [one["subject"] for one in await letters(on_stage)] == ["Nr. 2", "Nr. 1"]
    assert [one["number"] for one in await letters(on_stage, "?to=anna")] == [1]
    assert [one["number"] for one in await letters(on_stage, "?subject=Nr. 2")] == [2]
    async with on_stage.http.delete(f"{on_stage.url}/control/mail") as answer:
        assert answer.status == 200
    assert await letters(on_stage) == []
    await post(on_stage, letter())
    assert [one["number"] for one in await letters(on_stage)] == [3]


def test_only_the_latest_are_kept() -> None:
    changes: list[int] = []
    box = MailBox(MailSandboxSettings(kept=3), changed=lambda: changes.append(1))
    for _ in range(5):
        box.take("shop@example.com", ("anna@example.com",), b"Subject: x\r\n\r\ny")
    assert [one.number for one in box.letters] == [3, 4, 5]
    assert box.find(2) is None
    assert len(changes) == 5


async def test_a_refused_recipient_gets_nothing(on_stage: Stage) -> None:
    await rule(on_stage, manner="refuse", to="*@gone.example")
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as caught:
        await post(on_stage, letter("anna@gone.example"))
    assert caught.value.recipients[0].code == 550
    await post(on_stage, letter())
    assert [one["recipients"] for one in await letters(on_stage)] == [["anna@example.com"]]


async def test_a_full_box_is_full_as_often_as_it_was_told(on_stage: Stage) -> None:
    await rule(on_stage, manner="full", times=1)
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as caught:
        await post(on_stage, letter())
    assert caught.value.recipients[0].code == 452
    await post(on_stage, letter())
    assert len(await letters(on_stage)) == 1


async def test_greylisting_lets_the_second_try_in(on_stage: Stage) -> None:
    await rule(on_stage, manner="greylist")
    for to in ("anna@example.com", "ben@example.com"):
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as caught:
            await post(on_stage, letter(to))
        assert caught.value.recipients[0].code == 451
        await post(on_stage, letter(to))
    assert len(await letters(on_stage)) == 2


async def test_a_bounce_is_taken_first_and_comes_back(on_stage: Stage) -> None:
    await rule(on_stage, manner="bounce", to="anna@*", times=1)
    message = letter()
    message["Message-ID"] = "<7@shop.example>"
    await post(on_stage, message)
    notice, sent = await letters(on_stage)
    assert sent["subject"] == "Ihre Bestellung 7 🌷"
    assert (notice["sender"], notice["recipients"]) == ("", ["shop@example.com"])
    assert notice["headers"]["In-Reply-To"] == "<7@shop.example>"
    assert "<anna@example.com>: 550 5.1.1" in notice["text"]
    await post(on_stage, letter())
    assert len(await letters(on_stage)) == 3


async def test_a_letter_is_sent_back_by_a_person_and_handed_to_the_shop() -> None:
    """A report by RFC 3464, signed."""
    box = MailSandboxSettings(hook_url="http://127.0.0.1:1/webhooks/mail", hook_secret="geheim")
    async with stage(mail=box) as at:
        message = letter()
        message["Message-ID"] = "<7@shop.example>"
        await post(at, message)
        async with at.http.post(f"{at.url}/mail/1/bounce", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/mail")
        [told] = at.sender.about("mail:bounce")
    bounce = read_bounce(told.body)
    assert bounce == Bounce("", "<7@shop.example>", "anna@example.com",
                            "550 5.1.1 No such mailbox here")  # fmt: skip
    mark = hmac.new(b"geheim", told.body, "sha256").hexdigest()
    assert told.headers(told.body)["X-Tresen-Signature"] == f"sha256={mark}"


async def test_rules_can_be_seen_and_taken_back(on_stage: Stage) -> None:
    await rule(on_stage, manner="refuse")
    async with on_stage.http.get(f"{on_stage.url}/control/mail/rules") as answer:
        assert (await answer.json())["rules"] == [{"manner": "refuse", "to": "*", "times": None}]
    await on_stage.http.delete(f"{on_stage.url}/control/mail/rules")
    await post(on_stage, letter())
    assert len(await letters(on_stage)) == 1


@pytest.mark.parametrize("how", [{}, {"manner": "eat"}, {"manner": "full", "times": 0}])
async def test_a_rule_that_makes_no_sense_is_a_400(how: dict[str, Any], on_stage: Stage) -> None:
    await rule(on_stage, 400, **how)


async def test_too_large_an_email_is_refused() -> None:
    async with stage(mail=MailSandboxSettings(largest_bytes=2000)) as at:
        with pytest.raises(aiosmtplib.SMTPException):
            await post(at, letter(text="y\n" * 1000))
        assert await letters(at) == []
        await post(at, letter())
        assert len(await letters(at)) == 1


async def test_many_at_once_all_arrive(on_stage: Stage) -> None:
    await asyncio.gather(*(post(on_stage, letter(subject=f"Nr. {n}")) for n in range(40)))
    found = await letters(on_stage)
    assert sorted(one["subject"] for one in found) == sorted(f"Nr. {n}" for n in range(40))
    assert sorted(one["number"] for one in found) == list(range(1, 41))


async def test_the_html_part_can_run_nothing_and_load_nothing(on_stage: Stage) -> None:
    page = "<script>alert(1)</script><img src='cid:logo'><img src='https://spy.example/1.png'>"
    message = letter(html=page)
    part = message.get_payload()[1]
    part.add_related(b"PNG", "image", "png", cid="<logo>")
    await post(on_stage, message)
    html, headers = await see(on_stage, "/mail/1/html")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "img-src data:;" in policy
    assert "script-src" not in policy
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox;")
    assert "src='data:image/png;base64,UE5H'" in html
    shown, _ = await see(on_stage, "/mail/1")
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in shown
    assert "<script>alert" not in shown


async def test_text_headers_and_files_can_be_read(on_stage: Stage) -> None:
    message = letter(html="<p>x</p>", text="<b>nicht fett</b>\n")
    message["X-Shop"] = "<i>7</i>"
    message.add_attachment(
        b"<script>1</script>", maintype="text", subtype="html", filename='"böse".html'
    )
    await post(on_stage, message)
    text, _ = await see(on_stage, "/mail/1?part=text")
    assert "&lt;b&gt;nicht fett&lt;/b&gt;" in text
    assert "&lt;i&gt;7&lt;/i&gt;" in text
    raw, headers = await see(on_stage, "/mail/1/raw")
    assert headers["Content-Type"].startswith("text/plain")
    assert "X-Shop: <i>7</i>" in raw
    _, headers = await see(on_stage, "/mail/1/files/0")
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%22b%C3%B6se")


async def test_an_empty_box_and_what_is_not_there_are_told_in_words(on_stage: Stage) -> None:
    assert "Noch keine E-Mail" in (await see(on_stage, "/mail"))[0]
    for path in ("/mail/1", "/mail/1/html", "/mail/1/raw", "/mail/1/files/0"):
        assert "Diese E-Mail gibt es nicht" in (await see(on_stage, path, 404))[0]
    await post(on_stage, letter())
    await see(on_stage, "/mail/1/files/0", 404)


async def test_the_box_can_be_emptied_by_a_button(on_stage: Stage) -> None:
    await post(on_stage, letter())
    assert "Ihre Bestellung 7" in (await see(on_stage, "/mail"))[0]
    async with on_stage.http.post(f"{on_stage.url}/mail/empty") as answer:
        assert "Noch keine E-Mail" in await answer.text()


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300)
    | st.builds(
        lambda kind, charset, coding, body: (
            (
                f'Subject: =?{charset}?q?x=FF?=\r\nFrom: "a\r\nContent-Type: {kind}; '
                f"charset={charset}; boundary=b\r\nContent-Transfer-Encoding: {coding}\r\n\r\n"
            ).encode()
            + body
        ),
        st.sampled_from(["text/plain", "text/html", "multipart/mixed", "message/rfc822", "x"]),
        st.sampled_from(["utf-8", "latin-1", "nonsense", "utf-7", ""]),
        st.sampled_from(["8bit", "base64", "quoted-printable", "nonsense"]),
        st.binary(max_size=100),
    )
)
def test_no_email_however_broken_breaks_the_box(raw: bytes) -> None:
    box = MailBox(MailSandboxSettings(), changed=lambda: None)
    taken = box.take("shop@example.com", ("anna@example.com",), raw)
    told = taken.told()
    assert told["recipients"] == ["anna@example.com"]
    told["text"].encode()
    told["subject"].encode()
    assert taken.html_page().startswith("<!doctype html>")
    assert taken.from_name is not None


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1280, "light")])
async def test_a_person_watches_an_email_arrive_and_follows_its_link(
    width: int, scheme: Any
) -> None:
    async with stage(build=build_sandbox) as at, chromium() as browser:
        size: Any = {"width": width, "height": 800}
        context = await browser.new_context(viewport=size, color_scheme=scheme, locale="de-DE")
        page = await context.new_page()
        await page.goto(f"{at.url}/mail")
        await page.get_by_text("Noch keine E-Mail").wait_for()
        await post(at, letter(html=f"<p>Danke! <a href='{at.url}/pay'>Ihre Zahlung</a></p>"))
        link = page.get_by_role("link", name="Ihre Bestellung 7")
        await link.wait_for(timeout=5000)
        for step in ("list", "letter"):
            await nothing_wrong(page)
            if step == "list":
                await link.click()
                await page.wait_for_url("**/mail/1")
        async with context.expect_page() as opened:
            await page.frame_locator("iframe").get_by_role("link", name="Ihre Zahlung").click()
        beside = await opened.value
        await beside.wait_for_url("**/pay")
        assert "Zahlungen" in await beside.inner_text("h1")
