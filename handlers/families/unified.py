"""`/unified`: commanders of several agencies who command together."""

from __future__ import annotations

from handlers.cards import incident as cards, plan as plan_cards
from handlers.context import Context, Scope
from handlers.document import Block, Bold, Bullets, Button, Document, Heading, Para, Quote
from handlers.families.incident import WHICH
from handlers.families.role import announced
from handlers.meant import somebody
from handlers.registry import Arg, Family, Name, command
from handlers.values import Args, Kind
from storage.tables import Agency, Approval, Incident, Person
from storage.tables.organisation import COMMANDER
from workflows import agencies
from workflows.errors import Refusal
from workflows.incidents.rules import one_line, reason as checked
from workflows.incidents.scene import rooms_of, to_act_in
from workflows.organisation import approval, unified
from workflows.organisation.scene import named
from workflows.plans import service as plans
from workflows.plans.rules import SIGNED
from workflows.text import Msg, _

FAMILY = Family(Name("unified", "联合指挥"), _("Several agencies command together"))

AGENCY = Arg(
    "agency",
    "单位",
    Kind.TEXT,
    required=True,
    question=_("Which agency?"),
    example=("Fire", "消防"),
)
WHICH_TEXT = Arg(
    "number",
    "编号",
    Kind.INTEGER,
    required=True,
    minimum=1,
    question=_("Which text? Its number."),
    example=("3", "3"),
)
READ = Arg(
    "text",
    "校验码",
    Kind.WORD,
    required=True,
    question=_("Which signs stand behind the text that you have read?"),
    example=("1a2b3c4d", "1a2b3c4d"),
)
SUBJECT = "text"
"""Of approvals that people ask for by `/unified ask`."""
LONGEST = 3000
QUOTED = 60
"""So much of a text says which one it is."""


@command(
    FAMILY,
    None,
    allow="reader",
    summary=_("Show who commands together, and what waits for their approval"),
    examples=("/unified", "/联合指挥"),
    card=True,
)
async def card(context: Context, args: Args) -> Document:
    """The same as the list."""
    return await _listed(context)


@command(
    FAMILY,
    Name("list", "列表"),
    WHICH,
    allow="reader",
    summary=_("Show who commands together, and what waits for their approval"),
    examples=("/unified list", "/联合指挥 列表"),
)
async def list_all(context: Context, args: Args) -> Document:
    """Agencies with their commanders, and open questions with those who are awaited."""
    return await _listed(context)


@command(
    FAMILY,
    Name("join", "加入"),
    AGENCY,
    Arg("person", "人", Kind.PERSON, positional=False, example=("@anna", "@anna")),
    WHICH,
    allow="command-or-liaison",
    summary=_("Let an agency command too, by its liaison officer or the person named"),
    examples=("/unified join Police person=@anna", "/联合指挥 加入 公安 人=@anna"),
)
async def join(context: Context, args: Args) -> Document:
    """Command decides at once; an agency's liaison officer asks command by a button."""
    incident = await context.incident()
    agency = await agencies.named(context.uow, args.text("agency"))
    named_ = args.optional_person("person")
    person = await (_liaison(context, agency) if named_ is None else somebody(context, named_))
    who = await context.standing()
    if not who.admin and not who.commands:
        return await _asked(context, incident, agency, person)
    await unified.join(context.uow, incident.id, agency, person, by=context.by(), now=context.now)
    text = _(
        "{agency} now commands too, by {name}. What command approves, all of them approve.",
        agency=agency.name,
        name=person.name,
    )
    assert person.id is not None
    await context.actions.tell_person(
        context.uow, person.id, Document((Heading(cards.name(incident)), Para(text)))
    )
    return await announced(context, incident, text)


