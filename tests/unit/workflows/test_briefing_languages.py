"""A briefing says the same in Chinese and in English, whatever there is to say."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st

from bot.catalogues import Catalogues
from bot.printing import in_language
from bot.richtext import to_plain
from bot.speech import Language, Speech
from handlers.cards import briefing as cards
from storage.queries.briefings import Units
from storage.tables import (
    Briefing,
    BriefingReceipt,
    CheckIn,
    Hazard,
    Incident,
    Meeting,
    Objective,
    Order,
    Period,
    Person,
    Position,
    SafetyMessage,
    Sitrep,
    SitrepFigure,
    TimelineEntry,
)
from workflows.briefings.composed import Composed
from workflows.briefings.composing import compose
from workflows.briefings.facts import Facts, Shortfall
from workflows.briefings.service import Noted
from workflows.briefings.weather import Forecast, Hour
from workflows.sitreps.figures import Code, reconciled
from workflows.text import Json

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

words = st.text("阀室北岸 Valve12:%-", min_size=1, max_size=12).map(
    lambda each: f"«{each.strip()}»"
)
"""Marked, so that none is a part of another."""
names = st.sampled_from(("Lee Min", "韩工", "Anna Schmidt", "王安全", "O'Neill"))
agencies = st.sampled_from(("", "消防", "Water", "医院"))
moments = st.integers(-3000, 3000).map(lambda minutes: NOW + timedelta(minutes=minutes))
maybe = st.one_of(st.none(), moments)
percents = st.integers(0, 100)
counts = st.integers(0, 2_000_000)


@st.composite
def an_objective(draw: st.DrawFn, number: int) -> Objective:
    return Objective(
        id=number,
        incident_id=3,
        number=number,
        text=draw(words),
        progress=draw(percents),
        due=draw(maybe),
        state=draw(st.sampled_from(("open", "open", "done", "dropped"))),
        state_at=NOW,
        made_at=NOW,
        made_by=1,
    )


@st.composite
def an_order(draw: st.DrawFn, number: int) -> Order:
    kind, assignee = draw(
        st.sampled_from(
            (("person", "1"), ("role", "operations/"), ("role", "branch/A"), ("agency", "消防"),
             ("team", "抢险一组"), ("person", "9"))
        )
    )  # fmt: skip
    return Order(
        id=number,
        incident_id=3,
        number=number,
        text=draw(words),
        kind=kind,
        assignee=assignee,
        by_id=1,
        given_at=NOW,
        starts_at=NOW,
        due=draw(maybe),
        state=draw(
            st.sampled_from(("held", "given", "acknowledged", "done", "declined", "withdrawn"))
        ),
        state_at=NOW,
    )


@st.composite
def an_hour(draw: st.DrawFn) -> Hour:
    tenths = st.integers(-300, 450).map(lambda n: Decimal(n) / 10)
    wind = st.integers(0, 400).map(lambda n: Decimal(n) / 10)
    return Hour(
        draw(moments),
        draw(tenths),
        draw(wind),
        draw(wind),
        draw(st.one_of(st.none(), wind)),
        draw(st.one_of(st.none(), st.integers(0, 360))),
        draw(st.one_of(st.none(), st.integers(0, 120))),
    )


@st.composite
def the_facts(draw: st.DrawFn) -> Facts:
    level = st.one_of(st.none(), st.sampled_from(("I", "II", "III", "IV")))
    incident = Incident(
        id=3,
        year=2026,
        serial=3,
        title=draw(words),
        zone="Asia/Shanghai",
        event_level=draw(level),
        response_level=draw(level),
        place=draw(st.one_of(st.none(), words)),
        state=draw(st.sampled_from(("declared", "active", "contained"))),
        state_at=draw(moments),
        started_at=NOW,
        reported_at=NOW,
    )
    figures = [
        SitrepFigure(
            incident_id=3, agency=draw(agencies), code=draw(st.sampled_from(list(Code))),
            value=draw(counts), at=NOW, by_id=1, settled=draw(st.booleans()),
        )
        for _each in range(draw(st.integers(0, 6)))
    ]  # fmt: skip
    held = [
        (
            Position(
                incident_id=3, role=role, label=label, person_id=at, since=NOW,
                agency=draw(agencies), deputy=draw(st.booleans()),
            ),
            Person(id=at, name=draw(names)),
        )
        for at, (role, label) in enumerate(
            draw(st.sets(st.sampled_from((("commander", ""), ("safety", ""), ("branch", "A")))))
        )
    ]  # fmt: skip
    units = [
        Units(draw(words), status, draw(st.integers(1, 2000)))
        for status in draw(st.sets(st.sampled_from(("available", "assigned", "out", "released"))))
    ]
    shortfalls = [
        Shortfall(f"R{n}", draw(words), draw(st.sampled_from(("", "m", "套"))),
                  draw(st.integers(1, 10**9)), draw(st.integers(1, 10**9)),
                  draw(st.sampled_from(("urgent", "routine"))), draw(maybe))
        for n in range(1, draw(st.integers(1, 4)))
    ]  # fmt: skip
    hazards = [
        Hazard(
            incident_id=3, number=n, text=draw(words), area=draw(st.one_of(st.none(), words)),
            mitigation=draw(st.one_of(st.none(), words)), state_at=NOW, made_at=NOW, name="Li",
        )
        for n in range(1, draw(st.integers(1, 4)))
    ]  # fmt: skip
    said = draw(st.booleans())
    meetings = [
        Meeting(
            incident_id=3, number=n, period_id=1, kind="tactics",
            name={"zh": "战术会议", "en": "Tactics meeting"}, at=draw(moments), planned_at=NOW,
            changed_at=NOW,
        )
        for n in range(1, draw(st.integers(1, 3)))
    ]  # fmt: skip
    entries = [
        TimelineEntry(incident_id=3, number=n, at=draw(moments), entered_at=NOW,
                      kind="log.written", name=draw(names), content={"text": draw(words)})
        for n in range(1, draw(st.integers(1, 4)))
    ]  # fmt: skip
    hours = tuple(draw(st.lists(an_hour(), max_size=4)))
    return Facts(
        incident=incident,
        at=NOW,
        held=held,
        objectives=[draw(an_objective(n)) for n in range(1, draw(st.integers(1, 5)))],
        orders=[draw(an_order(n)) for n in range(1, draw(st.integers(1, 6)))],
        assignees={1: draw(names)},
        conflicts=draw(st.integers(0, 3)),
        present=[
            CheckIn(incident_id=3, people=draw(st.integers(1, 3000)), eta=draw(maybe), in_at=NOW,
                    heard_at=NOW)
        ],
        units=units,
        shortfalls=shortfalls,
        safety=SafetyMessage(
            incident_id=3, number=1, text=draw(words), made_at=draw(moments), name=draw(names)
        )
        if said
        else None,
        hazards=hazards,
        figures=reconciled(figures),
        sitrep=Sitrep(incident_id=3, number=5, by_id=1, at=draw(moments), made_at=NOW),
        period=Period(
            incident_id=3, number=draw(st.integers(1, 99)), starts_at=NOW, ends_at=draw(moments),
            minutes=720, zone="Asia/Shanghai", made_at=NOW,
        )
        if said
        else None,
        meetings=meetings,
        weather=Forecast(NOW, "weather.example", draw(an_hour()), hours) if said else None,
        words=entries,
    )  # fmt: skip


@cache
def speech() -> Speech:
    """As the program speaks."""
    return Speech(Catalogues.load(), ZoneInfo("Asia/Shanghai"))


_DAY_ZH = re.compile(r"(\d{1,2})月(\d{1,2})日周.")
_DAY_EN = re.compile(rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ({'|'.join(MONTHS)}) (\d{{1,2}})")
_TOLD = re.compile(r"§\d+-\d+|\d\d:\d\d|[A-Z]\d+|\d+(?:,\d{3})*(?:\.\d+)?")


def told(text: str) -> Counter[str]:
    """Days, times, references and numbers in a text, each as often as it is there."""
    text = _DAY_ZH.sub(lambda day: f"§{int(day[1])}-{int(day[2])}", text)
    text = _DAY_EN.sub(lambda day: f"§{MONTHS.index(day[1]) + 1}-{int(day[2])}", text)
    return Counter(_TOLD.findall(text))


def shown(composed: Composed, language: Language) -> str:
    """Everything that a room of that language can read of it: card, details and PDF."""
    row = Briefing(
        id=1, incident_id=3, number=7, due_at=NOW, made_at=NOW, content={}, recipients=[], asked=[]
    )
    receipt = BriefingReceipt(briefing_id=1, person_id=1, name="Li", at=NOW)
    noted = Noted((receipt,), ((2, "韩工"),))
    documents = (cards.card(row, composed, noted), cards.details(row, composed, None))
    said = [to_plain(speech().html(each, language)) for each in documents]
    data = in_language(cards.paper(row, composed), language, speech())
    return "\n".join((*said, *_texts(data)))


def _texts(value: Json) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []


def typed(facts: Facts) -> set[str]:
    """What people have typed, and their names, that a briefing may show."""
    found = {facts.incident.title}
    found |= {each.text for each in facts.objectives} | {each.text for each in facts.orders}
    found |= {each.text for each in facts.hazards} | {each.kind for each in facts.units}
    found |= {each.kind for each in facts.shortfalls} | {person.name for _p, person in facts.held}
    return found


@settings(deadline=None, max_examples=60)
@given(the_facts(), the_facts(), st.integers(0, 200))
def test_both_languages_have_the_same_numbers_names_times_and_references(
    earlier: Facts, facts: Facts, late: int
) -> None:
    """Also for what changed since another state, and when it is late."""
    before = compose(earlier)
    facts = replace(facts, before=before, after="B6")
    composed = compose(facts, due=NOW - timedelta(minutes=late))
    chinese, english = shown(composed, "zh"), shown(composed, "en")
    assert told(chinese) == told(english)
    for each in typed(facts):
        assert chinese.count(each) == english.count(each), each
    both = shown(composed, "both")
    assert set(told(both)) == set(told(english))


@settings(deadline=None, max_examples=30)
@given(the_facts())
def test_it_is_kept_and_read_again_as_it_was(facts: Facts) -> None:
    composed = compose(facts, due=NOW - timedelta(hours=1))
    assert Composed.from_json(json.loads(json.dumps(composed.to_json()))) == composed


@settings(deadline=None, max_examples=20)
@given(the_facts())
def test_the_same_state_again_says_that_nothing_has_changed(facts: Facts) -> None:
    before = compose(replace(facts, words=()))
    assert compose(replace(facts, words=(), before=before, after="B6")).quiet


@settings(deadline=None, max_examples=30)
@given(the_facts())
def test_the_card_fits_a_phone_however_much_there_is(facts: Facts) -> None:
    row = Briefing(
        id=1, incident_id=3, number=7, due_at=NOW, made_at=NOW, content={}, recipients=[], asked=[]
    )
    for language in ("zh", "en"):
        document = cards.card(row, compose(facts), Noted((), ()))
        text = to_plain(speech().html(document, "zh" if language == "zh" else "en"))
        assert text.count("\n") <= 32
        assert len(text) <= 2500


def test_an_incident_of_which_nothing_is_known_is_told_in_one_line() -> None:
    incident = Incident(
        id=3, year=2026, serial=3, title="泄漏", zone="Asia/Shanghai", state="declared",
        state_at=NOW, started_at=NOW, reported_at=NOW,
    )  # fmt: skip
    composed = compose(Facts(incident=incident, at=NOW))
    row = Briefing(
        id=1, incident_id=3, number=7, due_at=NOW, made_at=NOW, content={}, recipients=[], asked=[]
    )
    assert composed.quiet
    text = to_plain(speech().html(cards.card(row, composed, Noted((), ())), "en"))
    assert text == "📋 Briefing B7 · I3 · 2026-003 · 泄漏 — nothing to report yet"
