"""Typst with our font: templates of this package and data in, PNG or PDF out.

What people wrote goes in as data (`sys.inputs`) and is never read as markup.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from workflows.text import Json

if TYPE_CHECKING:
    import typst

FONTS = "manimgx_fonts_cjk"
"""The package that holds Noto Sans CJK."""

FAMILY = "Noto Sans CJK SC"
"""The family that every template is set in."""

PIXELS_PER_INCH = 144.0
"""Two pixels for each point."""


class NotPrinted(Exception):
    """A template that cannot be drawn with these data; the words are for the log."""


class Press:
    """One compiler and its fonts, made at the first use; used by one thread at a time.

    `fonts` is the folder of the font, None that of its package."""

    def __init__(self, fonts: Path | None = None) -> None:
        self._fonts = fonts
        self._lock = Lock()
        self._compiler: typst.Compiler | None = None

    def make(self, template: str, form: str, data: Mapping[str, Json]) -> bytes:
        """A file of that format, of PNG the first page; the same bytes for the same data. Blocks,
        a Typst template (`.typ`) without holding the GIL. Another template is a module of this
        package whose `make(press, form, data)` gives the bytes.

        Raises `NotPrinted`, also where the font is missing: boxes in place of Chinese are worse
        than no page.
        """
        if not template.endswith(".typ"):
            return bytes(import_module(f"handlers.printed.{template}").make(self, form, data))
        # Who prints nothing does not pay for the compiler: 15 MB.
        import typst

        with self._lock:
            try:
                made = self._made().compile(
                    input=str(_file(template)),
                    format="pdf" if form == "pdf" else "png",
                    ppi=PIXELS_PER_INCH,
                    sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
                    timestamp=0,
                )
            except typst.TypstError as error:
                raise NotPrinted(str(error)) from error
        page = made[0] if isinstance(made, list) else made
        if page is None:
            raise NotPrinted(f"{template} has no page")
        return page

    def check(self) -> None:
        """Raise `NotPrinted` where the font is missing."""
        with self._lock:
            self._made()

    def _made(self) -> typst.Compiler:
        import typst

        if self._compiler is None:
            folder = self._folder()
            fonts = typst.Fonts(
                include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)]
            )
            if FAMILY not in fonts.families():
                raise NotPrinted(f"the font {FAMILY} is not in {folder}: install {FONTS} again")
            self._compiler = typst.Compiler(
                root=str(_file("org.typ").parent), font_paths=fonts, ignore_system_fonts=True
            )
        return self._compiler

    def _folder(self) -> Path:
        if self._fonts is not None:
            return self._fonts
        try:
            return Path(str(files(FONTS)))
        except ModuleNotFoundError as missing:
            raise NotPrinted(f"the font package {FONTS} is not installed") from missing


def _file(template: str) -> Path:
    return Path(str(files("handlers.printed") / template))