@command(
    FAMILY,
    Name("leave", "退出"),
    AGENCY,
    WHICH,
    allow="command-or-liaison",
    summary=_("Let your agency command no longer"),
    examples=("/unified leave Police", "/联合指挥 退出 公安"),
)
async def leave(context: Context, args: Args) -> Document:
    """Its commander, its liaison officer or an administrator says so."""
    incident = await context.incident()
    agency = await agencies.named(context.uow, args.text("agency"))
    who = await context.standing()
    held = await context.uow.organisation.held(incident.id, context.now, role=COMMANDER)
    own = any(
        position.agency == agency.short and person.id == context.actor.person_id
        for position, person in held
    )
    if not (own or who.admin or agency.short in who.liaison_of):
        raise Refusal(
            "not-allowed",
            _(
                "Only {agency} itself lets go of the command: its commander or its Liaison "
                "Officer.",
                agency=agency.name,
            ),
        )
    settled = await unified.leave(
        context.uow, incident.id, agency, by=context.by(), now=context.now
    )
    text = _("{agency} no longer commands.", agency=agency.name)
    more = [await _settled(context, incident, each) for each in settled]
    return await announced(context, incident, text, *more)


async def _settled(context: Context, incident: Incident, asked: Approval) -> Msg:
    """What is decided now that somebody is no longer waited for."""
    if asked.subject != plans.SUBJECT:
        words = one_line(str(asked.words.get("text", "")))[:QUOTED]
        return _("“{words}”: {state}", words=words, state=approval.STATES[asked.state])
    plan = await plans.named(context.uow, incident, None, context.by(), context.now)
    card = await plan_cards.card(context.uow, incident, plan, context.now)
    await context.actions.show(context.uow, await rooms_of(context.uow, incident.id), card)
    if plan.state not in SIGNED:
        return _("Version {number} of the action plan was not approved", number=plan.number)
    return _(
        "Version {number} of the action plan is approved by all who command. /plan publish sends "
        "it out.",
        number=plan.number,
    )


@command(
    FAMILY,
    Name("ask", "征询"),
    Arg(
        "words",
        "内容",
        Kind.TEXT,
        required=True,
        question=_("Which text is to be approved?"),
        example=("Evacuate the north shore", "撤离北岸居民"),
    ),
    WHICH,
    allow="command",
    summary=_("Put a text to all commanders; it holds once each has approved the same one"),
    examples=("/unified ask Evacuate the north shore", "/联合指挥 征询 撤离北岸居民"),
)
async def ask(context: Context, args: Args) -> Document:
    """Each approves by a button; a newer text takes the place of one that still waits."""
    words = args.text("words").strip()
    if not any(sign.isalnum() for sign in words) or len(words) > LONGEST:
        raise Refusal(
            "approval-words",
            _("A text to be approved has words, at most {limit} characters.", limit=LONGEST),
        )
    incident = await to_act_in(context.uow, (await context.incident()).id)
    asked = await approval.ask(
        context.uow, incident, SUBJECT, {"text": words}, by=context.by(), now=context.now
    )
    context.scope = Scope.INCIDENT
    return await _question(context, incident, asked)


@command(
    FAMILY,
    Name("approve", "同意"),
    WHICH_TEXT,
    READ,
    WHICH,
    allow="command",
    summary=_("Approve a text that you have read"),
    examples=("/unified approve 3 1a2b3c4d", "/联合指挥 同意 3 1a2b3c4d"),
)
async def approve(context: Context, args: Args) -> Document:
    """What is approved is the very text behind which those signs stand."""
    return await _voiced(context, args, agreed=True, reason=None)


@command(
    FAMILY,
    Name("refuse", "不同意"),
    WHICH_TEXT,
    READ,
    Arg("reason", "原因", Kind.TEXT, example=("too early", "为时过早")),
    WHICH,
    allow="command",
    summary=_("Do not approve a text that you have read"),
    examples=("/unified refuse 3 1a2b3c4d too early", "/联合指挥 不同意 3 1a2b3c4d 为时过早"),
)
async def refuse(context: Context, args: Args) -> Document:
    """One refusal settles it."""
    typed = args.optional_text("reason")
    reason = None if typed is None else checked(typed)
    return await _voiced(context, args, agreed=False, reason=reason)


