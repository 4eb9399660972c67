"""The timeline as people read it: entries with their references, what is struck, what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handlers.cards.incident import line
from handlers.document import Bullets, Document, Heading, Inline, Para
from storage.tables import TimelineEntry
from workflows.text import Msg, _

KINDS: Mapping[str, Msg] = {
    "incident": _("the incident itself"),
    "role": _("roles and organisation"),
    "objective": _("objectives"),
    "order": _("orders"),
    "checkin": _("check-ins"),
    "alert": _("alerts"),
    "log": _("what people wrote"),
}
KIND_NAMES: Mapping[str, tuple[str, ...]] = {
    "incident": ("incident", "事件"),
    "role": ("role", "角色", "organisation", "organization", "组织"),
    "objective": ("objective", "目标"),
    "order": ("order", "指令"),
    "checkin": ("checkin", "签到"),
    "alert": ("alert", "警报"),
    "log": ("log", "日志", "pin", "标记"),
}
BEGINNINGS: Mapping[str, tuple[str, ...]] = {
    "role": ("role.", "unit.", "unified.", "handover."),
    "order": ("order.", "conflict."),
    "incident": ("incident.", "assessment.", "room."),
}
"""Of codes of the record; else the kind itself and a dot."""


def beginnings(kind: str | None) -> tuple[str, ...]:
    """The beginnings of the codes of a kind; empty for every kind."""
    return () if kind is None else BEGINNINGS.get(kind, (f"{kind}.",))


def entry_line(entry: TimelineEntry) -> Msg:
    """An entry on one line with its references; struck or changed where it is."""
    shown = line(entry)
    if entry.struck_at is not None:
        if entry.struck_reason is None:
            return _("(struck {time}) {entry}", time=entry.struck_at, entry=shown)
        return _(
            "(struck {time}: {reason}) {entry}",
            time=entry.struck_at,
            reason=entry.struck_reason,
            entry=shown,
        )
    if entry.changed_at is not None:
        return _("{entry} (as first written; changed {time})", entry=shown, time=entry.changed_at)
    return shown


def listed(heading: Inline, entries: Sequence[TimelineEntry], *, more: bool) -> Document:
    """Entries, the oldest first; `more` if there are others before."""
    if not entries:
        return Document((Heading(heading), Para(_("There is no such entry."))))
    blocks = (Heading(heading), Bullets(tuple(entry_line(each) for each in entries)))
    rest = (Para(_("There are earlier ones: since=TIME and until=TIME show them.")),)
    return Document((*blocks, *(rest if more else ())))
