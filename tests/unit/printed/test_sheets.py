"""Spreadsheets: exact, in the room's language, and nothing typed becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime

import pytest
from hypothesis import given, settings, strategies as st
from openpyxl import load_workbook

from handlers.printed.press import NotPrinted, Press
from handlers.printed.sheets import harmless, make
from workflows.text import Json

SHEET: dict[str, Json] = {
    "title": "库存 [2026]",
    "head": [["物资", "Kind"], "数量", "有效期"],
    "rows": [["帐篷", {"number": "12.50"}, {"date": "2026-11-30"}], ["=1+1", 3, None]],
}


def test_an_xlsx_has_numbers_days_and_texts_as_what_they_are() -> None:
    book = load_workbook(io.BytesIO(make(Press(), "xlsx", SHEET)))
    page = book.worksheets[0]
    assert page.title == "库存 2026"
    assert [cell.value for cell in page[1]] == ["物资 / Kind", "数量", "有效期"]
    assert [cell.value for cell in page[2]] == ["帐篷", 12.5, datetime(2026, 11, 30)]
    assert (page["A3"].value, page["A3"].data_type, page["A3"].quotePrefix) == ("=1+1", "s", True)
    assert page.freeze_panes == "A2"


def test_a_csv_opens_in_chinese_and_marks_what_could_be_a_formula() -> None:
    made = make(Press(), "csv", SHEET)
    assert made.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(made.decode("utf-8-sig"))))
    assert rows[1:] == [["帐篷", "12.50", "2026-11-30"], ["'=1+1", "3", ""]]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_same_data_make_the_same_bytes(form: str) -> None:
    assert make(Press(), form, SHEET) == make(Press(), form, SHEET)


def test_sheets_of_one_title_stand_side_by_side() -> None:
    data: Mapping[str, Json] = {"sheets": [dict(SHEET), dict(SHEET)]}
    book = load_workbook(io.BytesIO(make(Press(), "xlsx", data)))
    assert book.sheetnames == ["库存 2026", "库存 2026 2"]


def test_what_is_no_sheet_is_refused() -> None:
    with pytest.raises(NotPrinted):
        make(Press(), "xlsx", {"head": "x"})
    with pytest.raises(NotPrinted):
        make(Press(), "pdf", SHEET)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=4))
def test_no_text_is_ever_a_formula(texts: list[str]) -> None:
    data: Mapping[str, Json] = {"title": "", "head": ["x"], "rows": [[each] for each in texts]}
    page = load_workbook(io.BytesIO(make(Press(), "xlsx", data))).worksheets[0]
    assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)
    shown = io.StringIO(make(Press(), "csv", data).decode("utf-8-sig"), newline="")
    for row in list(csv.reader(shown))[1:]:
        for cell in row:
            bare = cell.lstrip()
            assert (
                not bare or bare[0] not in "=+-@＝＋－＠\t\r" or bare[1:].replace(".", "").isdigit()
            )


def test_a_number_with_a_sign_stays_a_number() -> None:
    assert harmless("-5.5") == "-5.5"
    assert harmless("-5+cmd|' /C calc'!A0") == "'-5+cmd|' /C calc'!A0"
