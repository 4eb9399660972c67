"""`/resource`: units go home, once what they owe is signed (ICS 221)."""

from __future__ import annotations

from handlers.cards import demob as cards, resource as units
from handlers.context import Context, Scope
from handlers.document import Document
from handlers.escalating import tell_all
from handlers.families.resource import FAMILY, REF, own, told
from handlers.registry import Arg, Name, command
from handlers.values import Args, Kind
from storage.tables import Person
from workflows.resources import demobilisation, service
from workflows.resources.service import called
from workflows.text import _


@command(
    FAMILY,
    Name("demob", "撤收", ("demobilise", "demobilize", "撤离")),
    REF,
    Arg("at", "时间", Kind.TIME, positional=False, leads=("at",), aliases=("计划",),
        example=("18:00", "18:00")),
    Arg("to", "去向", Kind.TEXT, positional=False, leads=("to",), aliases=("目的地",),
        example=("Home base", "原驻地")),
    Arg("boxes", "签认项", Kind.TEXT, positional=False, many=True,
        example=("supply,time", "物资,工时")),
    Arg("reason", "原因", Kind.TEXT, positional=False,
        example=("issued nothing", "未领用物资")),
    allow="incident-member",
    summary=_(
        "A unit is to go home: shows what has to be signed before (form 221); fewer boxes only by "
        "command, with a reason"
    ),
    examples=("/resource demob U5 at 18:00 to Home base", "/资源 撤收 U5 时间=18:00 去向=原驻地"),
)  # fmt: skip
async def demob(context: Context, args: Args) -> Document:
    """Those who have to sign are told. With a reason, command names those alone that sign."""
    uow, now = context.uow, context.now
    incident = await context.incident()
    resource = await own(context, args.reference("unit").number)
    planned = args.optional_time("at")
    await demobilisation.ask(
        uow,
        resource,
        context.means.shelf,
        planned=None if planned is None else planned.at,
        destination=args.optional_text("to"),
        wanted=args.texts("boxes"),
        reason=args.optional_text("reason"),
        by=context.by(),
        standing=await context.standing(),
        now=now,
    )
    document = await cards.checkout(uow, incident, resource, now)
    people: dict[int | None, Person] = {}
    for box in await demobilisation.unsigned(uow, resource):
        for person in await demobilisation.signers(uow, incident, box, now):
            people[person.id] = person
    people.pop(context.actor.person_id, None)
    await tell_all(uow, context.actions, tuple(people.values()), document)
    context.scope = Scope.INCIDENT
    return document


@command(
    FAMILY,
    Name("sign", "签认", ("签字",)),
    REF,
    Arg("box", "项", Kind.WORD, required=True, question=_("Which box?"),
        example=("supply", "物资")),
    Arg("remarks", "备注", Kind.TEXT, example=("all returned", "已全部归还")),
    allow="staff",
    summary=_("Sign a box of a unit's demobilisation"),
    examples=("/resource sign U5 supply all returned", "/资源 签认 U5 物资 已全部归还"),
)  # fmt: skip
async def sign(context: Context, args: Args) -> Document:
    """What is left to be signed."""
    incident = await context.incident()
    resource = await service.named(context.uow, incident.id, args.reference("unit").number)
    await demobilisation.sign(
        context.uow,
        resource,
        context.means.shelf,
        args.text("box"),
        args.optional_text("remarks"),
        by=context.by(),
        standing=await context.standing(),
        now=context.now,
    )
    context.scope = Scope.INCIDENT
    return await cards.checkout(context.uow, incident, resource, context.now)


@command(
    FAMILY,
    Name("release", "归建", ("释放", "放行")),
    REF,
    Arg("override", "强制", Kind.TEXT, positional=False, aliases=("原因", "reason"),
        example=("urgently needed at home", "本地急需")),
    allow="resources",
    summary=_("A unit goes home; with boxes left unsigned only by command, with a reason"),
    examples=("/resource release U5", "/资源 归建 U5 强制=本地急需"),
)  # fmt: skip
async def release(context: Context, args: Args) -> Document:
    """The unit is no longer followed; its leader and every room are told."""
    incident = await context.incident()
    resource = await service.named(context.uow, incident.id, args.reference("unit").number)
    await demobilisation.release(
        context.uow,
        resource,
        args.optional_text("override"),
        by=context.by(),
        standing=await context.standing(),
        now=context.now,
    )
    context.scope = Scope.INCIDENT
    await units.refresh(context.uow, context.actions, incident, resource, context.now)
    text = _("{name} released {unit}", name=context.actor.name, unit=called(resource))
    document = told(resource, text)
    if resource.leader_id is not None and resource.leader_id != context.actor.person_id:
        await context.actions.tell_person(context.uow, resource.leader_id, document)
    return document
