"""The continuity pack: PDF and CSV files in one zip, with a list of what is in it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING

from handlers.printed import ics, sheets
from workflows.text import Json

if TYPE_CHECKING:
    from handlers.printed.press import Press

DATE = (1980, 1, 1, 0, 0, 0)
"""Of each file in the zip, so that the same data make the same bytes."""


def make(press: Press, form: str, data: Mapping[str, Json]) -> bytes:
    """A zip of `pdf` (data of `handlers.printed.ics` by name) and `csv` (sheets by name), and of a
    text that names each with its SHA-256. Raises `NotPrinted`."""
    files: dict[str, bytes] = {}
    prints, lists, head = data["pdf"], data["csv"], data["head"]
    assert isinstance(prints, Mapping)
    assert isinstance(lists, Mapping)
    assert isinstance(head, list)
    for name, each in prints.items():
        assert isinstance(each, Mapping)
        files[f"{name}.pdf"] = ics.make(press, "pdf", {"lang": data["lang"], **each})
    for name, each in lists.items():
        assert isinstance(each, Mapping)
        files[f"{name}.csv"] = sheets.make(press, "csv", each)
    listed = [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in files.items()]
    said = [line for each in head for line in (each if isinstance(each, list) else [each])]
    files["README.txt"] = "\r\n".join([*map(str, said), "", *listed, ""]).encode("utf-8-sig")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, DATE), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()
