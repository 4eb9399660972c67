"""CSV and XLSX files from rows, in which nothing that people typed can become a formula.

Data: `{"sheets": [{"title", "head", "rows"}]}`, or one such sheet by itself. A cell is None, a
text, a number (int, or `{"number": "12.50"}` for an exact one), a day (`{"date": "2026-11-30"}`) or
a message (`handlers.document.lines`), whose languages stand beside each other.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from handlers.printed.press import NotPrinted, Press
from workflows.text import Json

_NUMBER = re.compile(r"[-+]?\d{1,15}(?:\.\d{1,15})?")
_SIGNS = "=+-@＝＋－＠|%"
"""What spreadsheets take for the beginning of a formula, in either width
(https://owasp.org/www-community/attacks/CSV_Injection)."""
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What an XML file cannot hold."""
_TITLE = re.compile(r"[\[\]:*?/\\]")
_MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
LONGEST_CELL = 32_767
WIDEST = 48

Cell = str | Decimal | date | None


def make(press: Press, form: str, data: Mapping[str, Json]) -> bytes:
    """The sheets as a file of that format (csv, xlsx); the same bytes for the same data.

    CSV is UTF-8 with a mark, for spreadsheets that would guess otherwise. Raises `NotPrinted`.
    """
    found = [_sheet(each) for each in _sheets(data)]
    if form == "csv":
        return _csv(found)
    if form == "xlsx":
        return _xlsx(found)
    raise NotPrinted(f"sheets are not made as {form}")


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: with an apostrophe before it, if need be."""
    bare = text.lstrip()
    formula = bare[:1] and bare[0] in _SIGNS and not _NUMBER.fullmatch(bare)
    return f"'{text}" if formula else text


@dataclass(frozen=True)
class _Sheet:
    title: str
    head: Sequence[Cell]
    rows: Sequence[Sequence[Cell]]


def _sheets(data: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
    given = data.get("sheets", [dict(data)])
    if not isinstance(given, list) or not given:
        raise NotPrinted("no sheets")
    return [each for each in given if isinstance(each, Mapping)]


def _sheet(data: Mapping[str, Json]) -> _Sheet:
    head, rows = data.get("head"), data.get("rows")
    if not isinstance(head, list) or not isinstance(rows, list):
        raise NotPrinted("a sheet has a head and rows")
    return _Sheet(
        _text(_cell(data.get("title", ""))),
        [_cell(each) for each in head],
        [[_cell(each) for each in row] for row in rows if isinstance(row, list)],
    )


def _cell(value: Json) -> Cell:
    match value:
        case None:
            return None
        case bool():
            return "✓" if value else ""
        case int():
            return Decimal(value)
        case str():
            return value
        case list():
            return " / ".join(str(each) for each in value)
        case {"number": str(number)}:
            return Decimal(number)
        case {"date": str(day)}:
            return date.fromisoformat(day)
    raise NotPrinted(f"not a cell: {value!r}")


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Decimal():
            return f"{cell:f}"
        case date():
            return cell.isoformat()
    return cell


def _csv(sheets: Sequence[_Sheet]) -> bytes:
    out = io.StringIO()
    write = csv.writer(out)
    for number, sheet in enumerate(sheets):
        if number:
            write.writerow([])
        if len(sheets) > 1:
            write.writerow([harmless(sheet.title)])
        for row in (sheet.head, *sheet.rows):
            write.writerow(
                [harmless(cell) if isinstance(cell, str) else _text(cell) for cell in row]
            )
    return out.getvalue().encode("utf-8-sig", errors="replace")


def _xlsx(sheets: Sequence[_Sheet]) -> bytes:
    # A quarter of a second and 15 MB that only who makes spreadsheets pays for.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    titles: set[str] = set()
    for sheet in sheets:
        page = book.create_sheet(_title(sheet.title, titles))
        page.freeze_panes = "A2"
        for column, width in enumerate(_widths(sheet), start=1):
            page.column_dimensions[get_column_letter(column)].width = width
        for number, row in enumerate((sheet.head, *sheet.rows)):
            cells = []
            for value in row:
                cell = WriteOnlyCell(page)
                if isinstance(value, str):
                    cell.value = _FORBIDDEN.sub("\ufffd", value)[:LONGEST_CELL]
                    # Else what begins with "=" would be a formula.
                    cell.data_type = "s"
                    cell.quotePrefix = harmless(value) != value
                elif isinstance(value, Decimal):
                    cell.value = int(value) if value == value.to_integral_value() else value
                elif value is not None:
                    cell.value = value
                    cell.number_format = "yyyy-mm-dd"
                cell.alignment = Alignment(vertical="top", wrap_text=True)
                if not number:
                    cell.font = Font(bold=True)
                    cell.fill = PatternFill("solid", fgColor="FFE8EEF4")
                cells.append(cell)
            page.append(cells)
    out = io.BytesIO()
    book.save(out)
    return _settled(out.getvalue())


def _widths(sheet: _Sheet) -> Iterable[int]:
    for column in range(len(sheet.head)):
        cells = (row[column] for row in (sheet.head, *sheet.rows) if column < len(row))
        yield min(WIDEST, 2 + max(_wide(_text(each)) for each in cells))


def _wide(text: str) -> int:
    lines = text[: WIDEST * 4].split("\n")
    return max(sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line) for line in lines)


def _title(text: str, taken: set[str]) -> str:
    base = " ".join(_TITLE.sub(" ", _FORBIDDEN.sub(" ", text)).split()).strip("'")[:28] or "1"
    title, number = base, 1
    while title.casefold() in taken:
        number += 1
        title = f"{base} {number}"
    taken.add(title.casefold())
    return title


def _settled(made: bytes) -> bytes:
    """The same file with no trace of when it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(out, "w") as new:
        for each in sorted(old.namelist()):
            content = old.read(each)
            if each == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", content)
            entry = zipfile.ZipInfo(each, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return out.getvalue()
