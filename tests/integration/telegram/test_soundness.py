"""What is handed on has the types that it claims, whatever Telegram's JSON held."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from bot.richtext import Html
from bot.transports.base import Content, Inbound, Media, Said, Sender
from bot.transports.telegram.soundness import is_sound
from workflows.text import Param, _


def replace(value: Any, **fields: Any) -> Any:
    """As `dataclasses.replace`, for fields of wrong types."""
    return dataclasses.replace(value, **fields)


CONTENT = Content(
    Html("<b>x</b>"),
    (Media("telegram", "photo", "a.png", "image/png", (("file_id", "a"),), size=5, width=3),),
    uncarried=_("Contact: {name}, {phone}", name="李", phone="110"),
    mentions=((0, 1, "telegram:5"),),
)
SAID = Said(CONTENT, reply_to="5", reply_author="王")
INBOUND = Inbound(
    "telegram:1:2", "telegram:-1", datetime(2026, 11, 22, tzinfo=UTC), SAID, Sender("a", "b"), "7"
)


def test_what_is_as_declared_is_sound() -> None:
    """Media, sentences and mentions included."""
    assert is_sound(INBOUND)
    assert is_sound(replace(INBOUND, sender=None, remote=None))


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": None},
        {"at": datetime(2026, 11, 22)},
        {"remote": 7},
        {"sender": "Li"},
        {"event": replace(SAID, reply_to=5)},
        {"event": replace(SAID, content=replace(CONTENT, mentions=((0, "x", "y"),)))},
        {
            "event": replace(
                SAID, content=replace(CONTENT, media=(replace(CONTENT.media[0], size=2**70),))
            )
        },
        {
            "event": replace(
                SAID, content=replace(CONTENT, media=(replace(CONTENT.media[0], name=["x"]),))
            )
        },
        {
            "event": replace(
                SAID,
                content=replace(CONTENT, uncarried=_("A {x}", x=cast(Param, {"": None}))),
            )
        },
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_not_as_declared_is_not(wrong: dict[str, object]) -> None:
    """Wherever it stands."""
    assert not is_sound(replace(INBOUND, **wrong))
