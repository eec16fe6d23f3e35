"""Logs: structured, and without secrets wherever they turn up."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog

from core.logs import log, scrub, start_logging

TOKEN = "EAAB" + "x1Y2" * 12


@pytest.fixture
def lines() -> Iterator[StringIO]:
    start_logging(level="info", format="json")
    (handler,) = logging.getLogger().handlers[:1]
    assert isinstance(handler, logging.StreamHandler)
    stream = StringIO()
    handler.setStream(stream)
    yield stream
    structlog.reset_defaults()
    start_logging(level="error", format="text")


def read(lines: StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


@pytest.mark.parametrize(
    "secret",
    [
        "sk_live_" + "a1" * 12,
        "rk_test_" + "b2" * 12,
        "whsec_" + "c3" * 16,
        TOKEN,
        "https://graph/me?access_token=abc123&x=1",
        "https://graph/me?appsecret_proof=" + "0f" * 32,
        "Authorization: Bearer abc.def",
        "X-Hub-Signature-256: sha256=" + "ab" * 32,
        "postgresql://tresen:hunter2@db/tresen",
    ],
)
def test_secrets_are_recognised_by_their_looks(secret: str) -> None:
    shown = scrub(f"before {secret} after")
    assert "[secret]" in shown
    for part in ("a1a1", "b2b2", "c3c3", "x1Y2", "abc123", "0f0f", "abc.def", "abab", "hunter2"):
        assert part not in shown
    assert shown.startswith("before ")
    assert shown.endswith(" after")


def test_a_line_says_when_who_and_what(lines: StringIO) -> None:
    log("core.test").info("mail_sent", mail_id=7, ok=True, nothing=None)
    (line,) = read(lines)
    assert line.pop("timestamp")
    assert line == {"event": "mail_sent", "level": "info", "logger": "core.test",
                    "mail_id": 7, "ok": True, "nothing": None}  # fmt: skip


def test_secrets_are_kept_out_wherever_they_stand(lines: StringIO) -> None:
    log("core.test").error(
        "failed",
        page_token="plain words",
        nested={"password": "geheim", "list": [TOKEN, {"cookie": "c"}]},
        error=ValueError(TOKEN),
        text=f"with {TOKEN}",
    )
    (line,) = read(lines)
    assert TOKEN not in json.dumps(line)
    assert line["page_token"] == "[secret]"
    assert line["nested"] == {"password": "[secret]", "list": ["[secret]", {"cookie": "[secret]"}]}
    assert line["text"] == "with [secret]"


def test_secrets_are_kept_out_of_tracebacks_and_of_libraries_logs(
    lines: StringIO,
) -> None:
    try:
        raise ValueError(TOKEN)
    except ValueError:
        log("core.test").exception("crashed")
        logging.getLogger("some.library").exception("library crashed with %s", TOKEN)
    text = lines.getvalue()
    assert TOKEN not in text
    assert len(text.splitlines()) == 2
    for line in text.splitlines():
        assert "ValueError: [secret]" in json.loads(line)["exception"]


def test_people_are_kept_out_of_what_databases_quote(lines: StringIO) -> None:
    """SQLAlchemy quotes the values of a statement, PostgreSQL those of a row."""
    quoted = (
        "(psycopg.errors.UniqueViolation) duplicate key\n"
        "DETAIL:  Key (email)=(anna@example.org) already exists: Gartenweg 3\n"
        "[SQL: INSERT INTO shop_order (name) VALUES (%s)]\n"
        "[parameters: ('Anna Blum', 'Gartenweg 3')]\n"
        "(Background on this error at: https://sqlalche.me/e/20/gkpj)"
    )
    try:
        raise ValueError(quoted)
    except ValueError:
        log("core.test").exception("crashed")
    log("core.test").warning("refused", said="550 <anna@example.org> is unknown here")
    text = lines.getvalue()
    for word in ("Anna", "anna", "Gartenweg"):
        assert word not in text
    assert "INSERT INTO shop_order" in text
    assert "550 <[personal]> is unknown here" in text


def test_debug_stays_silent_at_info(lines: StringIO) -> None:
    log("core.test").debug("customer_said", text="hello")
    logging.getLogger("aiohttp.access").info("GET /?secret=1")
    assert read(lines) == []