async def _voiced(context: Context, args: Args, *, agreed: bool, reason: str | None) -> Document:
    incident = await to_act_in(context.uow, (await context.incident()).id)
    asked = await approval.voice(
        context.uow,
        incident,
        args.integer("number"),
        args.text("text"),
        agreed=agreed,
        reason=reason,
        by=context.by(),
        now=context.now,
    )
    context.scope = Scope.INCIDENT
    text = (
        _("{name} approves.", name=context.actor.name)
        if agreed
        else _("{name} does not approve.", name=context.actor.name)
    )
    if reason is not None:
        text = _("{text} Reason: {reason}", text=text, reason=reason)
    blocks: list[Block] = [Heading(cards.name(incident)), _words(asked), Para(text)]
    blocks.append(Para(await _state(context, asked)))
    return Document(tuple(blocks))


async def _state(context: Context, asked: Approval) -> Msg:
    if asked.state == "asked":
        missing = await approval.waiting(context.uow, asked, context.now)
        return _("Still waiting for: {agencies}", agencies=missing)
    return approval.STATES[asked.state]


async def _question(context: Context, incident: Incident, asked: Approval) -> Document:
    which = f"{asked.id} {asked.digest[: approval.SHOWN]} incident=I{incident.id}"
    waiting = await approval.waiting(context.uow, asked, context.now)
    return Document(
        (
            Heading(
                _(
                    "{incident}: text {number} to be approved [{digest}]",
                    incident=cards.name(incident),
                    number=str(asked.id),
                    digest=asked.digest[: approval.SHOWN],
                )
            ),
            _words(asked),
            Para(_("Still waiting for: {agencies}", agencies=waiting)),
        ),
        (
            Button(_("Approve"), f"/unified approve {which}"),
            Button(_("Do not approve"), f"/unified refuse {which}"),
        ),
    )


def _words(asked: Approval) -> Quote:
    return Quote(str(asked.words.get("text", "")))


async def _liaison(context: Context, agency: Agency) -> Person:
    person = (
        None if agency.liaison_id is None else await context.uow.people.person(agency.liaison_id)
    )
    if person is None:
        raise Refusal(
            "unified-who",
            _("Say who commands for {agency}: person=@name.", agency=agency.name),
        )
    return person


async def _asked(context: Context, incident: Incident, agency: Agency, person: Person) -> Document:
    """An agency cannot put itself into command: those who command agree by a button."""
    if agency.short not in (await context.standing()).liaison_of:
        raise Refusal(
            "not-allowed",
            _("Only the Liaison Officer of {agency} asks for it.", agency=agency.name),
        )
    assert person.id is not None
    accounts = await context.uow.people.accounts(person.id)
    context.scope = Scope.INCIDENT
    other = accounts and person.id != agency.liaison_id
    who = f" person={accounts[0].id}" if other else ""
    return Document(
        (
            Heading(cards.name(incident)),
            Para(
                _(
                    "{agency} asks to command too, by {name}. Those who command decide:",
                    agency=agency.name,
                    name=person.name,
                )
            ),
        ),
        (Button(_("Agree"), f"/unified join “{agency.short}”{who} incident=I{incident.id}"),),
    )


async def _listed(context: Context) -> Document:
    context.narrow()
    incident = await context.incident()
    held = await context.uow.organisation.held(incident.id, context.now, role=COMMANDER)
    commanding = [(position, who) for position, who in held if not position.deputy]
    blocks: list[Block] = [Heading(cards.name(incident))]
    members = await context.uow.handovers.unified(incident.id)
    if members:
        blocks.append(Para(Bold(_("Unified Command:"))))
    else:
        blocks.append(
            Para(_("One agency commands. /unified join AGENCY lets another command too."))
        )
    blocks.append(Bullets(named(commanding)))
    for asked in await context.uow.approvals.asked(incident.id):
        said = one_line(str(asked.words.get("text", asked.subject)))
        blocks.append(
            Para(
                _(
                    "Text {number} [{digest}] “{words}” waits for: {agencies}",
                    number=str(asked.id),
                    digest=asked.digest[: approval.SHOWN],
                    words=said[:80],
                    agencies=await approval.waiting(context.uow, asked, context.now),
                )
            )
        )
    return Document(tuple(blocks))
