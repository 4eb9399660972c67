"""The timeline as people write it: entries, messages that are kept, what is struck.

An entry that was struck stays, with who struck it and why; of a message that is kept the words
stay as they were, whatever becomes of the message.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from storage import UnitOfWork
from storage.tables import Incident, Message, TimelineEntry
from workflows.errors import Refusal
from workflows.incidents import rules
from workflows.incidents.record import By, iso, record
from workflows.incidents.scene import rooms_of, to_act_in
from workflows.text import Json, Msg, _

LONGEST = 4000
"""Characters of an entry that is typed."""

EXCERPT = 200
"""Characters of a message that are told again when it changes."""

WRITTEN, QUOTED, PINNED = "log.written", "log.quoted", "log.pinned"
STRUCK, EDITED, DELETED = "log.struck", "log.edited", "log.deleted"


def words(typed: str) -> str:
    """What an entry says. Raises `Refusal` (`log-words`)."""
    lines = [rules.one_line(line) for line in typed.strip().splitlines()]
    shown = "\n".join(line for line in lines if line)
    if not shown:
        raise Refusal("log-words", _("An entry needs words: /log and what happened."))
    if len(shown) > LONGEST:
        raise Refusal(
            "log-words",
            _(
                "An entry has at most {limit} characters; yours has {length}. Write it as several.",
                limit=LONGEST,
                length=len(shown),
            ),
        )
    return shown


async def write(
    uow: UnitOfWork, number: int, typed: str, *, by: By, now: datetime, at: datetime | None = None
) -> TimelineEntry:
    """Somebody writes down what happened, at a moment that is not to come. Raises `Refusal`."""
    said = words(typed)
    incident = await to_act_in(uow, number)
    if at is not None and at > now:
        raise Refusal("log-time", _("That is still to come. The timeline has what happened."))
    return await record(
        uow,
        incident,
        WRITTEN,
        said,
        by=by,
        now=now,
        at=at,
        thing="L",
        changes={"text": said, "at": iso(at or now), "struck": None},
    )


async def keep(
    uow: UnitOfWork,
    number: int,
    message: Message,
    plain: str,
    *,
    kind: str,
    by: By,
    now: datetime,
) -> TimelineEntry | None:
    """Put a message into the timeline, at the time when it was written and as its author's.

    None if it is in it already. `plain` are its words. Raises `Refusal`.
    """
    incident = await to_act_in(uow, number)
    assert message.id is not None
    for entry in await uow.timeline.of_message(message.id):
        if entry.incident_id == incident.id and entry.struck_at is None:
            return None
    await _may_leave(uow, incident, message)
    said = plain.strip() or "…"
    return await record(
        uow,
        incident,
        kind,
        said,
        by=by,
        now=now,
        at=message.at,
        thing="L",
        changes={"text": said, "at": iso(message.at), "struck": None},
        message_id=message.id,
        original=message.content,
        params={"message": message.id, "author": message.account, "said_in": message.room},
        author=await _author(uow, message),
    )


async def release(
    uow: UnitOfWork, number: int, message: Message, *, by: By, now: datetime
) -> TimelineEntry | None:
    """A message is pinned no more: its entry is struck, if it was pinned. Raises `Refusal`."""
    assert message.id is not None
    for entry in await uow.timeline.of_message(message.id):
        if (entry.incident_id, entry.kind, entry.struck_at) == (number, PINNED, None):
            incident = await to_act_in(uow, number)
            return await _strike(uow, incident, entry, None, by=by, now=now)
    return None


async def strike(
    uow: UnitOfWork, number: int, entry: int, reason: str, *, by: By, now: datetime
) -> TimelineEntry:
    """Strike what somebody wrote or kept. Raises `Refusal`."""
    why = rules.reason(reason)
    incident = await to_act_in(uow, number)
    found = await known(uow, incident, entry)
    if found.kind not in (WRITTEN, QUOTED, PINNED):
        raise Refusal(
            "log-strike",
            _(
                "L{number} tells what was done, and stays. Only what somebody wrote is struck.",
                number=str(entry),
            ),
        )
    if found.struck_at is not None:
        raise Refusal("log-struck", _("L{number} is struck already.", number=str(entry)))
    return await _strike(uow, incident, found, why, by=by, now=now)


async def known(uow: UnitOfWork, incident: Incident, entry: int) -> TimelineEntry:
    """The entry of that number. Raises `Refusal` (`log-unknown`)."""
    found = await uow.timeline.get(incident.id, entry) if entry < 2**31 else None
    if found is None:
        raise Refusal(
            "log-unknown",
            _(
                "There is no entry {reference}. /log list shows those there are.",
                reference=f"I{incident.id}-L{entry}",
            ),
        )
    return found


async def note_change(
    uow: UnitOfWork, message: Message, *, before: str, after: str, gone: bool, by: By, now: datetime
) -> Sequence[TimelineEntry]:
    """A message was edited or taken back: where it is kept, that is noted; the entries of that."""
    assert message.id is not None
    noted = []
    for entry in await uow.timeline.of_message(message.id):
        if entry.struck_at is not None or (not gone and before == after):
            continue
        incident = await uow.incidents.locked(entry.incident_id)
        assert incident is not None
        reference = f"L{entry.number}"
        entry.original = entry.original or message.content
        entry.changed_at = now
        await uow.timeline.save(entry)
        text: Msg = (
            _("{name}'s message in {reference} was taken back", name=by.name, reference=reference)
            if gone
            else _(
                "{name} edited the message in {reference}; it reads now: {words}",
                name=by.name,
                reference=reference,
                words=_short(after),
            )
        )
        params: dict[str, Json] = {"message": message.id, "reads": None if gone else after}
        noted.append(
            await record(
                uow,
                incident,
                DELETED if gone else EDITED,
                text,
                by=by,
                now=now,
                thing=reference,
                changes={"changed_at": iso(now)},
                params=params,
            )
        )
    return noted


async def _strike(
    uow: UnitOfWork,
    incident: Incident,
    entry: TimelineEntry,
    reason: str | None,
    *,
    by: By,
    now: datetime,
) -> TimelineEntry:
    entry.struck_at, entry.struck_by, entry.struck_reason = now, by.person_id, reason
    await uow.timeline.save(entry)
    reference = f"L{entry.number}"
    text = (
        _("{name} took the pin off {reference}", name=by.name, reference=reference)
        if reason is None
        else _(
            "{name} struck {reference}. Reason: {reason}",
            name=by.name,
            reference=reference,
            reason=reason,
        )
    )
    await record(
        uow,
        incident,
        STRUCK,
        text,
        by=by,
        now=now,
        thing=reference,
        changes={"struck": iso(now), "reason": reason},
    )
    return entry


async def _may_leave(uow: UnitOfWork, incident: Incident, message: Message) -> None:
    """The timeline is read in every room of the incident, what is said in an encrypted one may
    have to stay there."""
    room = await uow.rooms.get(message.room)
    if room is None or not room.encrypted:
        return
    if await uow.seals.shut(message.room) & set(await rooms_of(uow, incident.id)):
        raise Refusal(
            "log-sealed",
            _(
                "That was said in an encrypted room whose bridge is not confirmed: it stays there. "
                "Write what matters yourself with /log."
            ),
        )


async def _author(uow: UnitOfWork, message: Message) -> By:
    account = None if message.account is None else await uow.people.account(message.account)
    return By(
        None if account is None else account.person_id,
        message.account,
        message.author or "",
        message.agency,
        message.room,
    )


def _short(text: str) -> str:
    line = rules.one_line(text)
    return line if len(line) <= EXCERPT else line[:EXCERPT].rstrip() + "…"
