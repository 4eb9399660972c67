"""What people are told of bridges between encrypted rooms and others."""

from __future__ import annotations

from handlers.document import Button, Code, Document, Heading, Para, Span, say
from workflows.mixing import Mixed
from workflows.text import _


def waits(mixed: Mixed) -> Document:
    """That nothing leaves the encrypted rooms before it is confirmed, and how that is done."""
    rooms, others = _titles(mixed.sealed), _titles(mixed.others)
    return Document(
        (
            Heading(
                _(
                    "🔒 Bridge “{name}”: nothing leaves {rooms} before that is confirmed",
                    name=mixed.name,
                    rooms=rooms,
                )
            ),
            Para(
                _(
                    "What is written in {rooms} is encrypted; in {others} the servers on the way "
                    "could read it.",
                    rooms=rooms,
                    others=others,
                )
            ),
            Para(
                _(
                    "Till then what is written in {rooms} stays there and is not sent later "
                    "either; what is written in {others} arrives everywhere.",
                    rooms=rooms,
                    others=others,
                )
            ),
            _how(mixed.name),
        ),
        (_button(mixed.name),),
    )


def stays(mixed: Mixed) -> Document:
    """That what was just written has not left its encrypted room."""
    text = _(
        "🔒 This stays in this room: it is encrypted, {others} not, and nobody has confirmed the "
        "bridge.",
        others=_titles(mixed.others),
    )
    return Document((Para(text), _how(mixed.name)), (_button(mixed.name),))


def confirmed(mixed: Mixed, by: str) -> Document:
    """That it is confirmed."""
    return say(
        _("🔓 {person} has confirmed the bridge “{name}”.", person=by, name=mixed.name),
        _(
            "From now on what is written in {rooms}, which is encrypted, can be read in {others} "
            "and on the servers on the way.",
            rooms=_titles(mixed.sealed),
            others=_titles(mixed.others),
        ),
    )


def _how(name: str) -> Para:
    typed = Code(f"/bridge confirm {name}", zh=f"/桥接 确认 {name}")
    return Para(Span((_("An administrator confirms it by the button or with"), " ", typed)))


def _button(name: str) -> Button:
    return Button(_("Confirm"), f"/bridge confirm {name}")


def _titles(rooms: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    return tuple(title for _room, title in rooms)
