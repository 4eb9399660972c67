"""`/help`: what this person can do here, now."""

from __future__ import annotations

from handlers.context import Context
from handlers.document import Block, Bold, Bullets, Code, Document, Heading, Inline, Para, Span
from handlers.permission import may
from handlers.registry import Arg, Command, Entry, Family, Name, command
from handlers.values import Args, Kind
from workflows.errors import Refusal
from workflows.text import _

FAMILY = Family(Name("help", "帮助", ("?", "start")), _("What you can do here"))


@command(
    FAMILY,
    None,
    Arg("family", "命令", Kind.WORD, example=("bridge", "桥接")),
    allow="anyone",
    summary=_("What you can do here; with a command's name, all about that one"),
    examples=("/help bridge", "/帮助 桥接"),
)
async def show(context: Context, args: Args) -> Document:
    """All commands that this person may use, or one family in full."""
    wanted = args.optional_text("family")
    if wanted is None:
        return await _overview(context)
    entry = context.registry.family(wanted.lstrip("/／!！"))
    if entry is None:
        raise Refusal(
            "help-family",
            _("There is no command called “{name}”. /help shows all there are.", name=wanted),
        )
    return _in_full(entry)


async def _overview(context: Context) -> Document:
    allowed = {code: await may(context, code) for code in {each.allow for each in context.registry}}
    lines: list[Inline] = []
    for entry in context.registry.entries:
        if any(allowed[each.allow] for each in entry.commands):
            lines.append(Span((_name(entry.family), " — ", entry.family.summary)))
    closing: tuple[Block, ...] = (
        Para(_("More on one of them: /help and its name, such as “/help bridge”.")),
        Para(_("Whatever you write here is shown in the linked rooms, commands too.")),
    )
    return Document((Heading(_("Commands")), Bullets(tuple(lines)), *closing))


def _in_full(entry: Entry[Context]) -> Document:
    lines = [_command_line(each) for each in entry.commands]
    return Document(
        (Heading(Span((_name(entry.family), " — ", entry.family.summary))), Bullets(tuple(lines)))
    )


def _command_line(each: Command[Context]) -> Inline:
    english, chinese = each.examples
    return Span((_("{summary}:", summary=each.summary), " ", Code(english, zh=chinese)))


def _name(family: Family) -> Inline:
    return Bold(Code(f"/{family.name.en}", zh=f"/{family.name.zh}"))
