"""`/custody`: goods under a waybill, handed from one to the next, each hand-over recorded once."""

from __future__ import annotations

import hashlib

from handlers import posted
from handlers.cards import custody as cards, incident as incidents
from handlers.context import Context
from handlers.document import Block, Button, Document, Heading, Para, say
from handlers.escalating import LIANZHI
from handlers.families.incident import WHICH
from handlers.meant import place_meant, replied_spot, somebody
from handlers.registry import Arg, Family, Name, command
from handlers.ringing import Rings, Wake
from handlers.values import Args, Kind
from storage.tables import Consignment
from workflows.custody import evidence as proof, receiving, rules, service
from workflows.custody.evidence import Evidence, reference
from workflows.custody.rules import Event, State
from workflows.custody.service import Handing
from workflows.errors import Refusal
from workflows.geo import doubt
from workflows.geo.points import Point
from workflows.incidents.scene import rooms_of
from workflows.resources.places import scene
from workflows.text import _

FAMILY = Family(
    Name("custody", "交接", ("运单", "waybill")), _("Goods on their way: waybills, hand-overs")
)

HASHED = "custody.hashed"
"""The timer that is handed a file of the evidence."""

REF = Arg(
    "waybill",
    "运单",
    Kind.REFERENCE,
    required=True,
    letters="C",
    question=_("Which waybill?"),
    example=("C3", "C3"),
)
TOLD = (
    Arg("place", "地点", Kind.PLACE, positional=False, aliases=("位置",),
        example=("North gate", "北门")),
    Arg("note", "备注", Kind.TEXT, positional=False, aliases=("短缺", "损坏"),
        example=("2 bags torn", "破损2袋")),
    Arg("unit", "资源", Kind.REFERENCE, positional=False, letters="U", example=("U6", "U6")),
    Arg("order", "指令", Kind.REFERENCE, positional=False, letters="T", example=("T4", "T4")),
    Arg("again", "再次", Kind.YES, positional=False, example=("yes", "是")),
)  # fmt: skip


@command(
    FAMILY,
    None,
    Arg("code", "编码", Kind.TEXT, required=True,
        question=_("Which code stands below the QR code?"),
        example=("7K3Q-X9MT-2D4V", "7K3Q-X9MT-2D4V")),
    *TOLD,
    allow="anyone",
    summary=_("Take goods over by the code or link of their waybill; recorded once"),
    examples=("/custody 7K3Q-X9MT-2D4V note=2 bags torn", "/交接 7K3Q-X9MT-2D4V 备注=破损2袋"),
)  # fmt: skip
async def scan(context: Context, args: Args) -> Document:
    """Who has the code has seen the waybill: that is all the authority it takes."""
    consignment = await service.scanned(context.uow, args.text("code"))
    return await _taken(context, consignment, args, "scan")


@command(
    FAMILY,
    Name("new", "新建", ("发出",)),
    Arg("goods", "物资", Kind.TEXT, example=("200 sandbags, 2 pumps", "200条沙袋、2台水泵")),
    Arg("request", "需求", Kind.REFERENCE, positional=False, letters="R", example=("R12", "R12")),
    Arg("unit", "资源", Kind.REFERENCE, positional=False, letters="U", aliases=("承运",),
        example=("U5", "U5")),
    Arg("order", "指令", Kind.REFERENCE, positional=False, letters="T", example=("T4", "T4")),
    Arg("from", "起点", Kind.PLACE, positional=False, aliases=("发货地",),
        example=("East depot", "东库")),
    Arg("to", "终点", Kind.PLACE, positional=False, aliases=("送到", "目的地"),
        example=("School", "中心小学")),
    Arg("receiver", "收货人", Kind.TEXT, positional=False, example=("Anna", "王五")),
    WHICH,
    allow="incident-member",
    summary=_("Make a waybill with a QR code for goods that leave"),
    examples=(
        "/custody new 200 sandbags, 2 pumps request=R12 unit=U5 from=East depot to=School",
        "/交接 新建 200条沙袋、2台水泵 需求=R12 资源=U5 起点=东库 终点=中心小学",
    ),
)  # fmt: skip
async def new(context: Context, args: Args) -> Document:
    """The card in every room of the incident; the waybill where it was asked for."""
    incident = await context.incident()
    request, unit = args.optional_reference("request"), args.optional_reference("unit")
    order = args.optional_reference("order")
    origin = args.optional_place("from")
    if origin is not None:
        doubt.check(origin, scene(incident), incident.zone)
    destination = await place_meant(context, args.optional_place("to"), incident=incident)
    made = await service.send(
        context.uow,
        incident.id,
        service.Draft(
            goods=args.optional_text("goods"),
            origin=None if origin is None else str(origin),
            destination=None if destination is None else str(destination),
            receiver=args.optional_text("receiver"),
            request=None if request is None else request.number,
            order=None if order is None else order.number,
            unit=None if unit is None else unit.number,
        ),
        by=context.by(),
        now=context.now,
    )
    await cards.refresh(context.uow, context.actions, incident, made)
    context.narrow()
    return await cards.waybill(context.uow, incident, made, context.means.gate, context.now)


