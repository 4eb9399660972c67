"""`/form`: the forms of the incident command system, filled from what is known, as PDF."""

from __future__ import annotations

import re
from dataclasses import replace
from zoneinfo import ZoneInfo

from handlers.cards import continuity as packs, incident as incidents
from handlers.cards.forms import paper
from handlers.cards.labels import TYPES
from handlers.context import Context
from handlers.document import Block, Bullets, Button, Document, Heading, Para, say
from handlers.families.incident import WHICH
from handlers.meant import somebody
from handlers.registry import Arg, Choice, Family, Name, command
from handlers.ringing import Rings, Wake
from handlers.values import Args, Kind, Named, Person, Reference
from storage.tables import Incident
from workflows.continuity import serials, service
from workflows.errors import Refusal
from workflows.incidents.record import By
from workflows.incidents.rules import OVER
from workflows.incidents.scene import rooms_of, to_act_in
from workflows.organisation.scene import at as at_
from workflows.periods.service import PACK
from workflows.plans.facts import Facts, gather, one
from workflows.plans.forms import contact
from workflows.plans.forms.catalogue import FORMS, TITLES
from workflows.plans.rules import State as PlanState
from workflows.plans.sheets import Sheet
from workflows.text import _

FAMILY = Family(Name("form", "表单"), _("ICS forms, filled from what is known, as PDF"))

CODE = Arg(
    "form",
    "表号",
    Kind.CHOICE,
    required=True,
    question=_("Which form?"),
    choices=tuple(
        Choice(code, TITLES[code], (code, f"ICS{code}", f"ICS {code}", f"ICS-{code}", f"表{code}"))
        for code in FORMS
    ),
    example=("202", "202"),
)
OFFERED = ("201", "202", "203", "207")
LIANZHI = By(None, None, "Lianzhi")


