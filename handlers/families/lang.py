"""`/lang`: the language of a room."""

from __future__ import annotations

from handlers.context import Context
from handlers.document import Button, Document, say
from handlers.registry import Arg, Family, Name, command
from handlers.values import Args, Kind
from workflows.text import Msg, _

FAMILY = Family(Name("lang", "语言", ("language",)), _("The language of this room"))

NAMES: dict[str, Msg] = {
    "zh": _("Chinese"),
    "en": _("English"),
    "both": _("Chinese and English"),
}


@command(
    FAMILY,
    None,
    Arg("language", "语言", Kind.LANGUAGE, example=("zh", "中文")),
    allow="anyone",
    summary=_("Set this room's language: zh, en or both"),
    examples=("/lang en", "/语言 中文"),
)
async def set_language(context: Context, args: Args) -> Document:
    """Set the language in which Lianzhi speaks in this room, or show it with the choices."""
    context.narrow()
    wanted = args.optional_text("language")
    if wanted is None:
        return say(
            _("This room's language: {language}", language=NAMES[context.place.language]),
            buttons=(
                Button("中文", "/lang zh"),
                Button("English", "/lang en"),
                Button("中文 + English", "/lang both"),
            ),
        )
    room = await context.uow.rooms.get(context.place.id)
    assert room is not None
    room.language, room.language_set = wanted, True
    await context.uow.ledger.append(
        "room.language",
        context.now,
        actor=context.actor.account,
        room=context.place.id,
        language=wanted,
    )
    return say(_("From now on I speak {language} here.", language=NAMES[wanted]))
