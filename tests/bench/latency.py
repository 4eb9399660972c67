"""Added latency: from the moment a network has handed a message to us to our request's start."""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import time

from tests.bench.figure import Figure, ms, percentile, spread
from tests.bench.stage import SENT_TO_MATRIX, SENT_TO_TELEGRAM, Stage, last_answer_before
from tests.servers.proxy import Condition, to

EVERY_SECONDS = 0.2
STORED = 1_000_000


def _with(condition: Condition, word: str) -> Condition:
    return lambda request: condition(request) and word.encode() in request.body


async def to_matrix(stage: Stage, count: int, tag: str = "") -> list[float]:
    """Seconds from the end of the answer to getUpdates to the beginning of the PUT."""
    taken = []
    for number in range(count):
        word = f"x{tag}{number:05d}"
        began = time.monotonic()
        await stage.say(word)
        put = (await stage.matrix.wait_for(_with(SENT_TO_MATRIX, word)))[0]
        polls = stage.telegram.seen(to("POST", "/getUpdates"))
        taken.append(put.began - last_answer_before(polls, put.began))
        stage.telegram.requests[:-20] = []
        stage.matrix.requests[:-20] = []
        await asyncio.sleep(max(0.0, began + EVERY_SECONDS - time.monotonic()))
    return taken


async def to_telegram(stage: Stage, count: int, room: str, tag: str = "") -> list[float]:
    """Seconds from the end of the answer to /sync to the beginning of sendMessage."""
    taken = []
    for number in range(count):
        word = f"y{tag}{number:05d}"
        began = time.monotonic()
        await stage.anna.say(room, word)
        post = (await stage.telegram.wait_for(_with(SENT_TO_TELEGRAM, word)))[0]
        syncs = stage.matrix.seen(to("GET", "/sync"))
        taken.append(post.began - last_answer_before(syncs, post.began))
        stage.telegram.requests[:-20] = []
        stage.matrix.requests[:-20] = []
        await asyncio.sleep(max(0.0, began + EVERY_SECONDS - time.monotonic()))
    return taken


async def latency(quick: bool) -> list[Figure]:
    """Both directions, beside a relay that stores nothing."""
    count = 40 if quick else 250
    async with Stage() as stage:
        async with stage.bare_relay():
            await to_matrix(stage, 5, "w")
            bare_there = await to_matrix(stage, count, "b")
            bare_back = await to_telegram(stage, count, stage.bare_rooms[0], "b")
        await stage.up()
        await to_matrix(stage, 5, "v")
        there = await to_matrix(stage, count)
        back = await to_telegram(stage, count, stage.rooms[0])
    return [
        _figure("Telegram → Matrix", there, bare_there),
        _figure("Matrix → Telegram", back, bare_back),
    ]


def _figure(what: str, ours: list[float], bare: list[float]) -> Figure:
    (half, most), (bare_half, bare_most) = spread(ours), spread(bare)
    return Figure(
        f"added latency {what}, p50 / p99, 5 messages/s",
        f"{ms(half)} / {ms(most)}",
        f"{ms(bare_half)} / {ms(bare_most)} (libraries alone, nothing stored)",
        "≤ 10 / ≤ 50 ms",
        half <= 0.010 and most <= 0.050,
    )


async def stored(quick: bool) -> list[Figure]:
    """The same with a million messages in the database, beside an empty one."""
    count = 60 if quick else 250
    async with Stage() as stage:
        await stage.up()
        await to_matrix(stage, 5, "v")
        empty = await to_matrix(stage, count, "e")
        await stage.bridge.stop()
        rooms = (f"telegram:{stage.groups[0]}", f"matrix:{stage.rooms[0]}")
        await asyncio.to_thread(fill, str(stage.bridge.home / "lianzhi.db"), rooms)
        await stage.up()
        await to_matrix(stage, 5, "u")
        full = await to_matrix(stage, count, "f")
    ratio = percentile(full, 0.99) / percentile(empty, 0.99)
    return [
        Figure(
            f"p99 of added latency with {STORED:,} stored messages",
            f"{ms(percentile(full, 0.99))} (p50 {ms(statistics.median(full))})",
            f"{ms(percentile(empty, 0.99))} (p50 {ms(statistics.median(empty))}), empty; "
            f"ratio {ratio:.2f}",
            "≤ 1.2",
            ratio <= 1.2,
        )
    ]


def fill(database: str, rooms: tuple[str, str], count: int = STORED) -> None:
    """Messages of the last year in both rooms, with all rows that each leaves behind."""
    here, there = rooms
    connection = sqlite3.connect(database)
    account = connection.execute("SELECT id FROM account LIMIT 1").fetchone()[0]
    numbers = f"""
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
    """
    when = "strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || ((? - i) * 30 + 600) || ' seconds')"
    base = connection.execute("SELECT max(id) FROM message").fetchone()[0]
    content = """json_object('html', 'stored message ' || i)"""
    payload = """json_object('content', json_object('body', 'stored message ' || i))"""
    with connection:
        connection.execute(
            f"""INSERT INTO message (id, room, account, author, content, at, taken_at, edits)
            {numbers} SELECT {base} + i, ?, ?, 'Li', {content}, {when}, {when}, 0 FROM n""",
            (here, account, count, count),
        )
        for room, origin, tail in ((here, 1, "o"), (there, 0, "c")):
            connection.execute(
                f"""INSERT INTO copy (message_id, room, part, remote, origin, gone, slot)
                {numbers} SELECT {base} + i, ?, 0, ? || i, ?, 0, 0 FROM n""",
                (room, f"$stored-{tail}", origin),
            )
        connection.execute(
            f"""INSERT INTO outbox (room, priority, action, payload, txn, message_id, part,
                origin_room, state, attempts, made_at, tried_at, sent_at)
            {numbers} SELECT ?, 3, 'send', {payload}, 'stored' || i, {base} + i, 0,
                ?, 'sent', 1, {when}, {when}, {when} FROM n""",
            (there, here, count, count, count),
        )
        connection.execute(
            f"""INSERT INTO inbox (key, room, at, taken_at)
            {numbers} SELECT 'telegram:stored:' || i, ?, {when}, {when} FROM n""",
            (here, count, count),
        )
    connection.close()