@command(
    FAMILY,
    None,
    allow="reader",
    summary=_("Show which forms there are"),
    examples=("/form", "/表单"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """The list of the forms."""
    context.narrow()
    incident = await context.incident()
    blocks: list[Block] = [
        Heading(incidents.name(incident)),
        Para(_("Forms, filled from what is known. Ask for one: /form 202")),
        Bullets(
            tuple(_("{form} {title}", form=f"ICS {each}", title=TITLES[each]) for each in FORMS)
        ),
    ]
    me = f"incident=I{incident.id}"
    return Document(
        tuple(blocks), tuple(Button(f"ICS {each}", f"/form {each} {me}") for each in OFFERED)
    )


@command(
    FAMILY,
    None,
    CODE,
    Arg("text", "内容", Kind.TEXT, example=("Send 3 pumps to the gate", "派3台水泵到东门")),
    Arg("to", "致", Kind.TEXT, positional=False, example=("Logistics", "后勤部")),
    Arg("subject", "事由", Kind.TEXT, positional=False, example=("Pumps", "水泵")),
    Arg("person", "人", Kind.PERSON, positional=False, example=("@anna", "@anna")),
    Arg("of", "对象", Kind.REFERENCE, positional=False, letters="RU", example=("R2", "R2")),
    WHICH,
    allow="reader",
    summary=_("Send an ICS form as PDF, filled from what is known"),
    examples=("/form 202", "/表单 202"),
)
async def form(context: Context, args: Args) -> Document:
    """The PDF follows in the room's language. A text, to and subject are for the general message
    (213), a person for the activity log (214), else it is of who asks; `of` is one request (213RR)
    or one unit (221), else there is a sheet for each."""
    context.narrow()
    incident = await context.incident()
    code = args.text("form")
    facts = await _facts(context, incident)
    if code == "213":
        sheets: tuple[Sheet, ...] = (
            contact.ics213(
                facts,
                args.optional_text("to") or "",
                args.optional_text("subject") or "",
                args.optional_text("text") or "",
            ),
        )
    else:
        named, of = args.optional_person("person"), args.optional_reference("of")
        if (text := args.optional_text("text")) is not None:
            named, of = _meant(code, text, named, of)
        if code == "214":
            facts = await _of_person(context, incident, facts, named)
        if of is not None:
            facts = one(facts, of.letter, of.number)
        sheets = FORMS[code](facts)
    caption = _("{form} {title}", form=f"ICS {code}", title=TITLES[code])
    made = paper(facts, sheets, f"I{incident.id}-ICS{code}", caption)
    return Document(
        (
            Heading(incidents.name(incident)),
            Para(_("{form} follows as PDF.", form=caption)),
        ),
        papers=(made,),
    )


@command(
    FAMILY,
    Name("pack", "应急包"),
    WHICH,
    allow="staff",
    summary=_("Everything to go on by paper and radio, as one file: when the network falls"),
    examples=("/form pack", "/表单 应急包"),
)
async def pack(context: Context, args: Args) -> Document:
    """PDF and CSV in one zip; each time with blank forms of new serials."""
    context.narrow()
    incident = await to_act_in(context.uow, (await context.incident()).id)
    return await packs.pack(context.uow, incident, by=context.by(), now=context.now)


@command(
    FAMILY,
    Name("blank", "空白"),
    CODE,
    Arg(
        "count",
        "份数",
        Kind.INTEGER,
        minimum=1,
        maximum=service.MOST,
        example=("5", "5"),
    ),
    WHICH,
    allow="staff",
    summary=_("Give out blank forms with serial numbers, to be filled in by hand"),
    examples=("/form blank 213 5", "/表单 空白 213 5"),
)
async def blank(context: Context, args: Args) -> Document:
    """Each serial is given out once."""
    context.narrow()
    incident = await to_act_in(context.uow, (await context.incident()).id)
    code = args.text("form")
    given = await service.give_out(
        context.uow,
        incident,
        {code: args.optional_integer("count") or 1},
        by=context.by(),
        now=context.now,
    )
    made = packs.blanks(Facts(incident, ZoneInfo(incident.zone), context.now), given)
    return Document(
        (
            Heading(incidents.name(incident)),
            Para(
                _(
                    "Blank {form} follows as PDF: {serials}",
                    form=f"ICS {code}",
                    serials=tuple(each.serial for each in given),
                )
            ),
        ),
        papers=(made,),
    )


@command(
    FAMILY,
    Name("enter", "补录"),
    Arg(
        "serial",
        "编号",
        Kind.WORD,
        required=True,
        question=_("Which serial number stands on the form?"),
        example=("I3-213-007K", "I3-213-007K"),
    ),
    Arg(
        "text",
        "内容",
        Kind.TEXT,
        required=True,
        question=_("What was written on the form?"),
        example=("Gate valve shut at 03:10", "3点10分闸阀已关"),
    ),
    Arg("at", "时间", Kind.TIME, positional=False, when="past", example=("03:10", "03:10")),
    WHICH,
    allow="reporter",
    summary=_("Enter what was written on a paper form, by its serial number; twice is once"),
    examples=("/form enter I3-213-007K Valve shut", "/表单 补录 I3-213-007K 闸阀已关"),
)
async def enter(context: Context, args: Args) -> Document:
    """It goes into the timeline of the incident that the serial names."""
    at = args.optional_time("at")
    serial, number = serials.read(args.text("serial"))
    if number != (await context.incident()).id:
        raise Refusal(
            "form-elsewhere",
            _(
                "{serial} is a form of {incident}, which is not this room's incident. Enter it "
                "there, or add incident={incident}.",
                serial=serial,
                incident=f"I{number}",
            ),
        )
    entered = await service.enter(
        context.uow,
        serial,
        args.text("text"),
        by=context.by(),
        now=context.now,
        at=None if at is None else at.at,
    )
    reference = f"L{entered.form.entry}"
    if entered.again:
        context.narrow()
        return say(
            _("{serial} was entered already, as {reference}. Nothing was done twice.",
              serial=serial, reference=reference)
        )  # fmt: skip
    text = _("{serial} is entered, as {reference} of the timeline.", serial=serial,
             reference=reference)  # fmt: skip
    words = entered.form.words or ""
    if entered.form.code == "213RR" and "\n" not in words:
        again = f"/request {words} incident=I{number}"
        return say(text, buttons=(Button(_("Make it a request"), again),))
    return say(text)


async def _facts(context: Context, incident: Incident) -> Facts:
    # What people wrote for a plan is read by all once that is published.
    known = await context.uow.plans.latest(incident.id, PlanState.PUBLISHED)
    return await gather(
        context.uow,
        incident,
        context.now,
        person_id=context.actor.person_id,
        name=context.actor.name,
        kind=TYPES.get(incident.type or "", ""),
        words=None if known is None else known.words,
    )


_OF = {"213RR": "R", "221": "U"}
_THING = re.compile(r"([a-z])(\d{1,9})", re.IGNORECASE)


def _meant(
    code: str, text: str, named: Person | None, of: Reference | None
) -> tuple[Person | None, Reference | None]:
    """Whom or what the words after a form's number name. Raises `Refusal` (`form-text`)."""
    word = text.strip()
    if code == "214" and named is None:
        if word.casefold() in ("me", "我"):
            return None, of
        if word.startswith("@"):
            return Person(Named.HANDLE, word[1:]), of
        return Person(Named.NAME, word), of
    thing = _THING.fullmatch(word)
    if thing is not None and of is None and thing[1].upper() == _OF.get(code):
        return named, Reference(thing[1].upper(), int(thing[2]))
    raise Refusal(
        "form-text",
        _(
            "“{text}” belongs to nothing on form {code}. For example: {example}",
            text=word[:60],
            code=code,
            example={
                "213RR": "/form 213RR R2",
                "214": "/form 214 @anna",
                "221": "/form 221 U5",
            }.get(code, f"/form {code}"),
        ),
    )


async def _of_person(
    context: Context, incident: Incident, facts: Facts, named: Person | None
) -> Facts:
    """The same facts with the events of one person."""
    person_id, name, position = context.actor.person_id, facts.prepared, facts.position
    if named is not None:
        person = await somebody(context, named)
        assert person.id is not None
        person_id, name = person.id, person.name
        mine = await context.uow.organisation.of_person(incident.id, person_id, context.now)
        position = at_(mine[0]).title if mine else ""
    events = await context.uow.timeline.entries(incident.id, person_id=person_id, struck=False)
    return replace(facts, prepared=name, position=position, events=events)


async def packed(wake: Wake) -> None:
    """A period has ended: its continuity pack goes to every room of the incident."""
    period = await wake.uow.periods.by_id(int(wake.timer.subject))
    if period is None:
        return
    incident = await wake.uow.incidents.locked(period.incident_id)
    if incident is None or incident.state in OVER:
        return
    rooms = await rooms_of(wake.uow, incident.id)
    if not rooms:
        return
    made = await packs.pack(wake.uow, incident, by=LIANZHI, now=wake.now, period=period.number)
    await wake.actions.tell(wake.uow, rooms, made)


RINGS: Rings = {PACK: packed}
