"""`/resource`: where units are: whose location stands for them, trackers, the picture."""

from __future__ import annotations

from handlers.cards import resource as cards, where
from handlers.context import Context
from handlers.document import Bullets, Button, Code, Document, Heading, Para, Span, say
from handlers.families.incident import WHICH
from handlers.families.resource import FAMILY, REF, own, told
from handlers.following import follow
from handlers.marking import Located, Place
from handlers.meant import somebody
from handlers.registry import Arg, Name, command
from handlers.values import Args, Kind
from workflows.errors import Refusal
from workflows.geo.points import Point
from workflows.resources import devices, service
from workflows.resources.service import called
from workflows.resources.tracking import Fix
from workflows.text import _


@command(
    FAMILY,
    Name("track", "跟踪", ("追踪位置", "定位")),
    REF,
    Arg("person", "人员", Kind.PERSON, aliases=("由",), example=("@anna", "@anna")),
    allow="incident-member",
    summary=_("The location that somebody shares (yourself, unless named) stands for a unit"),
    examples=("/resource track U5 @anna", "/资源 跟踪 U5 @anna"),
)
async def track(context: Context, args: Args) -> Document:
    """Oneself at once; somebody else has to agree by a tap."""
    incident = await context.incident()
    number = args.reference("unit").number
    typed = args.optional_person("person")
    resource = await service.named(context.uow, incident.id, number)
    me = await context.uow.people.person(context.actor.person_id)
    person = me if typed is None else await somebody(context, typed)
    assert person is not None
    if person.id != context.actor.person_id:
        resource = await own(context, number)
    asked = await devices.follow(context.uow, resource, person, by=context.by(), now=context.now)
    if asked.agreed_at is None:
        assert person.id is not None
        accounts = tuple(each.id for each in await context.uow.people.accounts(person.id))
        question = Document(
            (
                Para(
                    _(
                        "{name} asks you to share your location for {unit}. If you agree, the "
                        "live location that you share in a chat with me is shown to the rooms of "
                        "{incident} until the unit is released, or you write /resource untrack "
                        "{reference}.",
                        name=context.actor.name,
                        unit=called(resource),
                        incident=f"I{incident.id}",
                        reference=cards.me(resource),
                    )
                ),
            ),
            (Button(_("I agree"), f"/resource track {cards.me(resource)}", only=accounts),),
        )
        reached = await context.actions.tell_person(
            context.uow, person.id, question, otherwise=(context.place.id,)
        )
        context.narrow()
        if reached is None:
            raise Refusal(
                "resource-follow",
                _("{name} has not written to me yet and cannot be asked.", name=person.name),
            )
        return say(_("{name} is asked to agree.", name=person.name))
    await cards.refresh(context.uow, context.actions, incident, resource, context.now)
    return told(
        resource,
        _(
            "{name} shares a location for {unit}. Share a live location here or in private now; "
            "it is followed until it ends.",
            name=person.name,
            unit=called(resource),
        ),
    )


@command(
    FAMILY,
    Name("untrack", "停止跟踪", ("取消跟踪",)),
    REF,
    allow="reader",
    summary=_("End the tracking of a unit; who only shares a location for it ends that"),
    examples=("/resource untrack U5", "/资源 停止跟踪 U5"),
)
async def untrack(context: Context, args: Args) -> Document:
    """Whoever shares may always end it, without asking anybody."""
    incident = await context.incident()
    resource = await service.named(context.uow, incident.id, args.reference("unit").number)
    assert resource.id is not None
    standing = await context.standing()
    mine = [
        each for each in await context.uow.resources.followed(resource.id)
        if each.person_id == context.actor.person_id
    ]  # fmt: skip
    voice = service.speaks_for(resource, standing, context.actor.person_id)
    if not mine:
        service.require_voice(resource, standing, context.actor.person_id)
    ended = await devices.untrack(
        context.uow,
        resource,
        person_id=context.actor.person_id if mine and not voice else None,
        by=context.by(),
        now=context.now,
    )
    if not ended:
        context.narrow()
        return say(_("{unit} is not tracked.", unit=called(resource)))
    await cards.refresh(context.uow, context.actions, incident, resource, context.now)
    return told(
        resource,
        _("{name} ended the tracking of {unit}", name=context.actor.name, unit=called(resource)),
    )


@command(
    FAMILY,
    Name("device", "设备", ("tracker", "定位器")),
    REF,
    Arg("name", "名称", Kind.TEXT, example=("GPS 7", "7号定位器")),
    allow="incident-member",
    summary=_("Let an OwnTracks or Traccar tracker report where a unit is; its token comes to you"),
    examples=("/resource device U5 GPS 7", "/资源 设备 U5 7号定位器"),
)
async def device(context: Context, args: Args) -> Document:
    """The token is told once, and in private."""
    resource = await own(context, args.reference("unit").number)
    gate = context.means.gate
    context.narrow()
    if gate is None:
        raise Refusal(
            "resource-door",
            _(
                "Trackers cannot report here: the operator has not set [door] listen. A live "
                "location in the chat works: /resource track {reference}",
                reference=service.reference(resource),
            ),
        )
    name = args.optional_text("name") or "GPS"
    made = await devices.device(context.uow, resource, name, by=context.by(), now=context.now)
    secret = Document(
        (
            Heading(_("Tracker “{name}” of {unit}", name=made.device.name, unit=called(resource))),
            Bullets(
                (
                    Span((_("OwnTracks, mode HTTP, URL:"), " ",
                          Code(gate.link("track", made.token)))),
                    Span((_("Traccar Client, server URL:"), " ", Code(gate.link("traccar")), " ",
                          _("device identifier:"), " ", Code(made.token))),
                )
            ),
            Para(
                _(
                    "Whoever has this can say where {unit} is. Do not pass it on; /resource "
                    "untrack {reference} makes it worthless.",
                    unit=called(resource),
                    reference=cards.me(resource),
                )
            ),
        )
    )  # fmt: skip
    if context.place.private:
        return secret
    told_in = await context.actions.tell_person(context.uow, context.actor.person_id, secret)
    if told_in is None:
        raise Refusal(
            "resource-private",
            _("Write to me in private first: a tracker's token is not shown to a whole room."),
        )
    return say(_("The tracker's address has come to you in private."))


@command(
    FAMILY,
    Name("map", "分布图", ("地图", "where", "位置图")),
    WHICH,
    allow="reader",
    summary=_("A picture of where units, depots and the scene are"),
    examples=("/resource map", "/资源 分布图"),
)
async def draw(context: Context, args: Args) -> Document:
    """What is drawn also stands in words."""
    context.narrow()
    incident = await context.incident()
    return await where.picture(context.uow, incident, context.now)


async def located(place: Place) -> Document | None:
    """Where somebody is who shares a location for a unit, the unit is; nothing is answered."""
    context = place.context
    if place.named:
        return None
    for known in await context.uow.resources.carried_by(context.actor.person_id):
        await context.uow.incidents.locked(known.incident_id)
        resource = await context.uow.resources.get(known.incident_id, known.number)
        if resource is None:
            continue
        source = context.actor.name
        fix = Fix(context.now, Point(place.lat, place.lon), source)
        await follow(context.uow, context.actions, resource, fix, context.now)
    return None


LOCATED: Located = (located,)
