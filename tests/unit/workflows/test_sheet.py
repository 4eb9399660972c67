"""Tables that people post are read in every encoding and shape that they really come in."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from openpyxl import Workbook

from handlers.printed.press import Press
from handlers.printed.sheets import make
from workflows.errors import Refusal
from workflows.stock.sheet import MOST_ROWS, read

TEXT = "物资,数量\r\n帐篷,3\r\n"


def cells(content: bytes) -> list[list[Any]]:
    rows = read(content)["rows"]
    assert isinstance(rows, list)
    return [
        row["cells"] for row in rows if isinstance(row, dict) and isinstance(row["cells"], list)
    ]


def workbook(fill: Any) -> bytes:
    book = Workbook()
    fill(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_csv_is_read_in_each_encoding(encoding: str) -> None:
    assert cells(TEXT.encode(encoding)) == [["物资", "数量"], ["帐篷", "3"]]


@pytest.mark.parametrize("separator", [",", ";", "\t", "，"])
def test_csv_is_read_with_each_separator(separator: str) -> None:
    text = TEXT.replace(",", separator)
    assert cells(text.encode()) == [["物资", "数量"], ["帐篷", "3"]]


def test_rows_keep_the_numbers_that_their_program_shows() -> None:
    rows = read("物资,数量\n\n,,\n帐篷,3\n".encode())["rows"]
    assert isinstance(rows, list)
    assert [row["n"] for row in rows if isinstance(row, dict)] == [1, 4]


def test_merged_cells_are_told_from_those_that_were_filled() -> None:
    def fill(page: Any) -> None:
        for row in (["库", "物资", "数量"], ["北库", "帐篷", 3], [None, "水", None]):
            page.append(row)
        page.merge_cells("A2:A3")
        page.merge_cells("C2:C3")

    rows = read(workbook(fill))["rows"]
    assert isinstance(rows, list)
    assert rows[1] == {"n": 2, "cells": ["北库", "帐篷", "3"]}
    assert rows[2] == {"n": 3, "cells": ["北库", "水", "3"], "copies": [0, 2]}


def test_numbers_and_days_are_read_as_they_are_shown() -> None:
    def fill(page: Any) -> None:
        page.append([0.1 + 0.2, 12.0, date(2026, 11, 30), True, "'=1", "=1+1"])

    assert cells(workbook(fill)) == [["0.3", "12", "2026-11-30", "yes", "=1", ""]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "sheet-old"),
        (b"PK\x03\x04 no zip at all", "sheet-broken"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x00", "sheet-encoding"),
        (b"\xff\xff\xff", "sheet-encoding"),
        (b"a\n" * (MOST_ROWS + 2), "sheet-long"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        read(content)


def test_a_small_file_that_holds_an_endless_one_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(5):
            packed.writestr(f"xl/{number}.xml", b"\0" * (50 * 1024 * 1024))
    with pytest.raises(Refusal, match="sheet-big"):
        read(out.getvalue())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text('帐篷=+-@"，, \nabc1２', min_size=1, max_size=12), min_size=2, max_size=4))
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_we_export_is_read_again_as_it_was(form: str, texts: list[str]) -> None:
    made = make(Press(), form, {"title": "x", "head": ["a" for _each in texts], "rows": [[*texts]]})
    wanted = [" ".join(each.split()) for each in texts]
    if any(wanted):
        assert cells(made)[1] == wanted


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_nothing_that_is_posted_breaks_the_reader(content: bytes) -> None:
    try:
        read(content)
    except Refusal:
        return
