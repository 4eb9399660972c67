"""`/request commit`, `ship`, `arrive` and so on: what is promised, comes, is used and returned."""

from __future__ import annotations

from handlers.context import Context
from handlers.document import Document
from handlers.families.request import FAMILY
from handlers.families.request_telling import (
    AMOUNT,
    LINE,
    NOTE,
    PART,
    REF,
    acting,
    much,
    told,
)
from handlers.registry import Arg, Name, command
from handlers.values import Args, Kind
from workflows.requests import accepting, supply
from workflows.requests.rules import Move
from workflows.text import _

ETA = Arg("eta", "预计到达", Kind.TIME, positional=False, aliases=("到达",),
          example=("15:00", "15:00"))  # fmt: skip
TO = Arg("to", "给", Kind.TEXT, positional=False, leads=("to",), aliases=("交给", "队伍"),
         example=("team 1", "一队"))  # fmt: skip
SOME_OF_IT = (REF, AMOUNT, PART)
"""All that can take a step, or so much of it, or of one part."""
WHY = Arg(
    "reason",
    "原因",
    Kind.TEXT,
    required=True,
    positional=False,
    aliases=("说明",),
    question=_("What happened to it?"),
    example=("fell into the river", "落入河中"),
)


@command(
    FAMILY,
    Name("commit", "承诺", ("promise", "认领")),
    REF,
    AMOUNT,
    LINE,
    Arg("from", "来自", Kind.TEXT, positional=False, leads=("from",), aliases=("单位", "供应方"),
        example=("Police", "公安")),
    Arg("depot", "仓库", Kind.TEXT, positional=False, aliases=("库",), example=("D2", "D2")),
    ETA,
    NOTE,
    allow="incident-member",
    summary=_("Promise all of what is open, or a part, for your agency"),
    examples=("/request commit R1 2 eta=15:00", "/需求 承诺 R1 2辆 预计到达=15:00"),
)  # fmt: skip
async def commit(context: Context, args: Args) -> Document:
    """A part of the request, which from now on is followed by itself."""
    incident = await context.incident()
    eta = args.optional_time("eta")
    moved = await supply.commit(
        context.uow,
        incident.id,
        args.reference("request").number,
        await acting(context),
        much=much(args),
        line=args.optional_integer("line"),
        supplier=args.optional_text("from"),
        depot=args.optional_text("depot"),
        eta=None if eta is None else eta.at,
        note=args.optional_text("note"),
    )
    return await told(context, moved.whole, moved.text)


@command(
    FAMILY,
    Name("withdraw", "撤回", ("撤回承诺",)),
    *SOME_OF_IT,
    NOTE,
    allow="incident-member",
    summary=_("Take back what was promised and is not on its way"),
    examples=("/request withdraw R1 1", "/需求 撤回 R1 1辆"),
)
async def withdraw(context: Context, args: Args) -> Document:
    """It is open again."""
    return await _moved(context, args, Move.WITHDRAW)


@command(
    FAMILY,
    Name("ship", "发运", ("send", "发出", "发货")),
    *SOME_OF_IT,
    ETA,
    NOTE,
    allow="incident-member",
    summary=_("Say that what was promised is on its way"),
    examples=("/request ship R1 eta=15:00", "/需求 发运 R1 预计到达=15:00"),
)
async def ship(context: Context, args: Args) -> Document:
    """All of one's own parts, or so much of one."""
    return await _moved(context, args, Move.SHIP)


@command(
    FAMILY,
    Name("arrive", "到达", ("arrived", "抵达", "已到")),
    *SOME_OF_IT,
    NOTE,
    allow="incident-member",
    summary=_("Say that it has arrived; it is still to be accepted"),
    examples=("/request arrive R1", "/需求 到达 R1"),
)
async def arrive(context: Context, args: Args) -> Document:
    """It is there, not counted yet."""
    return await _moved(context, args, Move.ARRIVE)


