"""Structured logs that never hold a secret, and customers' words at debug level only."""

import logging
import re
import sys
from typing import Any

import structlog

# Tokens and keys as they look, wherever they turn up: in a message, a URL, an exception's text.
SECRETS = re.compile(
    r"(sk|rk|whsec|pk)_[A-Za-z0-9_]{8,}|EA[A-Za-z0-9]{20,}|IG[A-Za-z0-9_-]{30,}"
    r"|(?<=access_token=)[^&\s\"']+|(?<=appsecret_proof=)[^&\s\"']+|(?<=[Bb]earer )[^\s\"']+"
    r"|(?<=sha256=)[0-9a-f]{64}|://[^:/@\s]+:[^@/\s]+(?=@)"
)
# People, and what databases and validators quote of the values they choke on.
_PERSONAL = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63})+"
    r"|(?<=\[parameters: )[^\n]+|(?<=DETAIL: )[^\n]+|(?<=CONTEXT: )[^\n]+"
    r"|(?<=input_value=)[^\n]+"
)
_SECRET_NAMES = re.compile(r"token|secret|password|authorization|cookie|api_key", re.IGNORECASE)


def scrub(text: str) -> str:
    return SECRETS.sub("[secret]", text)


def _scrub_event(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name, value in event.items():
        # Names with an underscore belong to structlog itself.
        if not name.startswith("_"):
            event[name] = _scrubbed(name, value)
    return event


def _scrubbed(name: str, value: Any) -> Any:
    if _SECRET_NAMES.search(name):
        return "[secret]"
    if isinstance(value, dict):
        return {key: _scrubbed(str(key), one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_scrubbed("", one) for one in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _PERSONAL.sub("[personal]", scrub(str(value)))


def start_logging(*, level: str, format: str) -> None:
    """Once per process. Libraries' own logs go the same way and through the same scrubbing."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        _scrub_event,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared)
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # aiohttp's access log holds query strings, and those can hold signed links.
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    # Stripe's tells every question and every answer; what goes wrong we say ourselves.
    logging.getLogger("stripe").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def log(name: str) -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
