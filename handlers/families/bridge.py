"""`/bridge`: rooms that hear each other."""

from __future__ import annotations

from handlers.context import Context, Scope
from handlers.document import Block, Bold, Bullets, Button, Code, Document, Heading, Para, Span, say
from handlers.mixing import confirmed, waits
from handlers.registry import Arg, Family, Name, command
from handlers.values import Args, Kind
from workflows import bridges, mixing
from workflows.text import _

FAMILY = Family(Name("bridge", "桥接"), _("Rooms that hear each other"))

NAME = Arg("name", "名称", Kind.TEXT, example=("North shore", "北岸"))


@command(
    FAMILY,
    None,
    allow="anyone",
    summary=_("Show this room's bridges"),
    examples=("/bridge", "/桥接"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """The bridges of this room, with the usual next steps."""
    context.narrow()
    shown = await _listed(context)
    mine = (context.actor.account,)
    buttons = [Button(_("New bridge"), "/bridge new", only=mine)]
    buttons.append(Button(_("Join by code"), "/bridge join", only=mine))
    if await context.uow.bridges.of_room(context.place.id):
        buttons.append(Button(_("Code for another room"), "/bridge code", only=mine))
    return Document(shown.blocks, tuple(buttons) if context.actor.admin else ())


@command(
    FAMILY,
    Name("new", "新建"),
    Arg(
        "name",
        "名称",
        Kind.TEXT,
        required=True,
        question=_("What is the bridge called?"),
        example=("North shore", "北岸"),
    ),
    allow="admin",
    summary=_("Make a bridge with this room in it and get its code"),
    examples=("/bridge new North shore", "/桥接 新建 北岸"),
    private_ok=False,
)
async def new(context: Context, args: Args) -> Document:
    """A new bridge; its code opens it to other rooms for a day."""
    context.narrow()
    bridge, code = await bridges.create(
        context.uow,
        args.text("name"),
        room=context.place.id,
        actor=context.actor.account,
        now=context.now,
    )
    return _code(bridge.name, code)


@command(
    FAMILY,
    Name("code", "口令"),
    NAME,
    allow="admin",
    summary=_("Get a new code for this room's bridge"),
    examples=("/bridge code", "/桥接 口令"),
    private_ok=False,
)
async def code(context: Context, args: Args) -> Document:
    """A new code in place of the old one."""
    context.narrow()
    bridge, made = await bridges.renew_code(
        context.uow,
        room=context.place.id,
        name=args.optional_text("name"),
        actor=context.actor.account,
        now=context.now,
    )
    return _code(bridge.name, made)


@command(
    FAMILY,
    Name("join", "加入"),
    Arg(
        "code",
        "口令",
        Kind.TEXT,
        required=True,
        question=_("Which code did the other room show?"),
        example=("7KQ2MXPD", "7KQ2MXPD"),
    ),
    allow="admin",
    summary=_("Put this room into the bridge that the code opens"),
    examples=("/bridge join 7KQ2MXPD", "/桥接 加入 7KQ2MXPD"),
    private_ok=False,
)
async def join(context: Context, args: Args) -> Document:
    """From now on this room and the others hear each other; all of them are told."""
    joined = await bridges.join(
        context.uow,
        args.text("code"),
        room=context.place.id,
        actor=context.actor.account,
        now=context.now,
    )
    mixed = await mixing.of_bridge(context.uow, joined.name)
    if mixed is not None:
        document = waits(mixed)
        await _tell_others(context, mixed, document)
        return document
    context.scope = Scope.LINKED
    return Document(
        (
            Heading(_("Bridge “{name}”: these rooms now hear each other", name=joined.name)),
            _rooms(joined),
        )
    )


@command(
    FAMILY,
    Name("confirm", "确认"),
    NAME,
    allow="admin",
    summary=_("Let what is written in encrypted rooms into the bridge's other rooms"),
    examples=("/bridge confirm North shore", "/桥接 确认 北岸"),
    private_ok=False,
)
async def confirm(context: Context, args: Args) -> Document:
    """From now on the encrypted rooms are heard too; all of the bridge are told."""
    mixed = await mixing.confirm(
        context.uow,
        room=context.place.id,
        name=args.optional_text("name"),
        actor=context.actor.account,
        now=context.now,
    )
    document = confirmed(mixed, context.actor.name)
    await _tell_others(context, mixed, document)
    return document


@command(
    FAMILY,
    Name("list", "列表"),
    allow="anyone",
    summary=_("List the bridges of this room, for administrators all there are"),
    examples=("/bridge list", "/桥接 列表"),
)
async def list_all(context: Context, args: Args) -> Document:
    """The bridges of this room, or all of them for an administrator."""
    context.narrow()
    return await _listed(context)


@command(
    FAMILY,
    Name("leave", "退出"),
    NAME,
    allow="admin",
    summary=_("Take this room out of its bridge"),
    examples=("/bridge leave", "/桥接 退出"),
    private_ok=False,
)
async def leave(context: Context, args: Args) -> Document:
    """This room and the others no longer hear each other; all of them are told."""
    context.narrow()
    left = await bridges.leave(
        context.uow,
        room=context.place.id,
        name=args.optional_text("name"),
        actor=context.actor.account,
        now=context.now,
    )
    rest = tuple(room for room, _title in left.rooms)
    if rest:
        title = context.place.title or context.place.id
        await context.actions.tell(
            context.uow,
            rest,
            say(_("{room} has left the bridge “{name}”.", room=title, name=left.name)),
        )
    return say(_("This room has left the bridge “{name}”.", name=left.name))


async def _tell_others(context: Context, mixed: mixing.Mixed, document: Document) -> None:
    """Whoever hears whom: all rooms of the bridge are told."""
    context.narrow()
    others = tuple(room for room in mixed.rooms if room != context.place.id)
    await context.actions.tell(context.uow, others, document)
    await context.uow.seals.tell(mixed.bridge_id, context.now)


def _code(name: str, code: str) -> Document:
    return say(
        _("Bridge “{name}”: in the room that is to join, type", name=name),
        Bold(Code(f"/bridge join {code}", zh=f"/桥接 加入 {code}")),
        _("The code works for a day, for any number of rooms. Give it only to those meant."),
    )


async def _listed(context: Context) -> Document:
    shown = await bridges.listed(context.uow, room=context.place.id, everything=context.actor.admin)
    if not shown:
        return say(
            _("This room is in no bridge."),
            _("An administrator makes one with /bridge new NAME."),
        )
    blocks: list[Block] = []
    for each in shown:
        blocks += [Heading(each.name), _rooms(each)]
    return Document((Para(_("Bridges:")), *blocks))


def _rooms(shown: bridges.BridgeRooms) -> Bullets:
    return Bullets(
        tuple(
            Span((title, " ", Code(room)) if title else (Code(room),))
            for room, title in shown.rooms
        )
    )
