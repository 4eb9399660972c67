"""A text as a file: UTF-8, as it was written."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.printed.press import Press
from workflows.text import Json


def make(press: Press, form: str, data: Mapping[str, Json]) -> bytes:
    """The text with the mark by which Windows editors know UTF-8, and their line ends."""
    return f"{data['text']}\n".replace("\n", "\r\n").encode("utf-8-sig")
