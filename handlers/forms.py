"""Forms with a memory: the open question of a person in a room, its answer and its end.

The steps are `handlers.grammar.form`; here they are stored, so that a restart loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handlers import refused as refusals
from handlers.context import Context
from handlers.document import Block, Button, Code, Document, Heading, Para, Span, say
from handlers.folding import fold
from handlers.grammar.explain import explain
from handlers.grammar.form import (
    WITHOUT,
    Ask,
    Cancelled,
    Complete,
    Form,
    again,
    answer,
    begin,
    worded,
)
from handlers.grammar.outcome import Invocation
from handlers.grammar.situation import Situation
from handlers.registry import Language, Registry
from handlers.values import Args, Value
from storage import UnitOfWork
from storage.tables import FormRow
from workflows.errors import Refusal
from workflows.text import Json, Msg, _

LIFE = timedelta(minutes=30)
"""How long a question waits for its answer."""

TIMER = "form"
"""The timer kind that ends a form; its subject is the form's id."""


_SHOWN = 40
"""Characters of an earlier answer on its button."""


class Lacks(Exception):
    """What a command raises before it changes anything: one argument is wanted, or wanted
    otherwise, and the `question` says why. `kept` are the others, which nobody types twice.
    Without a `needed` argument nothing can be done: neither skipping nor sending is offered."""

    def __init__(self, argument: str, question: Msg, kept: Args, *, needed: bool = False) -> None:
        super().__init__(argument)
        self.argument = argument
        self.question = question
        self.kept = kept
        self.needed = needed


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
    if lacks.needed:
        hints["needed"] = lacks.argument
    return await _ask(uow, step, room, account, reply_to, language, now, hints)


async def refused(
    uow: UnitOfWork,
    invocation: Invocation[Context],
    refusal: Refusal,
    *,
    room: str,
    account: str,
    reply_to: int | None,
    language: Language,
    now: datetime,
) -> Asked | Left:
    """What follows when the command of a form that was answered is refused: the answer that would
    have to be another is asked for again, else it is said that the form is over."""
    command, wrong = invocation.command, refusal.argument
    if wrong is None or wrong not in invocation.args:
        over = _("Nothing was done and the form is closed. To begin again:")
        begin_again = Code(command.line("en"), zh=command.line("zh"))
        document = refusals.refused(refusal, account)
        return Left(
            replace(document, blocks=(*document.blocks, Para(Span((over, " ", begin_again)))))
        )
    kept = {name: value for name, value in invocation.args.values.items() if name != wrong}
    lacks = Lacks(wrong, refusal.text, Args(kept))
    return await ask_again(
        uow, invocation, lacks,
        room=room, account=account, reply_to=reply_to, language=language, now=now,
    )  # fmt: skip


async def reply(
    uow: UnitOfWork,
    row: FormRow,
    text: str,
    *,
    registry: Registry[Context],
    situation: Situation,
    said: Callable[[Msg], Iterable[str]],
) -> Asked | Submitted | Left:
    """The step after `text` as the answer to the open question. `said` is a sentence in each
    language, by which the words of a button are known."""
    try:
        form, reply_to = _stored(row)
        command = registry.command(form.command)
        command.arg(form.asking)
    except (KeyError, ValueError):
        # A later version may have another form of this command, or none.
        await _close(uow, row)
        return Left(say(_("This question is over.")))
    hints = row.state.get("hints")
    before = _before(hints, form.asking)
    if before is not None and fold(text) in map(fold, said(before.label)):
        text = before.answer
    else:
        text = worded(form, command, text, said)
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
            hints,
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
    questions = hints.get("questions")
    own = questions.get(asking) if isinstance(questions, Mapping) else None
    blocks.append(Heading(step.question if own is None else Msg.from_json(own)))
    buttons: list[Button] = []
    before = _before(hints, asking)
    if before is not None:
        blocks.append(Para(_("Last time: {answer}", answer=before.answer)))
        buttons.append(Button(before.label, before.answer, only=(account,), answers_form=True))
    blocks.append(Para(_("Answer with your next message, or tap.")))
    buttons += [
        Button(offer.label, offer.answer, only=(account,), answers_form=True)
        for offer in step.offers
        if hints.get("needed") != asking or offer.answer not in WITHOUT
    ]
    return Asked(Document(tuple(blocks), tuple(buttons)), row)


@dataclass(frozen=True, slots=True)
class _Before:
    """An earlier answer and the button that gives it again."""

    answer: str
    label: Msg


def _before(hints: Json, asking: str) -> _Before | None:
    """What was answered to that question before, if it is offered."""
    earlier = hints.get("last") if isinstance(hints, Mapping) else None
    last = earlier.get(asking) if isinstance(earlier, Mapping) else None
    if not isinstance(last, str):
        return None
    short = last if len(last) <= _SHOWN else f"{last[: _SHOWN - 1]}…"
    return _Before(last, _("As before: {answer}", answer=short))


async def _close(uow: UnitOfWork, row: FormRow) -> None:
    await uow.timers.drop(TIMER, str(row.id))
    await uow.forms.close(row)


def _stored(row: FormRow) -> tuple[Form, int | None]:
    reply_to = row.state.get("reply_to")
    return Form.from_json(row.state["form"]), reply_to if isinstance(reply_to, int) else None
