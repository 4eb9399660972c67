"""Logs are one JSON object an event and hold no secret."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import configure, redact

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What goes to the log while the test runs."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure(stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    """The events so far."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    "text",
    [
        f"https://api.telegram.org/bot{TOKEN}/getMe",
        f"InvalidToken: {TOKEN} was refused",
        "Authorization: Bearer hush.hush-hush_hush",
        "{'Authorization': 'Bearer hush.hush'}",
        "authorization: Basic aHVzaDpodXNo",
        "token syt_Ym90_hushhushhush_1a2b3c",
        "GET /sync?access_token=hush_hush&since=s1",
        '{"type": "m.login.password", "password": "hush"}',
        "postgresql+asyncpg://me:hush@127.0.0.1/db",
        "[SQL: INSERT INTO message VALUES (?)]\n[parameters: ('hush', 'hush')]",
        "Input should be valid [type=x, input_value='hush]', input_type=str]",
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    """Tokens, passwords, and the values that libraries quote in their complaints."""
    cleaned = redact(text)
    assert "hush" not in cleaned
    assert TOKEN.partition(":")[2] not in cleaned
    assert "aHVzaDpodXNo" not in cleaned
    assert "[hidden]" in cleaned


@pytest.mark.parametrize(
    "text",
    ["2026-11-22T08:15:00+00:00", "http://127.0.0.1:8080/join", "房间 telegram:-1001234567890/5"],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Times, addresses and rooms are what a log is read for."""
    assert redact(text) == text


def test_an_event_is_one_line_of_json_in_readable_chinese(logged: io.StringIO) -> None:
    """Ours and the libraries' alike."""
    structlog.stdlib.get_logger("bot.x").info("delivered", room="web:值班室", row=5)
    logging.getLogger("somebody").warning("slow %s", "query")
    first, second = lines(logged)
    assert "值班室" in logged.getvalue()
    assert first["event"] == "delivered"
    assert first["row"] == 5
    assert first["level"] == "info"
    assert second["event"] == "slow query"
    assert second["logger"] == "somebody"


def test_the_token_in_a_url_reaches_no_log(logged: io.StringIO) -> None:
    """The HTTP library logs the address of each request, and Telegram's holds the token."""
    httpx = logging.getLogger("httpx")
    httpx.info('HTTP Request: POST https://api.telegram.org/bot%s/getMe "200 OK"', TOKEN)
    assert lines(logged) == []
    httpx.warning("retrying https://api.telegram.org/bot%s/getMe", TOKEN)
    assert TOKEN not in logged.getvalue()
    assert len(lines(logged)) == 1


def test_a_traceback_is_in_the_log_without_the_secret(logged: io.StringIO) -> None:
    """It stays one line, and its texts are cleaned like any other."""
    try:
        raise RuntimeError(f"https://api.telegram.org/bot{TOKEN}/getMe timed out")
    except RuntimeError as error:
        structlog.stdlib.get_logger("x").error("unexpected", exc_info=error, nested={"t": [TOKEN]})
    (event,) = lines(logged)
    assert "RuntimeError" in str(event["exception"])
    assert TOKEN not in logged.getvalue()


class Person(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        """Somebody reads along."""
        return True


def test_a_person_sees_no_traceback_unless_debugging() -> None:
    """On a terminal an exception is its kind and its place."""
    for debug in (False, True):
        stream = Person()
        root = logging.getLogger()
        before, level = root.handlers[:], root.level
        try:
            configure(debug=debug, stream=stream)
            try:
                raise RuntimeError("broken")
            except RuntimeError as error:
                structlog.stdlib.get_logger("x").error("unexpected", exc_info=error)
        finally:
            root.handlers[:] = before
            root.setLevel(level)
            structlog.reset_defaults()
        assert ("Traceback" in stream.getvalue()) is debug
        assert "RuntimeError" in stream.getvalue()
