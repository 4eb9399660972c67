"""Logs: one line an event on standard error, without secrets and without what people wrote."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "[hidden]"

_SECRETS = (
    # A Telegram bot token, alone or in the path of a URL.
    re.compile(r"(?<!\d)\d{5,}:[\w-]{30,}"),
    # Matrix access, refresh and login tokens of Synapse and its authentication service.
    re.compile(r"\b(?:syt|syr|syl|mat|mct|mcr)_[\w-]{8,}"),
    re.compile(r"(?i)(?<=bearer )[\w.~+/=-]+"),
    re.compile(r"""(?i)(?<=authorization)["']?\s*[:=]\s*["']?(?:basic|digest)\s+[^\s"',]+"""),
    re.compile(
        r"""(?i)(?:access_token|refresh_token|password|webhook_secret|secret_token)"""
        r"""["']?\s*[=:]\s*["']?[^\s"'&,}]+"""
    ),
    re.compile(r"(?<=://)[^/\s:@]+:[^@\s]*(?=@)"),
    # Libraries quote what they could not handle, which may be what somebody wrote.
    re.compile(r"(?s)\[parameters: .*?\](?=\n|$)"),
    re.compile(r"(?s)input_value=.*?(?=, input_type=)"),
)

_QUIET = {
    # These log the URL of each request, and Telegram's holds the token.
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "telegram": logging.WARNING,
    "aiohttp.access": logging.WARNING,
    # Its warnings quote the events that it could not read.
    "nio": logging.ERROR,
    "peewee": logging.WARNING,
    "asyncio": logging.WARNING,
    "apscheduler": logging.WARNING,
    "alembic": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "aiosqlite": logging.WARNING,
}


def redact(text: str) -> str:
    """The text without what looks like a secret or a quoted value."""
    for pattern in _SECRETS:
        text = pattern.sub(HIDDEN, text)
    return text


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: _cleaned(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_cleaned(each) for each in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return redact(str(value))


def redacting(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A processor that cleans every value of an event."""
    return {key: value if key.startswith("_") else _cleaned(value) for key, value in event.items()}


def briefly(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A processor for people: an exception becomes its kind and the place it came from."""
    raised = event.pop("exc_info", None)
    error = sys.exc_info()[1] if raised is True else raised
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)
        event["error"] = type(error).__name__
        if frames:
            event["at"] = f"{frames[-1].filename}:{frames[-1].lineno}"
    return event


def configure(*, debug: bool = False, stream: TextIO | None = None) -> None:
    """Send our own and the libraries' logs to `stream` (standard error by default).

    A terminal gets readable lines without tracebacks unless `debug`; everything else gets one
    JSON object a line, tracebacks included.
    """
    stream = stream or sys.stderr
    person = stream.isatty()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if person and not debug:
        shown: list[Processor] = [briefly]
    else:
        shown = [structlog.processors.format_exc_info]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=person)
        if person
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *shown,
                redacting,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
