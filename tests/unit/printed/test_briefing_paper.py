"""A briefing on paper: all of it in each language, hostile words as they are, pages as approved."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from pypdf import PdfReader

from bot.catalogues import Catalogues
from bot.printing import in_language
from bot.speech import Speech
from handlers.cards import briefing as cards
from handlers.printed.press import Press
from storage.queries.briefings import Tally, Units
from storage.tables import (
    Briefing,
    Hazard,
    Incident,
    Meeting,
    Objective,
    Order,
    Period,
    Person,
    Position,
    SafetyMessage,
)
from tests.unit.printed.terms import agree
from tests.unit.printed.test_forms import HOSTILE, PICTURES, TOLERATED, moved, small, words
from workflows.briefings.composed import Composed, Part
from workflows.briefings.composing import compose
from workflows.briefings.facts import Facts, Shortfall
from workflows.briefings.weather import Forecast, Hour
from workflows.sitreps.figures import reconciled

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
LONG = "公路以北必须佩戴正压式空气呼吸器，禁止一切明火和发动机；听到三声长哨立即向南撤离。" * 8


@pytest.fixture(scope="module")
def press() -> Press:
    """One press with its fonts."""
    return Press()


@pytest.fixture(scope="module")
def speech() -> Speech:
    """Both languages."""
    return Speech(Catalogues.load(), ZoneInfo("Asia/Shanghai"))


def objective(number: int, text: str, progress: int, due: datetime | None = None) -> Objective:
    """An open objective."""
    return Objective(
        incident_id=3, number=number, text=text, progress=progress, due=due, state_at=NOW,
        made_at=NOW, made_by=1,
    )  # fmt: skip


def order(number: int, text: str, due: datetime | None = None) -> Order:
    """An order to 韩工 that is not acknowledged."""
    return Order(
        incident_id=3, number=number, text=text, kind="person", assignee="1", by_id=1,
        given_at=NOW, starts_at=NOW, due=due, state="given", state_at=NOW,
    )  # fmt: skip


def facts() -> Facts:
    """A leak in the middle of things, in two languages and long."""
    incident = Incident(
        id=3, year=2026, serial=3, title="3号阀室天然气管道泄漏事故应急处置（北岸工业园区）",
        event_level="II", response_level="II", place="北岸工业园区3号阀室", zone="Asia/Shanghai",
        state="active", state_at=NOW - 5 * HOUR, started_at=NOW, reported_at=NOW,
    )  # fmt: skip
    now = Hour(NOW, Decimal("8.4"), Decimal("0.2"), Decimal("4.1"), Decimal(7), 45, 61)
    return Facts(
        incident=incident,
        at=NOW,
        held=[
            (Position(incident_id=3, role="commander", person_id=1, since=NOW, agency="消防"),
             Person(id=1, name="李总指挥")),
            (Position(incident_id=3, role="operations", person_id=2, since=NOW, agency="Gas Co"),
             Person(id=2, name="Anna Schmidt")),
        ],
        objectives=[
            objective(1, "堵住3号阀室泄漏点，上下游阀门全部关闭并挂牌上锁", 80, NOW + 3 * HOUR),
            objective(2, "清点并安置转移群众，落实食宿和医疗保障", 35, NOW - HOUR),
            objective(3, "Air quality below the limit on the north shore", 10),
        ],
        orders=[order(1, "关闭3号阀并报告压力", NOW - HOUR), order(2, "Evacuate the north shore")],
        assignees={1: "韩工"},
        conflicts=1,
        units=[Units("消防车", "assigned", 9), Units("Ambulance", "available", 5)],
        shortfalls=[Shortfall("R3", "围油栏", "米", 120_000, 200_000, "urgent", NOW + HOUR)],
        safety=SafetyMessage(
            incident_id=3, number=1, text=LONG, made_at=NOW - HOUR, name="王安全"
        ),
        hazards=[
            Hazard(incident_id=3, number=1, text="桥下有燃气聚集", area="北岸",
                   mitigation="禁止进入", state_at=NOW, made_at=NOW, name="Han"),
        ],
        figures=reconciled(
            [Tally("消防", "injured", 11, NOW, None, False),
             Tally("医院", "injured", 12, NOW, None, False),
             Tally("公安", "evacuated", 1260, NOW, None, False)]
        ),
        period=Period(
            incident_id=3, number=2, starts_at=NOW, ends_at=NOW + 10 * HOUR, minutes=720,
            zone="Asia/Shanghai", made_at=NOW,
        ),
        meetings=[
            Meeting(incident_id=3, number=4, period_id=1, kind="tactics",
                    name={"zh": "战术会议", "en": "Tactics meeting"}, at=NOW + 4 * HOUR,
                    planned_at=NOW, changed_at=NOW)
        ],
        weather=Forecast(NOW, "weather.example", now, (replace(now, at=NOW + HOUR),)),
    )  # fmt: skip


def earlier() -> Composed:
    """The briefing two hours before: less was known."""
    known = facts()
    return compose(
        replace(known, at=NOW - 2 * HOUR, orders=known.orders[:1], units=(), weather=None,
                objectives=[objective(1, known.objectives[0].text, 40)], figures={})
    )  # fmt: skip


def composed(of: Facts) -> Composed:
    """As it is sent, half an hour late."""
    return compose(replace(of, before=earlier(), after="B6"), due=NOW - HOUR / 2)


def printed(press: Press, speech: Speech, of: Facts, language: str, form: str = "pdf") -> bytes:
    """The paper in a room's language."""
    row = Briefing(
        id=1, incident_id=3, number=7, due_at=NOW, made_at=NOW, content={}, recipients=[], asked=[]
    )
    paper = cards.paper(row, composed(of))
    return press.make(paper.template, form, in_language(paper, language, speech))


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_every_sentence_is_on_the_paper_in_each_language(
    press: Press, speech: Speech, language: str
) -> None:
    said = words(printed(press, speech, facts(), language))
    empty = "44136fa355b3678a"
    assert empty in said, "the digest of what it says, here of nothing"
    for section in composed(facts()).sections:
        sentences = [cards.PARTS[section.part], section.summary]
        sentences += [line.text for line in section.lines]
        for sentence in sentences:
            for line in speech.lines(sentence, language):
                assert "".join(line.split()) in said
        assert all(line.ref in said for line in section.lines)


def test_its_terms_are_those_of_the_glossary(press: Press, speech: Speech) -> None:
    english = printed(press, speech, facts(), "en")
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(english)).pages)
    assert agree("briefing", text, words(printed(press, speech, facts(), "zh"))) > 2


def test_all_parts_are_there_and_none_is_empty() -> None:
    made = composed(facts())
    assert [each.part for each in made.sections] == list(Part)
    assert all(each.lines for each in made.sections)


def test_what_people_typed_is_never_read_as_markup(press: Press, speech: Speech) -> None:
    of = replace(facts(), objectives=[objective(1, HOSTILE, 5)])
    assert "".join(HOSTILE.split()) in words(printed(press, speech, of, "both"))


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_the_page_looks_as_it_was_approved(press: Press, speech: Speech, language: str) -> None:
    """LIANZHI_WRITE_PICTURES=1 approves what is drawn now."""
    page = small(printed(press, speech, facts(), language, "png"))
    path = PICTURES / f"briefing-{language}.png"
    if os.environ.get("LIANZHI_WRITE_PICTURES"):
        page.quantize(16).save(path, optimize=True)
    assert moved(page, Image.open(path).convert("L")) < TOLERATED