@command(
    FAMILY,
    Name("take", "接收", ("收货",)),
    REF,
    *TOLD,
    allow="reporter",
    summary=_("Take goods over from whoever has them; in reply to a photo, with that as evidence"),
    examples=("/custody take C3 place=North gate", "/交接 接收 C3 地点=北门 备注=破损2袋"),
)
async def take(context: Context, args: Args) -> Document:
    """Recorded once, however often it is tapped."""
    incident = await context.incident()
    consignment = await service.named(context.uow, incident.id, args.reference("waybill").number)
    standing = await context.standing()
    await receiving.may_take(context.uow, consignment, context.by(), standing)
    return await _taken(context, consignment, args, "tap")


async def _taken(context: Context, consignment: Consignment, args: Args, way: str) -> Document:
    uow, now = context.uow, context.now
    incident = await uow.incidents.get(consignment.incident_id)
    assert incident is not None
    # The answer is for whoever has it now; the incident's rooms are told below.
    context.narrow()
    context = context.about(incident)
    where = await place_meant(context, args.optional_place("place"), incident=incident)
    spot = await replied_spot(context) if where is None else None
    unit, order = args.optional_reference("unit"), args.optional_reference("order")
    evidence = await _evidence(context)
    handed = await service.hand(
        uow,
        consignment,
        Handing(
            place=None if where is None else str(where),
            spot=(None if where is None else where.point)
            if spot is None
            else Point(spot.lat, spot.lon),
            order=None if order is None else order.number,
            unit=None if unit is None else unit.number,
            note=args.optional_text("note"),
            evidence=evidence,
            again="again" in args and args.yes("again"),
            way=way,
        ),
        by=context.by(),
        now=now,
    )
    if not handed.new:
        return say(
            _(
                "{reference} is in your hands since {time} already. Nothing was changed.",
                reference=reference(consignment),
                time=handed.step.at,
            )
        )
    if evidence is not None:
        await _fetch(context, consignment, handed.step.step, evidence)
    text = handed.text
    await cards.refresh(uow, context.actions, incident, consignment)
    rooms = tuple(each for each in await rooms_of(uow, incident.id) if each != context.place.id)
    if rooms:
        await context.actions.tell(uow, rooms, say(text))
    giver = handed.step.from_id
    if giver is not None:
        await context.actions.tell_person(uow, giver, say(text))
    meant = await receiving.receivers(uow, consignment)
    for each in {consignment.made_by, *meant} - {giver, context.actor.person_id}:
        await context.actions.tell_person(uow, each, say(text))
    return Document(
        (Para(text),),
        (
            Button(f"C{consignment.number}", f"/custody show {cards.me(consignment)}"),
            Button(_("Delivered"), f"/custody deliver {cards.me(consignment)}"),
        ),
    )


async def _evidence(context: Context) -> Evidence | None:
    """The message that is answered, if it was a person's and not one of ours."""
    if context.reply_to is None:
        return None
    message = await context.uow.messages.get(context.reply_to)
    if message is None or message.id is None or message.account is None:
        return None
    words = context.actions.plain(message.content)
    said = f"{message.account}\n{message.at.isoformat()}\n{words}"
    return Evidence(message.id, hashlib.sha256(said.encode()).hexdigest(), posted.names(message))


async def _fetch(context: Context, consignment: Consignment, step: int, evidence: Evidence) -> None:
    for at, _name in enumerate(evidence.files):
        subject = f"{consignment.id}.{step}.{evidence.message}.{at}"
        wanted = posted.Wanted(evidence.message, then=HASHED, subject=subject, at=at)
        await posted.fetch(context.uow, wanted, context.now)


