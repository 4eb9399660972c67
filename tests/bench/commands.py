"""Commands: how soon the answer stands in every linked room, and fifty people at once."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import product
from urllib.parse import parse_qs

from tests.bench.figure import Figure, ms, percentile, spread
from tests.bench.stage import SENT_TO_MATRIX, SENT_TO_TELEGRAM, Stage, last_answer_before
from tests.servers.proxy import Request, to

FEW, MANY = 10, 10_000
EVERY_SECONDS = 0.25
PEOPLE = 50

WORDS = (
    "/objective new Boom across the river {word} by=+2h measure=metres",
    "/log Pressure is {word} bar",
    "/目标 新建 控制泄漏{word} 截止=+3小时 指标=压力",
    "/指令 新建 安全官 {task}{word}",
    "/日志 水位{word}厘米",
)

TASKS = tuple(
    map(
        "".join,
        product(
            ("记录", "清点", "拍照", "上报"),
            (
                *("油面", "风向", "气压", "围油栏", "泵站", "发电机", "电台", "药品", "口罩"),
                *("护目镜", "沙袋", "车辆", "样品", "天桥", "隧道", "涵洞", "河堤", "校舍"),
                *("仓库", "码头", "储罐", "电缆", "路障", "帐篷", "床位", "燃料", "担架"),
            ),
        ),
    )
)
"""More of them than orders are given: the same task twice would be a conflict to be decided."""


def _words(request: Request) -> str:
    return "".join(parse_qs(request.body.decode()).get("text", ()))


def _has(word: str, request: Request) -> bool:
    return SENT_TO_TELEGRAM(request) and word in _words(request)


def _said(request: Request) -> bool:
    return SENT_TO_MATRIX(request) and b"m.new_content" not in request.body


def _above(requests: Iterable[Request], handed: float) -> float:
    """Seconds until the last of these calls of one room was answered, without those in which the
    network itself was at work."""
    calls = [each for each in requests if each.ended is not None and each.began >= handed]
    last = max(each.ended or 0.0 for each in calls)
    return last - handed - sum((each.ended or 0.0) - each.began for each in calls)


async def _answered(stage: Stage, count: int, tag: str, tasks: Iterator[str]) -> list[float]:
    """For each command: from its hand-over to the answer in both rooms, less the networks' time."""
    taken = []
    for number in range(count):
        began = time.monotonic()
        command, word = WORDS[number % len(WORDS)], f"{tag}{number:04d}"
        task = next(tasks) if "{task}" in command else ""
        taken.append(await _answer(stage, command.format(word=word, task=task), word))
        await asyncio.sleep(max(0.0, began + EVERY_SECONDS - time.monotonic()))
    return taken


async def _answer(stage: Stage, command: str, word: str) -> float:
    stage.telegram.requests[:-40] = []
    stage.matrix.requests[:-40] = []
    await stage.say(command)
    mark = word.encode()
    # The command itself goes to the other room, then the answer to both.
    asked = await stage.matrix.wait_for(lambda r: _said(r) and mark in r.body)
    polls = stage.telegram.seen(to("POST", "/getUpdates"))
    handed = last_answer_before(polls, asked[0].began)
    await stage.matrix.wait_for(lambda r: _said(r) and r.began > handed, 2)
    await stage.telegram.wait_for(lambda r: SENT_TO_TELEGRAM(r) and r.began > handed)
    await _quiet(stage)
    there = [r for r in stage.matrix.seen(_said) if r.began > handed][:2]
    here = [r for r in stage.telegram.seen(SENT_TO_TELEGRAM) if r.began > handed][:1]
    return max(_above(there, handed), _above(here, handed))


async def _quiet(stage: Stage) -> None:
    """Until nothing is under way but polls."""
    polls = (to("POST", "/getUpdates"), to("GET", "/sync"))
    while any(  # noqa: ASYNC110 - the proxy tells of requests, not of answers
        each.ended is None and not any(poll(each) for poll in polls)
        for each in (*stage.matrix.requests, *stage.telegram.requests)
    ):
        await asyncio.sleep(0.005)


def fill(database: str, total: int) -> None:
    """Incidents like the first one, with all that stands in them, until there are `total`; nine of
    ten are closed."""
    connection = sqlite3.connect(database, timeout=30)
    (there,) = connection.execute("SELECT max(id) FROM incident").fetchone()
    numbers = f"WITH RECURSIVE n(i) AS (SELECT {there + 1} UNION ALL SELECT i + 1 FROM n "
    numbers += f"WHERE i < {total})"

    def copy(table: str, key: str, **other: str) -> None:
        names = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        kept = [name for name in names if name != "id" or "id" in other]
        values = ", ".join(other.get(name, f't."{name}"') for name in kept)
        columns = ", ".join(f'"{name}"' for name in kept)
        connection.execute(
            f'INSERT INTO "{table}" ({columns}) {numbers} '
            f'SELECT {values} FROM n, "{table}" t WHERE t."{key}" = 1'
        )

    with connection:
        closed = "CASE WHEN i % 10 THEN 'closed' ELSE t.state END"
        copy("incident", "id", id="i", serial="i", state=closed)
        for table in ("objective", "orders", "position", "timeline", "counter", "incident_room"):
            if connection.execute(f'PRAGMA table_info("{table}")').fetchall():
                copy(table, "incident_id", incident_id="i")
        connection.execute("UPDATE counter SET value = ? WHERE incident_id = 0", (total,))
    connection.close()


