"""The timeline as a file: in the chat and by command line, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from bot.catalogues import Catalogues
from bot.clock import Clock
from bot.exporting import Exporting, cell, take, written
from bot.transports.web.files import FileStore
from handlers.families.log import EXPORT
from tests.integration.dispatch.desk import A, B, Desk
from tests.integration.dispatch.leak import TITLE, declared, last


@pytest.fixture
async def leak(desk: Desk) -> Desk:
    """An incident with words that a spreadsheet would take for formulas."""
    await declared(desk)
    await desk.say(B, '/log =HYPERLINK("http://e.vil","8 bar")', by="han")
    await desk.say(A, "/日志 ＋阀门“已关”，压力 8 bar", by="li")
    await desk.say(B, "/checkin 4 team=Rescue 1", by="han")
    await desk.say(B, "/log strike L3 reason=-wrong", by="han")
    return desk


async def file(desk: Desk, kind: str, language: str) -> bytes:
    """What the file of the first incident holds."""
    async with desk.world.store.read() as uow:
        incident = await uow.incidents.get(1)
        assert incident is not None
        return written(await take(uow, incident), kind, Catalogues.load(), language)


async def test_the_table_has_every_entry_in_the_incidents_time_and_no_formula(leak: Desk) -> None:
    content = await file(leak, "csv", "en")
    assert content.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert head[:3] == ["Entry", "Time", "Written down"]
    assert rows[0][:2] == ["L1", "2026-07-18 14:00:00+08:00"]
    by = {row[0]: row for row in rows}
    assert by["L3"][8] == '\'=HYPERLINK("http://e.vil","8 bar")'
    assert by["L3"][10] == "'-wrong"
    assert by["L4"][8] == "'＋阀门“已关”，压力 8 bar"
    assert by["L1"][8] == f"Incident 2026-001 “{TITLE}” declared by Li"
    chinese = (await file(leak, "csv", "zh")).decode("utf-8-sig")
    assert chinese.startswith("条目,时间,记录时间")


@given(st.text())
def test_no_cell_is_taken_for_a_formula(value: str) -> None:
    assert not cell(value).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell(value).removeprefix("'") == value.removeprefix("'")


async def test_the_data_have_both_languages_the_original_words_and_the_check_ins(
    leak: Desk,
) -> None:
    made = json.loads(await file(leak, "json", "zh"))
    assert made["incident"]["designation"] == "2026-001"
    entry = next(each for each in made["timeline"] if each["entry"] == "L3")
    assert entry["en"] == '=HYPERLINK("http://e.vil","8 bar")'
    assert entry["struck_reason"] == "-wrong"
    assert made["timeline"][0]["en"] != made["timeline"][0]["zh"]
    (row,) = made["check_ins"]
    assert (row["name"], row["people"], row["team"]) == ("Han", 4, "Rescue 1")


async def test_it_is_sent_as_a_file_where_it_was_asked_for(leak: Desk, tmp_path: Path) -> None:
    files = FileStore(tmp_path / "media")
    clock = Clock(
        leak.world.store,
        {EXPORT: Exporting(leak.world.post, files).ring},
        lambda: leak.world.moment,
    )
    before = len(leak.texts(A))
    await leak.say(B, "/log export json")
    assert "follows as a file" in last(leak, B)
    await clock.ring()
    await leak.delivered()
    assert last(leak, B) == f"Timeline of I1 · {TITLE}"
    (stored,) = (tmp_path / "media").iterdir()
    assert json.loads(stored.read_bytes())["incident"]["title"] == TITLE
    assert len(leak.texts(A)) == before + 1  # the command itself, relayed
