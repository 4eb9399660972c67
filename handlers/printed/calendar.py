"""The meetings and periods of an incident as iCalendar (RFC 5545), for every phone's calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.printed.press import Press
from workflows.text import Json

STATUS = {"planned": "CONFIRMED", "held": "CONFIRMED"}
"""By the state of a meeting; any other is a cancelled one."""


def make(press: Press, form: str, data: Mapping[str, Json]) -> bytes:
    """The file: `name`, `zone` (IANA) and `events`, each with uid, starts, ends, changed (ISO
    8601), sequence, status, and summary, about and where as lines. The zone's own rules are in
    it, so that a phone elsewhere shows the right hour."""
    # A quarter of a second that only who asks for a calendar pays.
    from icalendar import Calendar, Event

    zone = ZoneInfo(str(data["zone"]))
    calendar = Calendar()
    calendar.add("prodid", "-//Lianzhi//Incident calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _lines(data["name"], " / "))
    calendar.add("x-wr-timezone", zone.key)
    events = data["events"]
    assert isinstance(events, Sequence)
    moments: list[datetime] = []
    for each in events:
        assert isinstance(each, Mapping)
        event = Event()
        starts = datetime.fromisoformat(str(each["starts"])).astimezone(zone)
        ends = datetime.fromisoformat(str(each["ends"])).astimezone(zone)
        moments += [starts, ends]
        event.add("uid", str(each["uid"]))
        event.add("dtstamp", datetime.fromisoformat(str(each["changed"])).astimezone(UTC))
        event.add("dtstart", starts)
        event.add("dtend", ends)
        event.add("summary", _lines(each["summary"], " / "))
        event.add("sequence", int(str(each["sequence"])))
        event.add("status", STATUS.get(str(each["status"]), "CANCELLED"))
        if about := _lines(each.get("about"), "\n"):
            event.add("description", about)
        if where := _lines(each.get("where"), " / "):
            event.add("location", where)
        calendar.add_component(event)
    if moments:
        year = timedelta(days=366)
        calendar.add_missing_timezones(
            first_date=(min(moments) - year).date(), last_date=(max(moments) + year).date()
        )
    return bytes(calendar.to_ical())


def _lines(value: Json, between: str) -> str:
    """A message as its lines, or lists of them, one after the other."""
    if value is None:
        return ""
    if isinstance(value, list):
        return between.join(filter(None, (_lines(each, between) for each in value)))
    return str(value)
