"""A chemical fire as forms know it: facts made by hand, in two languages and long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from storage.tables import (
    CheckIn,
    CommsLine,
    Hazard,
    Incident,
    Objective,
    Order,
    Period,
    Person,
    Position,
    Request,
    RequestLine,
    Resource,
    ResourceBooking,
    ResourceBox,
    ResourceCheckout,
    SafetyMessage,
    TimelineEntry,
)
from workflows.geo.points import Point
from workflows.organisation.assessment import Answers
from workflows.organisation.chart import Holder, Opened, Seat, tree
from workflows.organisation.scene import Scene
from workflows.plans.facts import Asked, Contact, Facts, Present, Release, Task, Told
from workflows.requests.limits import Spent
from workflows.resources.sketch import Thing
from workflows.sitreps.figures import Claim, Code, Figure

NOW = datetime(2026, 7, 18, 6, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")

HELD = (
    ("commander", "", "赵卫国", "消防"),
    ("safety", "", "Anna Weber", "Fire"),
    ("liaison", "", "钱丽", "应急局"),
    ("agency-rep", "", "孙环", "环保"),
    ("operations", "", "李强", "消防"),
    ("division", "A", "周勇", "消防"),
    ("division", "B", "买买提·阿不都热合曼", "管道公司"),
    ("planning", "", "吴敏", "应急局"),
    ("situation", "", "John Smith", "Fire"),
    ("logistics", "", "郑海", "管道公司"),
    ("communications", "", "王电", "管道公司"),
    ("finance", "", "冯计", "应急局"),
    ("experts", "", "陈教授", "化工院"),
)


def incident(title: str = "北岸化工园区3号储罐泄漏起火") -> Incident:
    """The incident."""
    return Incident(
        id=3,
        year=2026,
        serial=3,
        title=title,
        type="chemical",
        event_level="II",
        place="北岸化工园区东门",
        lat=31.2304,
        lon=121.4737,
        zone="Asia/Shanghai",
        state="active",
        state_at=NOW,
        started_at=NOW - timedelta(hours=5),
        reported_at=NOW - timedelta(hours=5),
    )


def organisation() -> Scene:
    """Thirteen positions, two of them divisions."""
    holders = [Holder(Seat(role, label), name, agency) for role, label, name, agency in HELD]
    seats = [each.seat for each in holders[1:]]
    root = tree([Opened(at, each) for at, each in enumerate(seats)], holders)
    held = tuple(
        (
            Position(
                id=at, incident_id=3, role=role, label=label, person_id=at, agency=agency, since=NOW
            ),
            Person(id=at, name=name, made_at=NOW),
        )
        for at, (role, label, name, agency) in enumerate(HELD, 1)
    )
    return Scene(held, (), root)


def objectives() -> list[Objective]:
    """Three objectives, by what goes before."""
    told: tuple[tuple[str, dict[str, Any]], ...] = (
        ("疏散下风向500米内居民", {"measure": "居民清点", "target": "0人滞留", "progress": 80}),
        ("Cool tanks 2 and 4", {"measure": "shell temperature", "target": "below 60 °C"}),
        ("控制泄漏，关闭3号阀", {"priority": "environment", "progress": 40}),
    )
    return [
        Objective(
            id=at,
            incident_id=3,
            number=at,
            text=text,
            due=NOW + timedelta(hours=at * 4),
            state_at=NOW,
            made_at=NOW,
            made_by=1,
            **more,
        )
        for at, (text, more) in enumerate(told, 1)
    ]


def task(number: int, text: str, to: str, **more: Any) -> Task:
    """An order to somebody."""
    row = Order(
        id=number,
        incident_id=3,
        number=number,
        text=text,
        kind="role",
        assignee=more.pop("assignee", "operations"),
        by_id=1,
        given_at=NOW,
        starts_at=NOW,
        state_at=NOW,
        due=NOW + timedelta(hours=2),
        state="acknowledged",
        **more,
    )
    return Task(row, to, 1)


def unit(number: int, name: str, kind: str, **more: Any) -> Resource:
    """A unit on scene."""
    return Resource(
        id=number,
        incident_id=3,
        number=number,
        name=name,
        ident=name,
        category="vehicle",
        kind=kind,
        leader="刘队",
        people=6,
        contact="138-0000-0000",
        agency="消防",
        status_at=NOW,
        made_at=NOW,
        **more,
    )


def asked(number: int, kind: str, quantity: int, have: int, unit: str = "") -> Asked:
    """A line of a request, in whole units."""
    request = Request(
        id=number,
        incident_id=3,
        number=number,
        state="ordered",
        state_at=NOW,
        section="operations",
        place="北岸物资点",
        needed_by=NOW + timedelta(hours=3),
        by_id=1,
        agency="消防",
        made_at=NOW,
        steps={},
        apart=[],
        substitutes="等效规格均可",
    )
    line = RequestLine(
        id=number,
        request_id=number,
        number=1,
        kind=kind,
        unit=unit,
        quantity=quantity * 1000,
        estimate=1250000,
    )
    return Asked(request, line, have * 1000, NOW + timedelta(hours=2), "市物资公司", "李强")


def facts(**more: Any) -> Facts:
    """All of it; `more` replaces fields."""
    names = [(role, label, name, agency) for role, label, name, agency in HELD]
    given: dict[str, Any] = {
        "prepared": "吴敏",
        "placed": [
            Thing("北岸化工园区", Point(31.2304, 121.4737), "scene", "scene", weight=9),
            Thing(
                "U1 2号水罐车", Point(31.2344, 121.4757), "unit", "assigned", weight=6, short="U1"
            ),
            Thing("U2 Foam 7", Point(31.2254, 121.4647), "unit", "available", weight=6, short="U2"),
            Thing("U3 救护01", Point(31.2294, 121.4887), "unit", "out", weight=6, short="U3"),
        ],
        "spent": Spent(estimated=18_600_00, actual=12_400_00, counted=31_000_00),
        "position": Seat("planning").title,
        "organisation": organisation(),
        "objectives": objectives(),
        "tasks": [
            task(1, "Lay two water curtains east of tank 3", "片区 A", assignee="division/A"),
            task(2, "关闭3号阀并上锁挂牌，每十分钟报告压力", "片区 B", assignee="division/B"),
            task(4, "逐户清点疏散人数", "公安", place="北岸社区"),
        ],
        "roster": [
            Present(
                CheckIn(
                    id=at,
                    incident_id=3,
                    agency=agency,
                    team="一中队" if at % 2 else None,
                    people=at,
                    in_at=NOW,
                    heard_at=NOW,
                    details={},
                ),
                name,
            )
            for at, (_role, _label, name, agency) in enumerate(names[:6], 1)
        ],
        "contacts": [
            Contact(name, agency, (Seat(role, label),), (f"telegram @{role}",))
            for role, label, name, agency in names
        ],
        "period": Period(
            id=1,
            incident_id=3,
            number=2,
            state="running",
            starts_at=NOW,
            ends_at=NOW + timedelta(hours=12),
            minutes=720,
            zone="Asia/Shanghai",
            made_at=NOW,
            carried={},
        ),
        "assessed": Answers(
            type="chemical",
            extent="3号储罐及围堰",
            dead=0,
            missing=1,
            injured=4,
            evacuated=620,
            weather="东南风4级，阵雨",
            hazards="苯蒸气、复燃",
        ),
        "told": [
            Told(
                "S5", "消防", NOW - timedelta(minutes=20), "3号阀已关闭，池火已控制，正在冷却邻罐"
            ),
            Told("S4", "Fire", NOW - timedelta(minutes=40), "Benzene 2 mg/m³ at the east gate"),
        ],
        "figures": {
            Code.DEAD: Figure(Code.DEAD, (Claim("消防", 1, NOW),)),
            Code.INJURED: Figure(Code.INJURED, (Claim("消防", 12, NOW), Claim("卫健", 11, NOW))),
        },
        "events": [
            TimelineEntry(
                id=at,
                incident_id=3,
                number=at,
                at=NOW - timedelta(minutes=50 - 10 * at),
                entered_at=NOW,
                kind="log",
                name="赵卫国",
                person_id=1,
                content={"text": text},
            )
            for at, text in enumerate(
                ("接警出动", "Water curtain in place", "下风向500米开始疏散", "3号阀关闭"), 1
            )
        ],
        "safety": SafetyMessage(
            id=1,
            incident_id=3,
            number=1,
            text="警戒线内必须佩戴正压式空气呼吸器，两人一组。",
            made_at=NOW,
            name="Anna Weber",
        ),
        "hazards": [
            Hazard(
                id=1,
                incident_id=3,
                number=1,
                text="苯蒸气中毒",
                area="片区 A",
                mitigation="上风向作业，佩戴空呼器",
                state_at=NOW,
                made_at=NOW,
                name="Anna Weber",
            ),
            Hazard(
                id=2,
                incident_id=3,
                number=2,
                text="Re-ignition of the pool fire",
                area="tank 3",
                state_at=NOW,
                made_at=NOW,
                name="Anna Weber",
            ),
        ],
        "channels": [
            CommsLine(
                id=1,
                incident_id=3,
                number=1,
                name="消防一频",
                channel="1",
                function="Command",
                assignment="总指挥与各部",
                rx_hz=409_750_000,
                tx_hz=409_750_000,
                rx_tone="88.5",
                mode="analog",
                state_at=NOW,
                made_at=NOW,
            )
        ],
        "asked": [asked(1, "泡沫液", 10, 4, "t"), asked(2, "围油栏", 200, 0, "m")],
        "units": [
            unit(1, "2号水罐车", "水罐车", status="assigned"),
            unit(2, "Foam 7", "foam tender"),
            unit(3, "救护01", "救护车", place="东门"),
        ],
        "bookings": [
            ResourceBooking(
                id=1,
                incident_id=3,
                resource_id=1,
                task="东侧水幕",
                starts_at=NOW,
                order_number=1,
                state_at=NOW,
                made_at=NOW,
                by_id=1,
            )
        ],
        "releases": [
            Release(
                unit(1, "2号水罐车", "水罐车"),
                ResourceCheckout(
                    resource_id=1, asked_at=NOW, asked_by=1, planned_at=NOW, destination="消防站"
                ),
                (
                    ResourceBox(
                        id=1,
                        resource_id=1,
                        code="supply",
                        place=1,
                        title={"zh": "物资单元", "en": "Supply Unit"},
                        roles=["supply"],
                        signed_at=NOW,
                        name="郑海",
                    ),
                    ResourceBox(
                        id=2,
                        resource_id=1,
                        code="time",
                        place=2,
                        title={"zh": "工时单元", "en": "Time Unit"},
                        roles=["time"],
                    ),
                ),
            )
        ],
        "words": {},
        **more,
    }
    return Facts(incident(), SHANGHAI, NOW, **given)
