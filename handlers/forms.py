"""Forms with a memory: the open question of a person in a room, its answer and its end.

The steps are `handlers.grammar.form`; here they are stored, so that a restart loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.context import Context
from handlers.document import Block, Button, Code, Document, Heading, Para, Span, say
from handlers.grammar.explain import explain
from handlers.grammar.form import Ask, Cancelled, Complete, Form, again, answer, begin
from handlers.grammar.outcome import Invocation
from handlers.grammar.situation import Situation
from handlers.registry import Language, Registry
from handlers.values import Args, Value
from storage import UnitOfWork
from storage.tables import FormRow
from workflows.text import Json, Msg, _

LIFE = timedelta(minutes=30)
"""How long a question waits for its answer."""

TIMER = "form"
"""The timer kind that ends a form; its subject is the form's id."""


_SHOWN = 40
"""Characters of an earlier answer on its button."""


class Lacks(Exception):
    """What a command raises before it changes anything: one argument is wanted, or wanted
    otherwise, and the `question` says why. `kept` are the others, which nobody types twice."""

    def __init__(self, argument: str, question: Msg, kept: Args) -> None:
        super().__init__(argument)
        self.argument = argument
        self.question = question
        self.kept = kept


@dataclass(frozen=True, slots=True)
class Asked:
    """A question was put: show `document`, then call `shown` with the message's id."""

    document: Document
    form: FormRow


@dataclass(frozen=True, slots=True)
class Submitted:
    """Everything is answered: run the invocation as if it had been typed so, with the reply
    that the command was typed in."""

    invocation: Invocation[Context]
    reply_to: int | None


@dataclass(frozen=True, slots=True)
class Left:
    """The person left the form; nothing is done."""

    document: Document


async def start(
    uow: UnitOfWork,
    invocation: Invocation[Context],
    *,
    room: str,
    account: str,
    reply_to: int | None,
    language: Language,
    now: datetime,
    last: Mapping[str, str] | None = None,
) -> Asked | Submitted:
    """Ask for what the invocation lacks. A form that was open here gives way to the new one.

    `last` are earlier answers by argument, which are offered.
    """
    step = begin(invocation)
    if isinstance(step, Complete):
        return Submitted(step.invocation, reply_to)
    hints: dict[str, Json] = {"last": dict(last or {})}
    return await _ask(uow, step, room, account, reply_to, language, now, hints)


async def ask_again(
    uow: UnitOfWork,
    invocation: Invocation[Context],
    lacks: Lacks,
    *,
    room: str,
    account: str,
    reply_to: int | None,
    language: Language,
    now: datetime,
) -> Asked:
    """Ask what a command found that it lacks."""
    step = again(invocation.command, lacks.kept.values, lacks.argument)
    hints: dict[str, Json] = {"questions": {lacks.argument: lacks.question.to_json()}}
    return await _ask(uow, step, room, account, reply_to, language, now, hints)


async def reply(
    uow: UnitOfWork,
    row: FormRow,
    text: str,
    *,
    registry: Registry[Context],
    situation: Situation,
) -> Asked | Submitted | Left:
    """The step after `text` as the answer to the open question."""
    try:
        form, reply_to = _stored(row)
        command = registry.command(form.command)
        command.arg(form.asking)
    except (KeyError, ValueError):
        # A later version may have another form of this command, or none.
        await _close(uow, row)
        return Left(say(_("This question is over.")))
    step = answer(form, command, text, situation)
    if isinstance(step, Ask):
        return await _ask(
            uow,
            step,
            row.room,
            row.account,
            reply_to,
            situation.language,
            situation.now,
            row.state.get("hints"),
        )
    await _close(uow, row)
    if isinstance(step, Cancelled):
        return Left(say(_("Left. Nothing was done.")))
    return Submitted(step.invocation, reply_to)


def given(row: FormRow) -> tuple[Mapping[str, Value], int | None]:
    """What is known already in an open form, and the message that its command was a reply to."""
    try:
        form, reply_to = _stored(row)
    except (KeyError, ValueError):
        return {}, None
    return form.values, reply_to


async def shown(uow: UnitOfWork, form: FormRow, message_id: int) -> None:
    """The question stands in the room as that message; buttons of earlier ones are over."""
    form.question_id = message_id


async def close(uow: UnitOfWork, room: str, account: str) -> bool:
    """Leave the open form; False if there is none."""
    row = await uow.forms.open(room, account)
    if row is None:
        return False
    await _close(uow, row)
    return True


async def expire(
    uow: UnitOfWork, form_id: int, registry: Registry[Context]
) -> tuple[FormRow, Document] | None:
    """End a form that was not answered in time: the form and what to say in its room."""
    row = await uow.forms.get(form_id)
    if row is None:
        return None
    closed = _("The form was not answered within half an hour and is closed. Nothing was done.")
    await _close(uow, row)
    try:
        form, _reply_to = _stored(row)
        command = registry.command(form.command)
    except (KeyError, ValueError):
        return row, say(closed)
    begin_again = Code(command.line("en"), zh=command.line("zh"))
    return row, say(Span((closed, " ", _("To begin again:"), " ", begin_again)))


async def _ask(
    uow: UnitOfWork,
    step: Ask,
    room: str,
    account: str,
    reply_to: int | None,
    language: Language,
    now: datetime,
    hints: Mapping[str, Json] | None = None,
) -> Asked:
    hints = dict(hints or {})
    state: dict[str, Json] = {"form": step.form.to_json(), "reply_to": reply_to, "hints": hints}
    row = await uow.forms.put(room, account, state, now + LIFE)
    assert row.id is not None
    await uow.timers.set(TIMER, str(row.id), row.until)
    blocks: list[Block] = []
    if step.problem is not None:
        blocks += explain(step.problem, language, answers_form=True).blocks
    asking = step.form.asking
    questions, earlier = hints.get("questions"), hints.get("last")
    own = questions.get(asking) if isinstance(questions, Mapping) else None
    blocks.append(Heading(step.question if own is None else Msg.from_json(own)))
    buttons: list[Button] = []
    last = earlier.get(asking) if isinstance(earlier, Mapping) else None
    if isinstance(last, str):
        blocks.append(Para(_("Last time: {answer}", answer=last)))
        short = last if len(last) <= _SHOWN else f"{last[: _SHOWN - 1]}…"
        label = _("As before: {answer}", answer=short)
        buttons.append(Button(label, last, only=(account,), answers_form=True))
    blocks.append(Para(_("Answer with your next message, or tap.")))
    buttons += [
        Button(offer.label, offer.answer, only=(account,), answers_form=True)
        for offer in step.offers
    ]
    return Asked(Document(tuple(blocks), tuple(buttons)), row)


async def _close(uow: UnitOfWork, row: FormRow) -> None:
    await uow.timers.drop(TIMER, str(row.id))
    await uow.forms.close(row)


def _stored(row: FormRow) -> tuple[Form, int | None]:
    reply_to = row.state.get("reply_to")
    return Form.from_json(row.state["form"]), reply_to if isinstance(reply_to, int) else None
