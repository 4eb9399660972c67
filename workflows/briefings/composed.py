"""A briefing as one value, before any language: every room's words are made from it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from workflows.text import Json, Msg


class Part(StrEnum):
    """The parts of a briefing, in the order in which they are read."""

    SITUATION = "situation"
    CHANGES = "changes"
    OBJECTIVES = "objectives"
    ORDERS = "orders"
    RESOURCES = "resources"
    SAFETY = "safety"
    WEATHER = "weather"
    ORGANISATION = "organisation"
    MEETINGS = "meetings"


class Mark(StrEnum):
    """What makes a line stand out."""

    NONE = ""
    GOOD = "good"
    WARN = "warn"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Line:
    """One fact: `ref` is the thing it is about (`O2`), else empty, `percent` how far that is."""

    text: Msg
    ref: str = ""
    mark: Mark = Mark.NONE
    percent: int | None = None

    def to_json(self) -> Json:
        """A JSON value from which `from_json` makes an equal line."""
        made: dict[str, Json] = {"text": self.text.to_json(), "ref": self.ref}
        if self.mark:
            made["mark"] = str(self.mark)
        if self.percent is not None:
            made["percent"] = self.percent
        return made

    @staticmethod
    def from_json(value: Json) -> Line:
        """Read what `to_json` wrote; ValueError for anything else."""
        match value:
            case {"text": text, "ref": str(ref), **more}:
                percent = more.get("percent")
                return Line(
                    Msg.from_json(text),
                    ref,
                    Mark(str(more.get("mark", ""))),
                    percent if isinstance(percent, int) else None,
                )
        raise ValueError("not a stored line")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a briefing: in one sentence, and line by line; `more` lines were left out."""

    part: Part
    summary: Msg
    lines: tuple[Line, ...] = ()
    more: int = 0
    mark: Mark = Mark.NONE

    def to_json(self) -> Json:
        """A JSON value from which `from_json` makes an equal section."""
        return {
            "part": str(self.part),
            "summary": self.summary.to_json(),
            "lines": [each.to_json() for each in self.lines],
            "more": self.more,
            "mark": str(self.mark),
        }

    @staticmethod
    def from_json(value: Json) -> Section:
        """Read what `to_json` wrote; ValueError for anything else."""
        match value:
            case {
                "part": str(part),
                "summary": summary,
                "lines": list(lines),
                "more": int(more),
                "mark": str(mark),
            }:
                return Section(
                    Part(part),
                    Msg.from_json(summary),
                    tuple(Line.from_json(each) for each in lines),
                    more,
                    Mark(mark),
                )
        raise ValueError("not a stored section")


@dataclass(frozen=True, slots=True)
class Composed:
    """What a briefing says at the moment `at`.

    `title` is the incident's. `since` is the moment and `after` the reference of the briefing
    before, None and empty for the first. `due` is when it was to be sent, if that is earlier than
    can be called on time. `quiet`: there is nothing to say. `marks` are the facts that the next
    briefing is compared with.
    """

    incident: int
    designation: str
    title: str
    at: datetime
    sections: tuple[Section, ...]
    since: datetime | None = None
    after: str = ""
    due: datetime | None = None
    quiet: bool = False
    marks: Mapping[str, str] = field(default_factory=dict)

    def section(self, part: Part) -> Section | None:
        """That part, if the briefing has it."""
        return next((each for each in self.sections if each.part is part), None)

    def to_json(self) -> dict[str, Json]:
        """A JSON object from which `from_json` makes an equal briefing."""
        return {
            "incident": self.incident,
            "designation": self.designation,
            "title": self.title,
            "at": self.at.isoformat(),
            "sections": [each.to_json() for each in self.sections],
            "since": None if self.since is None else self.since.isoformat(),
            "after": self.after,
            "due": None if self.due is None else self.due.isoformat(),
            "quiet": self.quiet,
            "marks": dict(self.marks),
        }

    @staticmethod
    def from_json(value: Mapping[str, Json]) -> Composed:
        """Read what `to_json` wrote; ValueError for anything else."""
        match value:
            case {
                "incident": int(incident),
                "designation": str(designation),
                "title": str(title),
                "at": str(at),
                "sections": list(sections),
                "since": None | str() as since,
                "after": str(after),
                "due": None | str() as due,
                "quiet": bool(quiet),
                "marks": dict(marks),
            }:
                return Composed(
                    incident,
                    designation,
                    title,
                    datetime.fromisoformat(at),
                    tuple(Section.from_json(each) for each in sections),
                    None if since is None else datetime.fromisoformat(since),
                    after,
                    None if due is None else datetime.fromisoformat(due),
                    quiet,
                    {name: str(mark) for name, mark in marks.items()},
                )
        raise ValueError("not a stored briefing")
