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
from workflows.stock.sheet import LONGEST_CELL, MOST_CELLS, MOST_COLUMNS, MOST_ROWS, read

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


def packed(sheet: str, **more: str) -> bytes:
    """A workbook whose sheet is this XML, and further parts."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(lambda page: page.append(["物资", "数量"])))) as made,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for each in made.namelist():
            if each != "xl/worksheets/sheet1.xml":
                written.writestr(each, made.read(each))
        written.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, text in more.items():
            written.writestr(name, text)
    return out.getvalue()


SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ('<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>', "sheet-merged"),
        ('<mergeCells><mergeCell ref="A1:A1048576"/></mergeCells>', "sheet-merged"),
        ('<mergeCells><mergeCell ref="A:B"/></mergeCells>', "sheet-merged"),
        ('<hyperlinks><hyperlink ref="A1:XFD1048576"/></hyperlinks>', "sheet-merged"),
        (
            "<mergeCells>" + '<mergeCell ref="A1:J1000"/>' * 11 + "</mergeCells>",
            "sheet-merged",
        ),
    ],
)
@pytest.mark.parametrize("prefix", ["", "x:"])
def test_a_few_bytes_that_cover_a_whole_sheet_are_refused_before_it_is_made(
    monkeypatch: pytest.MonkeyPatch, inside: str, code: str, prefix: str
) -> None:
    monkeypatch.setattr("openpyxl.load_workbook", None)
    named = "xmlns:x" if prefix else "xmlns"
    text = f'<worksheet {named}="{SPACE}"><sheetData>{CELL}</sheetData>{inside}</worksheet>'
    if prefix:
        text = text.replace("</", "\0").replace("<", "<x:").replace("\0", "</x:")
    with pytest.raises(Refusal, match=code):
        read(packed(text))


@pytest.mark.parametrize(
    ("head", "inside", "code"),
    [
        ("", "<row>" + "<c/>" * (MOST_CELLS + 1) + "</row>", "sheet-big"),
        ("", "<row/>" * 1_500_001, "sheet-big"),
        ('<!DOCTYPE a [<!ENTITY b "c">]>', CELL, "sheet-broken"),
    ],
)
def test_what_would_fill_the_memory_is_refused_before_it_is_made(
    monkeypatch: pytest.MonkeyPatch, head: str, inside: str, code: str
) -> None:
    monkeypatch.setattr("openpyxl.load_workbook", None)
    text = f'{head}<worksheet xmlns="{SPACE}"><sheetData>{inside}</sheetData></worksheet>'
    with pytest.raises(Refusal, match=code):
        read(packed(text))


def test_columns_that_nobody_reads_are_not_made() -> None:
    def fill(page: Any) -> None:
        page.append(["物资", "数量"])
        page.cell(2, 900, "far away")

    assert [len(row) for row in cells(workbook(fill))] == [MOST_COLUMNS]


def test_a_table_with_few_rows_but_endless_text_is_refused() -> None:
    row = ",".join(["字" * LONGEST_CELL] * MOST_COLUMNS) + "\n"
    assert len(cells((row * 60).encode())) == 60
    with pytest.raises(Refusal, match="sheet-big"):
        read((row * 70).encode())


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
