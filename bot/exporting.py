"""The timeline and the roster of an incident as a file: CSV for spreadsheets, JSON for programs."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.catalogues import Catalogues
from bot.post import Post
from bot.settings import Settings
from bot.speech import Speech
from bot.transports.base import Media
from bot.transports.web.files import FileStore
from handlers.document import say
from storage import Store, UnitOfWork, schema
from storage.tables import CheckIn, Incident, TimelineEntry, Timer
from workflows.errors import Refusal
from workflows.incidents import roster
from workflows.incidents.record import said
from workflows.incidents.rules import designation
from workflows.incidents.service import fields
from workflows.text import Json, Msg, _, ngettext

MOST = 20_000
"""Entries of one file."""

FORMATS = {"csv": "text/csv", "json": "application/json"}

COLUMNS = (
    _("Entry"),
    _("Time"),
    _("Written down"),
    _("Kind"),
    _("Person"),
    _("Agency"),
    _("Room"),
    _("Thing"),
    _("Text"),
    _("Struck"),
    _("Reason"),
    _("Message changed"),
    _("Ledger"),
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file is made of."""

    incident: Incident
    entries: Sequence[TimelineEntry]
    roster: Sequence[CheckIn]
    names: Mapping[int, str]
    """Of the people in the roster."""


async def take(uow: UnitOfWork, incident: Incident) -> Taken:
    """Read an incident's timeline and its check-ins, those that are over, too."""
    rows = await uow.roster.all(incident.id, present_only=False)
    names = {}
    for row in rows:
        person = None if row.person_id is None else await uow.people.person(row.person_id)
        if person is not None and row.person_id is not None:
            names[row.person_id] = person.name
    entries = await uow.timeline.entries(incident.id, limit=MOST)
    return Taken(incident, entries, rows, names)


def written(taken: Taken, kind: str, catalogues: Catalogues, language: str) -> bytes:
    """The file's content; times in the incident's zone, sentences in the language."""
    speech = Speech(catalogues, ZoneInfo(taken.incident.zone))
    return _csv(taken, speech, language) if kind == "csv" else _json(taken, speech)


def cell(value: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


def _csv(taken: Taken, speech: Speech, language: str) -> bytes:
    zone = speech.zone
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow([speech.text(each, language) for each in COLUMNS])
    for each in taken.entries:
        rows.writerow(
            cell(value)
            for value in (
                f"L{each.number}",
                _local(each.at, zone),
                _local(each.entered_at, zone),
                each.kind,
                each.name or "",
                each.agency or "",
                each.room or "",
                each.thing or "",
                _text(speech, said(each), language),
                _local(each.struck_at, zone),
                each.struck_reason or "",
                _local(each.changed_at, zone),
                "" if each.ledger_seq is None else str(each.ledger_seq),
            )
        )
    # Spreadsheets tell UTF-8 by its mark.
    return text.getvalue().encode("utf-8-sig")


def _json(taken: Taken, speech: Speech) -> bytes:
    incident, zone = taken.incident, speech.zone
    made: dict[str, Json] = {
        "incident": {
            "number": f"I{incident.id}",
            "designation": designation(incident.year, incident.serial),
            **fields(incident),
        },
        "timeline": [
            {
                "entry": f"L{each.number}",
                "at": each.at.astimezone(zone).isoformat(),
                "entered_at": each.entered_at.astimezone(zone).isoformat(),
                "kind": each.kind,
                "person": each.name,
                "agency": each.agency,
                "room": each.room,
                "thing": each.thing,
                "zh": _text(speech, said(each), "zh"),
                "en": _text(speech, said(each), "en"),
                "struck_at": _local(each.struck_at, zone) or None,
                "struck_reason": each.struck_reason,
                "changed_at": _local(each.changed_at, zone) or None,
                "ledger": each.ledger_seq,
            }
            for each in taken.entries
        ],
        "check_ins": [
            {**roster.fields(row), "name": row.name or taken.names.get(row.person_id or 0)}
            for row in taken.roster
        ],
    }
    return json.dumps(made, ensure_ascii=False, indent=1).encode()


def _text(speech: Speech, text: Msg | str, language: str) -> str:
    return text if isinstance(text, str) else speech.text(text, language)


def _local(at: datetime | None, zone: ZoneInfo) -> str:
    return "" if at is None else at.astimezone(zone).isoformat(sep=" ", timespec="seconds")


@dataclass(frozen=True)
class Exporting:
    """Writes a file that was asked for in a chat, and sends it there."""

    post: Post
    files: FileStore

    async def ring(self, uow: UnitOfWork, timer: Timer) -> None:
        """Make the file in each room's language and send it."""
        data = timer.data
        incident = await uow.incidents.get(int(data["incident"]))
        if incident is None:
            return
        rooms, kind = tuple(map(str, data["rooms"])), str(data["format"])
        known = await uow.rooms.many(rooms)
        taken = await take(uow, incident)
        media = {
            language: (await self._file(taken, kind, language),)
            for language in dict.fromkeys(room.language for room in known.values())
        }
        name = f"I{incident.id}"
        await self.post.tell(
            uow,
            rooms,
            say(_("Timeline of {incident}", incident=f"{name} · {incident.title}")),
            reply_to=int(data["reply_to"]) if data.get("reply_to") else None,
            media=media,
        )

    async def _file(self, taken: Taken, kind: str, language: str) -> Media:
        catalogues = self.post.speech.catalogues
        content = await asyncio.to_thread(written, taken, kind, catalogues, language)
        stored = await self.files.keep(_whole(content))
        return Media(
            network="web",
            kind="document",
            name=f"I{taken.incident.id}-timeline.{kind}",
            mime=FORMATS[kind],
            ref=(("sha256", stored.sha256),),
            size=stored.size,
            sha256=stored.sha256,
        )


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def export(
    settings: Settings,
    say_line: Callable[[Msg], None],
    catalogues: Catalogues,
    reference: str,
    target: Path,
) -> int:
    """`lianzhi export I3 FILE`: by the file's ending as CSV or JSON. Raises `Refusal`, `OSError`,
    `StoreUnavailable`, `SchemaNewer`."""
    kind, number = target.suffix.lower().removeprefix("."), reference.strip().upper()
    if kind not in FORMATS:
        raise Refusal("export-format", _("The file's name ends in .csv or .json."))
    file = settings.database_file
    digits = number.removeprefix("I")
    if not digits.isdecimal() or int(digits) >= 2**31 or (file and not _exists(file)):
        raise Refusal("export-unknown", _("There is no incident {reference}.", reference=reference))
    store = await Store.open(settings.database_url, migrate=False)
    try:
        found = await store.schema_version()
        if found is not None and found > schema.HEAD:
            raise schema.SchemaNewer(found)
        async with store.read() as uow:
            incident = await uow.incidents.get(int(digits)) if found is not None else None
            if incident is None:
                raise Refusal(
                    "export-unknown", _("There is no incident {reference}.", reference=reference)
                )
            taken = await take(uow, incident)
            content = written(taken, kind, catalogues, settings.speak)
    finally:
        await store.close()
    _write(target, content)
    say_line(ngettext("{n} entry was written.", "{n} entries were written.", len(taken.entries)))
    return 0


def _exists(path: Path) -> bool:
    return path.exists()


def _write(target: Path, content: bytes) -> None:
    if target.exists():
        raise Refusal(
            "export-exists",
            _("{path} is there already; name a file that is not.", path=str(target)),
        )
    target.write_bytes(content)
