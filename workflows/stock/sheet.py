"""Spreadsheets that people post, as rows of text: CSV in this world's encodings, and XLSX. Pure.

Reading takes time and memory; it belongs in a thread.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import IO
from xml.parsers import expat

from workflows.errors import Refusal
from workflows.text import Json, _

MOST_ROWS = 5_000
"""A quarter of a second to understand; who has more splits the table."""
MOST_COLUMNS = 60
LONGEST_CELL = 500
MOST_UNPACKED = 100 * 1024 * 1024
"""Bytes of an unpacked XLSX: a small file can hold an endless one."""
MOST_CELLS = 400_000
"""Cells of all sheets; each takes some 200 bytes while the table is read."""
MOST_ELEMENTS = 1_500_000
"""Elements of all parts of an XLSX, such as rows, cells, their values, texts and styles."""
MOST_MERGED = 100_000
"""Cells that merged cells, links and notes cover: a few bytes can cover billions of them."""
MOST_CHARACTERS = 2_000_000
"""Of all cells together, those included that merged cells fill."""

_SIGNS = frozenset("=+-@＝＋－＠|%")
_SEPARATORS = ",;\t，；"


def read(content: bytes) -> dict[str, Json]:
    """`{"rows": [{"n": 2, "cells": ["帐篷", ...], "copies": [0]}], "sheet": "…"}`.

    `n` is the row's number as its program shows it. `copies` are the columns whose text comes from
    the first of merged cells. Empty rows are left out. Raises `Refusal` (`sheet-…`).
    """
    if content.startswith(b"PK\x03\x04"):
        return _xlsx(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refusal(
            "sheet-old", _("This is an old or protected Excel file. Save it as .xlsx or .csv.")
        )
    return {"sheet": "", "rows": _rows(_csv(_decoded(content)), {})}


def _decoded(content: bytes) -> str:
    """UTF-8 with or without a mark, UTF-16 with one, else GB 18030, as Chinese Excel saves CSV."""
    marks = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    marked = next((name for mark, name in marks.items() if content.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Refusal(
        "sheet-encoding",
        _("This is not a table that I can read. Save it as .xlsx, or as .csv in UTF-8 or GB18030."),
    )


def _csv(text: str) -> Iterable[tuple[int, Sequence[str]]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        yield from enumerate(reader, start=1)
    except csv.Error as wrong:
        raise Refusal(
            "sheet-csv",
            _("The table cannot be read from line {line} on.", line=reader.line_num),
        ) from wrong


def _xlsx(content: bytes) -> dict[str, Json]:
    # A quarter of a second and 15 MB that only who reads spreadsheets pays for.
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(each.file_size for each in packed.infolist()) > MOST_UNPACKED:
                raise _too_big()
            load = _Load()
            for each in packed.infolist():
                with packed.open(each) as part:
                    load.add(part)
        book = load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
    except Refusal:
        raise
    except Exception as wrong:  # whatever a damaged file makes the library stumble over
        raise _broken() from wrong
    if not book.worksheets:
        raise _broken()
    page = next((each for each in book.worksheets if each.max_row > 1), book.worksheets[0])
    if page.max_row > MOST_ROWS + 100 or page.max_column > 1000:
        raise _too_long()
    copies: dict[int, dict[int, str]] = {}
    for merged in page.merged_cells.ranges:
        whole = _text(page.cell(merged.min_row, merged.min_col).value)
        for row in range(merged.min_row, min(merged.max_row, page.max_row) + 1):
            for column in range(merged.min_col, min(merged.max_col, MOST_COLUMNS) + 1):
                if (row, column) != (merged.min_row, merged.min_col):
                    copies.setdefault(row, {})[column - 1] = whole
    rows = (
        (number, [_text(value) for value in row])
        for number, row in enumerate(
            page.iter_rows(max_col=min(page.max_column, MOST_COLUMNS), values_only=True), start=1
        )
    )
    return {"sheet": page.title, "rows": _rows(rows, copies)}


@dataclass
class _Load:
    """What reading an XLSX would make, counted part by part while nothing of it is kept."""

    elements: int = 0
    cells: int = 0
    covered: int = 0

    def add(self, part: IO[bytes]) -> None:
        """Count one part. Raises `Refusal` (`sheet-big`, `sheet-merged`, `sheet-broken`)."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._element
        parser.StartDoctypeDeclHandler = self._declared
        try:
            parser.ParseFile(part)
        except expat.ExpatError:
            # A picture, or a damaged part: whoever reads it after this comes no further either.
            return

    def _element(self, name: str, values: dict[str, str]) -> None:
        self.elements += 1
        match name.rpartition(":")[2]:
            case "c":
                self.cells += 1
            case "mergeCell" | "hyperlink" | "comment":
                self.covered += _area(values.get("ref", ""))
        if self.covered > MOST_MERGED:
            raise Refusal(
                "sheet-merged",
                _(
                    "Too many cells are merged or linked: whole columns, perhaps. Undo that, or "
                    "save the table as .csv."
                ),
            )
        if self.cells > MOST_CELLS or self.elements > MOST_ELEMENTS:
            raise _too_big()

    def _declared(self, *_what: object) -> None:
        """No spreadsheet program writes one; what it could declare grows without end."""
        raise _broken()


def _area(ref: str) -> int:
    """So many cells a reference such as `A1:C9` covers; more than allowed if it is none."""
    from openpyxl.utils.cell import range_boundaries

    try:
        left, top, right, bottom = range_boundaries(ref)
    except ValueError:
        return MOST_MERGED + 1
    if left is None or top is None or right is None or bottom is None:
        return MOST_MERGED + 1
    return max(1, right - left + 1) * max(1, bottom - top + 1)


def _rows(
    rows: Iterable[tuple[int, Sequence[str]]], copies: Mapping[int, Mapping[int, str]]
) -> list[Json]:
    found: list[Json] = []
    characters = 0
    for number, row in rows:
        cells = [_plain(each) for each in row[:MOST_COLUMNS]]
        if not any(cells):
            continue
        mine = copies.get(number, {})
        for at, text in mine.items():
            if at < len(cells):
                cells[at] = _plain(text)
        if len(found) > MOST_ROWS:
            raise _too_long()
        characters += sum(len(each) for each in cells)
        if characters > MOST_CHARACTERS:
            raise _too_big()
        made: dict[str, Json] = {"n": number, "cells": [*cells]}
        if mine:
            made["copies"] = [*sorted(mine)]
        found.append(made)
    return found


def _too_long() -> Refusal:
    return Refusal(
        "sheet-long", _("The table has more than {limit} rows; split it.", limit=MOST_ROWS)
    )


def _too_big() -> Refusal:
    return Refusal("sheet-big", _("The table is too big; split it."))


def _broken() -> Refusal:
    return Refusal(
        "sheet-broken", _("The file is damaged or not a spreadsheet. Save it again as .xlsx.")
    )


def _plain(text: str) -> str:
    """One line, without the apostrophe that keeps a text from being a formula."""
    shown = " ".join(text.split())[:LONGEST_CELL]
    bare = shown[1:].lstrip()
    return bare if shown[:1] == "'" and bare[:1] in _SIGNS else shown


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            # What a spreadsheet keeps of a number, and shows.
            return f"{value:.15g}"
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat()
        case date():
            return value.isoformat()
    return str(value)