@command(
    FAMILY,
    Name("accept", "验收", ("received", "签收")),
    *SOME_OF_IT,
    Arg("damaged", "损坏", Kind.QUANTITY, positional=False, aliases=("破损",),
        example=("1", "1")),
    Arg("missing", "短缺", Kind.QUANTITY, positional=False, aliases=("缺少",),
        example=("1", "1")),
    Arg("condition", "状况", Kind.TEXT, positional=False, aliases=("质量",),
        example=("scratched, works", "有划痕，可用")),
    allow="incident-member",
    summary=_("Accept what arrived, by quantity and condition; the rest is wanted again"),
    examples=("/request accept R1 2 damaged=1", "/需求 验收 R1 2辆 损坏=1"),
)  # fmt: skip
async def accept(context: Context, args: Args) -> Document:
    """Good, damaged, missing: nothing else, and all of it."""
    incident = await context.incident()
    moved = await accepting.accept(
        context.uow,
        incident.id,
        args.reference("request").number,
        accepting.Count(
            much(args), much(args, "damaged"), much(args, "missing"),
            args.optional_text("condition"),
        ),
        await acting(context),
        part=args.optional_integer("part"),
    )  # fmt: skip
    return await told(context, moved.whole, moved.text)


@command(
    FAMILY,
    Name("assign", "分派", ("分配",)),
    *SOME_OF_IT,
    TO,
    allow="incident-member",
    summary=_("Give what was accepted to those who use it"),
    examples=("/request assign R1 2 to team 1", "/需求 分派 R1 2辆 给=一队"),
)
async def assign(context: Context, args: Args) -> Document:
    """Who has it stands on the card."""
    return await _moved(context, args, Move.ASSIGN)


@command(
    FAMILY,
    Name("free", "收回", ("unassign",)),
    *SOME_OF_IT,
    allow="incident-member",
    summary=_("What was assigned is on hand again"),
    examples=("/request free R1 1", "/需求 收回 R1 1辆"),
)
async def free(context: Context, args: Args) -> Document:
    """It can be assigned anew."""
    return await _moved(context, args, Move.FREE)


@command(
    FAMILY,
    Name("consume", "消耗", ("used", "用完")),
    *SOME_OF_IT,
    NOTE,
    allow="incident-member",
    summary=_("Say that it is used up and will not come back"),
    examples=("/request consume R1 100", "/需求 消耗 R1 100米"),
)
async def consume(context: Context, args: Args) -> Document:
    """It is gone, by use."""
    return await _moved(context, args, Move.CONSUME)


@command(
    FAMILY,
    Name("return", "归还", ("returned", "退还")),
    *SOME_OF_IT,
    NOTE,
    allow="incident-member",
    summary=_("Say that it went back to whom it came from"),
    examples=("/request return R1", "/需求 归还 R1"),
)
async def give_back(context: Context, args: Args) -> Document:
    """What is on hand or assigned; if there is none, what came damaged."""
    return await _moved(context, args, Move.RETURN)


@command(
    FAMILY,
    Name("lost", "报失", ("lose", "丢失")),
    *SOME_OF_IT,
    WHY,
    allow="incident-member",
    summary=_("Say what was lost on scene, and how"),
    examples=("/request lost R1 1 reason=fell into the river", "/需求 报失 R1 1台 原因=落入河中"),
)
async def lose(context: Context, args: Args) -> Document:
    """A loss with a name and a reason."""
    return await _moved(context, args, Move.LOSE)


async def _moved(context: Context, args: Args, what: Move) -> Document:
    incident = await context.incident()
    eta = args.optional_time("eta")
    moved = await supply.move(
        context.uow,
        incident.id,
        args.reference("request").number,
        what,
        await acting(context),
        much=much(args),
        part=args.optional_integer("part"),
        eta=None if eta is None else eta.at,
        to=args.optional_text("to"),
        note=args.optional_text("note") or args.optional_text("reason"),
    )
    return await told(context, moved.whole, moved.text)
