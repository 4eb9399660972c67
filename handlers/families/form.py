"""`/form`: the forms of the incident command system, filled from what is known, as PDF."""

from __future__ import annotations

from handlers.cards import incident as incidents
from handlers.cards.forms import paper
from handlers.cards.labels import TYPES
from handlers.context import Context
from handlers.document import Block, Bullets, Button, Document, Heading, Para
from handlers.families.incident import WHICH
from handlers.registry import Arg, Choice, Family, Name, command
from handlers.values import Args, Kind
from workflows.plans.facts import gather
from workflows.plans.forms.catalogue import FORMS, TITLES
from workflows.text import _

FAMILY = Family(Name("form", "表单"), _("ICS forms, filled from what is known, as PDF"))

CODE = Arg(
    "form",
    "表号",
    Kind.CHOICE,
    required=True,
    question=_("Which form?"),
    choices=tuple(
        Choice(code, TITLES[code], (code, f"ICS{code}", f"ICS {code}", f"表{code}"))
        for code in FORMS
    ),
    example=("202", "202"),
)
OFFERED = ("201", "202", "203", "207")


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
        Bullets(tuple(_("ICS {code} {title}", code=each, title=TITLES[each]) for each in FORMS)),
    ]
    me = f"incident=I{incident.id}"
    return Document(
        tuple(blocks), tuple(Button(f"ICS {each}", f"/form {each} {me}") for each in OFFERED)
    )


@command(
    FAMILY,
    None,
    CODE,
    WHICH,
    allow="reader",
    summary=_("Send an ICS form as PDF, filled from what is known"),
    examples=("/form 202", "/表单 202"),
)
async def form(context: Context, args: Args) -> Document:
    """The PDF follows in the room's language."""
    context.narrow()
    incident = await context.incident()
    code = args.text("form")
    facts = await gather(
        context.uow,
        incident,
        context.now,
        person_id=context.actor.person_id,
        name=context.actor.name,
        kind=TYPES.get(incident.type or "", ""),
    )
    caption = _("ICS {code} {title}", code=code, title=TITLES[code])
    made = paper(facts, FORMS[code](facts), f"I{incident.id}-ICS{code}", caption)
    return Document(
        (
            Heading(incidents.name(incident)),
            Para(_("{form} follows as PDF.", form=caption)),
        ),
        papers=(made,),
    )
