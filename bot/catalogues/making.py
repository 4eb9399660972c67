"""From the sentences in the code to catalogues for translators."""

from __future__ import annotations

import ast
import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from bot.catalogues import DIRECTORIES, Spoken, forms, po_path, read

_FLOORS = ("bot", "handlers", "workflows", "storage")
_KEYWORDS = {"_": None, "ngettext": (1, 2)}
# A date in the header would make every extraction a change.
_DATED = datetime(2026, 1, 1, tzinfo=UTC)


def pot_path(root: Path) -> Path:
    """The template below the source checkout `root`."""
    return root / "locale" / "messages.pot"


def template(root: Path) -> Catalog:
    """The sentences that the code below `root` marks with `_()` and `ngettext()` now.

    A comment that begins with `Translators:` on the line above goes along.
    """
    made = _catalog()
    for floor in _FLOORS:
        found = extract_from_dir(root / floor, keywords=_KEYWORDS, comment_tags=["Translators:"])
        for name, line, msg_id, comments, context in found:
            made.add(
                msg_id,
                locations=[(f"{floor}/{name}", line)],
                auto_comments=comments,
                context=context,
            )
    return made


def overlooked(root: Path) -> list[str]:
    """Sentences that are marked in the code and not in its template, as `file:line`: Babel passes
    over some calls inside the arguments of another.
    """
    known = {forms(message.id)[0] for message in template(root)}
    found = []
    for floor in _FLOORS:
        for path in sorted((root / floor).rglob("*.py")):
            for call in ast.walk(ast.parse(path.read_bytes())):
                match call:
                    case ast.Call(ast.Name(name), [ast.Constant(str(text)), *_]) if (
                        name in _KEYWORDS and text not in known
                    ):
                        found.append(f"{path.relative_to(root).as_posix()}:{call.lineno}")
    return found


def _catalog(lang: Spoken | None = None) -> Catalog:
    return Catalog(
        locale=None if lang is None else DIRECTORIES[lang],
        project="Lianzhi",
        version="1",
        creation_date=_DATED,
        revision_date=_DATED,
        msgid_bugs_address="see CONTRIBUTING.md",
        last_translator="the Lianzhi authors",
        language_team="the Lianzhi authors",
        copyright_holder="the Lianzhi authors",
        header_comment="# Sentences of Lianzhi. Apache-2.0, as the project.",
        fuzzy=False,
    )


def rendered(catalog: Catalog) -> bytes:
    """The text of a .po or .pot file: sorted, without line numbers, so that changes are small."""
    file = io.BytesIO()
    write_po(file, catalog, width=100, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return file.getvalue()


def extract(root: Path) -> None:
    """Write messages.pot from the code."""
    path = pot_path(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(rendered(template(root)))


def update(root: Path) -> None:
    """Bring each catalogue up to the template: new sentences empty, gone ones removed.

    English says what the code says. What is known in Chinese stays; nothing is guessed.
    """
    wanted = read(pot_path(root))
    for lang in DIRECTORIES:
        path = po_path(root / "locale", lang)
        made = _catalog(lang)
        if path.exists():
            for message in read(path):
                if message.id:
                    made[message.id] = message
        made.update(wanted, no_fuzzy_matching=True, update_creation_date=False)
        if lang == "en":
            for message in made:
                if message.id:
                    message.string = message.id
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(rendered(made))
