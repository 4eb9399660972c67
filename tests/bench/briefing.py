"""How long a briefing of a large incident takes, from the store to both languages."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bot.catalogues import Catalogues
from bot.printing import in_language
from bot.speech import Speech
from handlers.cards import briefing as cards
from handlers.printed.press import Press
from storage import Store
from storage.tables import Briefing, Incident, Resource
from tests.bench.figure import Figure, ms, percentile
from tests.bench.stores import DATABASES, empty
from workflows.briefings.composing import compose
from workflows.briefings.facts import facts
from workflows.briefings.service import Noted
from workflows.sitreps.figures import Code

RESOURCES, ORDERS, SITREPS, OBJECTIVES, REQUESTS = 500, 200, 50, 20, 40
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
MILLISECONDS = 200.0
ROUNDS = 40
KINDS = ("消防车", "抢修车", "Ambulance", "推土机", "无人机", "围油栏")
TABLES = (
    *("objective", "orders", "resource", "sitrep", "sitrep_figure", "position", "check_in"),
    *("request", "hazard", "period", "meeting"),
)
"""What is read, by incident."""


async def fill(store: Store) -> int:
    """A large incident; its number."""
    async with store.write() as uow:
        incident = await uow.incidents.add(
            2026,
            title="3号阀室天然气管道泄漏",
            zone="Asia/Shanghai",
            state_at=NOW,
            started_at=NOW,
            reported_at=NOW,
        )
        people = [
            (await uow.people.see(f"telegram:{n}", NOW, name=f"人员{n}", handle=None,
                                  language="zh")).person_id
            for n in range(40)
        ]  # fmt: skip
        for n, role in enumerate(("commander", "safety", "operations", "planning", "logistics")):
            await uow.organisation.assign(
                incident.id, role, people[n], NOW - timedelta(hours=9), agency="消防"
            )
        for n in range(1, OBJECTIVES + 1):
            await uow.objectives.add(
                incident_id=incident.id, number=n, text=f"第{n}项目标：控制第{n}段泄漏",
                progress=n * 4, due=NOW + timedelta(hours=n - 4), state_at=NOW, made_at=NOW,
                made_by=people[0], priority="life",
            )  # fmt: skip
        for n in range(1, ORDERS + 1):
            await uow.orders.add(
                incident_id=incident.id, number=n, text=f"Order {n}: 巡查第{n}段管线并上报",
                kind="person", assignee=str(people[n % 40]), by_id=people[0], given_at=NOW,
                starts_at=NOW, due=NOW + timedelta(minutes=n * 10 - 300), state_at=NOW,
                state=("given", "acknowledged", "done")[n % 3],
            )  # fmt: skip
        await uow.resources.save(
            *(
                Resource(
                    incident_id=incident.id, number=n, name=f"U{n}", ident=f"u{n}",
                    category="vehicle", kind=KINDS[n % len(KINDS)], status_at=NOW, made_at=NOW,
                    status=("assigned", "available", "out")[n % 3], people=4,
                )
                for n in range(1, RESOURCES + 1)
            )
        )  # fmt: skip
        codes = list(Code)
        for n in range(1, SITREPS + 1):
            report = await uow.sitreps.add(
                incident_id=incident.id, number=n, by_id=people[n % 40], agency=f"单位{n % 4}",
                at=NOW, made_at=NOW, content={"status": "泄漏已控制八成，" * 10}, given=["status"],
                figures={str(code): n for code in codes}, lacking=[], photos=[],
            )  # fmt: skip
            for code in codes:
                await uow.sitreps.count(
                    incident_id=incident.id, sitrep_id=report.id, agency=f"单位{n % 4}",
                    code=str(code), value=n, at=NOW, by_id=people[n % 40],
                )  # fmt: skip
        for n in range(1, 31):
            await uow.safety.add_hazard(
                incident_id=incident.id, number=n, text=f"第{n}处燃气聚集", area="北岸",
                mitigation="禁止进入", state_at=NOW, made_at=NOW, name="王安全",
            )  # fmt: skip
        return incident.id


@dataclass
class Times:
    """Seconds of each part of each round."""

    composed: list[float] = field(default_factory=list)
    said: list[float] = field(default_factory=list)
    printed: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    @property
    def whole(self) -> list[float]:
        """Composed and rendered, without the paper."""
        return [sum(each) for each in zip(self.composed, self.said, strict=True)]


async def measured(store: Store, number: int, rounds: int) -> Times:
    """Compose from the store and render card and details in both languages, again and again."""
    speech, press, times = Speech(Catalogues.load(), ZoneInfo("Asia/Shanghai")), Press(), Times()
    row = Briefing(
        id=1, incident_id=number, number=7, due_at=NOW, made_at=NOW, content={}, recipients=[],
        asked=[],
    )  # fmt: skip
    before = None
    for at in range(rounds + 1):
        began = time.perf_counter()
        async with store.read() as uow:
            incident = await uow.incidents.get(number)
            assert isinstance(incident, Incident)
            now = NOW + timedelta(minutes=at)
            composed = compose(await facts(uow, incident, now, before=before, after="B6"))
        between = time.perf_counter()
        for language in ("zh", "en"):
            for document in (
                cards.card(row, composed, Noted((), ())),
                cards.details(row, composed, None),
            ):
                speech.html(document, language)
        said = time.perf_counter()
        if at < 4:
            paper = cards.paper(row, composed)
            for language in ("zh", "en"):
                press.make(paper.template, "pdf", in_language(paper, language, speech))
        printed = time.perf_counter()
        async with store.read() as uow:
            for table in TABLES:
                await uow.incidents.run(
                    text(f"SELECT * FROM {table} WHERE incident_id = :n"), {"n": number}
                )
        done = time.perf_counter()
        if at:
            times.composed.append(between - began)
            times.said.append(said - between)
            times.bare.append(done - printed)
            if at < 4:
                times.printed.append(printed - said)
        before = composed
    return times


async def briefing(quick: bool) -> list[Figure]:
    """On each database; the same rows read by bare statements beside it."""
    found: list[Figure] = []
    for database in DATABASES:
        async with empty(database) as store:
            times = await measured(store, await fill(store), 5 if quick else ROUNDS)
        p95 = percentile(times.whole, 0.95)
        found.append(
            Figure(
                f"briefing of {RESOURCES} resources, {ORDERS} orders, {SITREPS} sitreps, "
                f"{database}: composed and rendered in both languages, p95",
                f"{ms(p95)} (composed {ms(percentile(times.composed, 0.95))}); its two PDFs "
                f"{ms(percentile(times.printed, 0.5))}",
                f"the same rows by bare statements: {ms(percentile(times.bare, 0.95))}",
                f"≤ {MILLISECONDS:.0f} ms",
                p95 * 1000 <= MILLISECONDS,
            )
        )
    return found