async def _incident(stage: Stage) -> None:
    admins = json.dumps([f"telegram:{stage.li}", f"matrix:{stage.anna.user_id}"])
    stage.bridge.configure(f"{stage.toml()}\n[general]\nadmins = {admins}\n")
    await stage.up()
    await stage.say("/incident new Pipeline leak type=pipeline level=III place=Valve_3")
    await stage.matrix.wait_for(lambda r: SENT_TO_MATRIX(r) and b"I1 " in r.body)
    await stage.say("/agency new Bureau")
    await stage.matrix.wait_for(lambda r: SENT_TO_MATRIX(r) and b"Bureau" in r.body, 2)
    anna = partial(stage.anna.say, stage.rooms[0])
    await anna("/agency join Bureau")
    await stage.matrix.wait_for(lambda r: SENT_TO_MATRIX(r) and b"belong to Bureau" in r.body)
    await anna("/角色 任命 安全官 我")
    # What was asked, then what was answered.
    await stage.telegram.wait_for(partial(_has, "安全官"), 2)
    await _quiet(stage)


async def commands(quick: bool) -> list[Figure]:
    """With ten incidents stored and with ten thousand."""
    count = 15 if quick else 150
    tasks = iter(TASKS)
    async with Stage() as stage:
        await _incident(stage)
        await _answered(stage, 10, "w", tasks)
        found: list[list[float]] = []
        for total in (FEW, MANY):
            await stage.bridge.stop()
            database = str(stage.bridge.home / "lianzhi.db")
            await asyncio.to_thread(fill, database, total)
            await stage.up()
            await _answered(stage, 5, f"v{total}x", tasks)
            found.append(await _answered(stage, count, f"c{total}x", tasks))
    few, many = (percentile(taken, 0.95) for taken in found)
    half = ms(spread(found[1])[0])
    return [
        Figure(
            f"command to answer in both rooms, p95 above the networks' time, {MANY:,} incidents",
            f"{ms(many)} (p50 {half})",
            f"{ms(few)} with {FEW}; ratio {many / few:.2f}",
            "≤ 150 ms, ratio ≤ 1.2",
            many <= 0.150 and few <= 0.150 and many / few <= 1.2,
        )
    ]


async def together(quick: bool) -> list[Figure]:
    """Fifty people give a command at the same moment, half of them on each network."""
    people = 10 if quick else PEOPLE
    async with Stage() as stage:
        await _incident(stage)
        group, room = stage.groups[0], stage.rooms[0]
        named = [await stage.api.make("user", name=f"队员{n}") for n in range(people // 2)]
        others = [await stage.hs.user(f"p{n}") for n in range(people - people // 2)]
        for each in named:
            await stage.api.act(group, "join", account=each)
        for other in others:
            await stage.anna.invite(room, other.user_id)
            await other.join(room)
        await asyncio.sleep(2)
        began = time.monotonic()
        await asyncio.gather(
            *(
                stage.api.act(group, "say", person=each, text=f"/checkin 2 team=T{n}")
                for n, each in enumerate(named)
            ),
            *(other.say(room, f"/log level {n} cm") for n, other in enumerate(others)),
        )
        database = str(stage.bridge.home / "lianzhi.db")
        kept = await asyncio.to_thread(_kept, database, people)
        took = time.monotonic() - began
        rows = await asyncio.to_thread(_rows, database)
    numbers, checked, bad = rows
    fine = kept and len(numbers) == len(set(numbers)) and bad == 0
    return [
        Figure(
            f"{people} people giving a command at once",
            f"{checked} check-ins and {len(numbers)} entries in {took:.1f} s, {bad} errors",
            "-",
            "no error, none lost, every number distinct",
            fine,
        )
    ]


def _rows(database: str) -> tuple[list[int], int, int]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    numbers = [
        row[0]
        for row in connection.execute(
            "SELECT number FROM timeline WHERE incident_id = 1 AND content LIKE '%level % cm%'"
        )
    ]
    (checked,) = connection.execute(
        "SELECT count(*) FROM check_in WHERE incident_id = 1"
    ).fetchone()
    said = connection.execute("SELECT payload FROM outbox WHERE action = 'send'").fetchall()
    bad = sum(1 for (payload,) in said if re.search("did not work|未成功", payload))
    connection.close()
    return numbers, checked, bad


def _kept(database: str, people: int) -> bool:
    """Whether all of them stand in the database, within a minute."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        numbers, checked, _bad = _rows(database)
        if checked >= people // 2 and len(numbers) >= people - people // 2:
            return True
        time.sleep(0.1)
    return False