@command(
    FAMILY,
    Name("give", "移交", ("交给",)),
    REF,
    Arg("to", "给", Kind.PERSON, required=True, leads=("to",), question=_("To whom?"),
        example=("@anna", "@anna")),
    allow="incident-member",
    summary=_("Ask somebody to confirm by a tap that they have taken goods over"),
    examples=("/custody give C3 @anna", "/交接 移交 C3 @anna"),
)  # fmt: skip
async def give(context: Context, args: Args) -> Document:
    """Nothing changes until they confirm."""
    incident = await context.incident()
    consignment = await service.named(context.uow, incident.id, args.reference("waybill").number)
    rules.after(consignment.state, Event.HAND, reference(consignment))
    if consignment.holder_id != context.actor.person_id:
        raise Refusal(
            "custody-holder",
            _("{name} has {reference} now, not you.", name=consignment.holder,
              reference=reference(consignment)),
        )  # fmt: skip
    person = await somebody(context, args.person("to"))
    assert person.id is not None
    accounts = tuple(each.id for each in await context.uow.people.accounts(person.id))
    question = Document(
        (
            Para(
                _(
                    "{name} hands {reference} over to you: {goods}. Confirm once you have it.",
                    name=context.actor.name,
                    reference=cards.me(consignment),
                    goods=consignment.goods,
                )
            ),
        ),
        # Whoever is asked may take it without an agency, too: the button knows the code.
        (
            Button(
                _("I have received it"),
                f"/custody {rules.shown(consignment.code)}",
                only=accounts,
            ),
        ),
    )
    await context.actions.tell_person(
        context.uow, person.id, question, otherwise=(context.place.id,)
    )
    context.narrow()
    return say(_("{name} is asked to confirm.", name=person.name))


@command(
    FAMILY,
    Name("evidence", "凭证", ("证据",)),
    REF,
    allow="reporter",
    summary=_("As a reply: that photo or signature shows the last hand-over"),
    examples=("/custody evidence C3", "/交接 凭证 C3"),
    needs_reply=True,
)
async def evidence(context: Context, args: Args) -> Document:
    """Its SHA-256 goes into the ledger."""
    incident = await context.incident()
    consignment = await service.named(context.uow, incident.id, args.reference("waybill").number)
    found = await _evidence(context)
    if found is None:
        raise Refusal(
            "custody-evidence", _("Answer the photo or the message of the signature with that.")
        )
    step = await proof.show_evidence(
        context.uow, consignment, found, by=context.by(), now=context.now
    )
    await _fetch(context, consignment, step.step, found)
    await cards.refresh(context.uow, context.actions, incident, consignment)
    return say(
        _("{name} added evidence to {reference}", name=context.actor.name,
          reference=reference(consignment))
    )  # fmt: skip


@command(
    FAMILY,
    Name("show", "查看"),
    REF,
    allow="reader",
    summary=_("Show who has goods and through whose hands they went"),
    examples=("/custody show C3", "/交接 查看 C3"),
)
async def show(context: Context, args: Args) -> Document:
    """The card; from now on this one is kept up to date."""
    incident = await context.incident()
    found = await service.named(context.uow, incident.id, args.reference("waybill").number)
    return await cards.card(context.uow, incident, found)


@command(
    FAMILY,
    Name("waybill", "运单", ("打印", "print")),
    REF,
    allow="incident-member",
    summary=_("The waybill of goods as a PDF, with its QR code"),
    examples=("/custody waybill C3", "/交接 运单 C3"),
)
async def waybill(context: Context, args: Args) -> Document:
    """For this room alone: whoever has the code can take the goods over."""
    incident = await context.incident()
    found = await service.named(context.uow, incident.id, args.reference("waybill").number)
    context.narrow()
    return await cards.waybill(context.uow, incident, found, context.means.gate, context.now)


@command(
    FAMILY,
    Name("list", "列表"),
    WHICH,
    allow="reader",
    summary=_("List goods that are on their way, and who has them"),
    examples=("/custody list", "/交接 列表"),
)
async def list_all(context: Context, args: Args) -> Document:
    """Those that are over, too."""
    context.narrow()
    incident = await context.incident()
    known = await context.uow.custody.all(incident.id)
    going = [each for each in known if each.state == State.OPEN]
    title = _("Goods on their way in {incident}:", incident=incidents.name(incident))
    blocks: list[Block] = [Heading(title), *cards.listed(going)]
    if over := [each for each in known if each.state != State.OPEN]:
        blocks += [Heading(_("No longer on their way:")), *cards.listed(over)]
    return Document(tuple(blocks))


async def hashed(wake: Wake) -> None:
    """A file of the evidence was fetched: its hash goes into the ledger."""
    key, step, message, at = (int(each) for each in wake.timer.subject.split("."))
    got = posted.given(wake.timer.data)
    found = isinstance(got, posted.Fetched)
    await proof.fetched(
        wake.uow, key, step, message, at,
        got.sha256 if isinstance(got, posted.Fetched) else None,
        None if isinstance(got, posted.Fetched) else got,
        by=LIANZHI, now=wake.now,
    )  # fmt: skip
    consignment = await wake.uow.custody.by_id(key)
    if found and consignment is not None:
        incident = await wake.uow.incidents.get(consignment.incident_id)
        if incident is not None:
            await cards.refresh(wake.uow, wake.actions, incident, consignment)


RINGS: Rings = {HASHED: hashed}
