"""What is wrong with the catalogues, one line each."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Message

from bot.catalogues import DIRECTORIES, Spoken, forms, po_path, read
from bot.catalogues.making import overlooked, pot_path, rendered, template

_HAN = r"\u3400-\u9fff"
_HALF_WIDTH = re.compile(rf"[{_HAN}][,;!?]|[,;!?][{_HAN}]")
_EXEMPT = "not the glossary's "


class BrokenPlaceholder(Exception):
    """A brace that is not a plain `{name}`; `{{` and `}}` stand for braces."""


def placeholders(text: str) -> frozenset[str]:
    """The names in `text`; BrokenPlaceholder for anything but plain `{name}`."""
    try:
        parsed = list(Formatter().parse(text))
    except ValueError as error:
        raise BrokenPlaceholder(str(error)) from None
    names = set()
    for _literal, name, spec, conversion in parsed:
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise BrokenPlaceholder(f"{{{name}}} is not a plain name")
        names.add(name)
    return frozenset(names)


@dataclass(frozen=True, slots=True)
class Term:
    """One line of the glossary, ready to be looked for."""

    english: str
    chinese: str
    pattern: re.Pattern[str]
    alone: bool
    """Only a sentence that is this word and nothing else means the term."""

    def means(self, text: str) -> bool:
        """Whether the English text says this term."""
        if self.alone:
            return text.strip().casefold() == self.english.casefold()
        return self.pattern.search(text) is not None


def glossary(path: Path) -> list[Term]:
    """The terms, the longest first, so that a longer one is met before its parts."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    terms = [_term(row["en"], row["zh"], row["note"]) for row in rows]
    return sorted(terms, key=lambda term: -len(term.english))


def _term(english: str, chinese: str, note: str) -> Term:
    full, _bracket, short = english.rstrip(")").partition(" (")
    words = "|".join(re.escape(word) for word in (full, short) if word)
    # Names of the organisation are written with a capital: `Group` is one, `group` is a chat.
    flags = re.IGNORECASE if full.islower() or " " in full else re.NOFLAG
    return Term(
        english=full,
        chinese=chinese.partition("（")[0],
        pattern=re.compile(rf"(?<!\w)(?:{words})s?(?!\w)", flags),
        alone=note == "resource status" or (full.istitle() and " " not in full),
    )


def problems(root: Path) -> list[str]:
    """All that is stale, missing or broken below the source checkout `root`."""
    made = template(root)
    pot = pot_path(root)
    if not pot.exists() or pot.read_bytes() != rendered(made):
        return ["locale/messages.pot is not what the code says: run `make catalogues`"]
    inside = "a sentence that Babel does not find; make it before the call that it stands in"
    found = [f"{where}: {inside}" for where in overlooked(root)]
    terms = glossary(root / "locale" / "glossary.csv")
    for lang in DIRECTORIES:
        path = po_path(root / "locale", lang)
        known = {_key(message): message for message in read(path)}
        obsolete = [message.id for message in read(path).obsolete.values()]
        found += [f"{lang}: obsolete, to be removed: {each!r}" for each in obsolete]
        wanted = {_key(message): message for message in made if message.id}
        found += [
            f"{lang}: not in the code: {key!r}" for key in known.keys() - wanted.keys() if key
        ]
        for key, message in wanted.items():
            if key not in known:
                found.append(f"{lang}: missing: {key!r}")
                continue
            found += [f"{lang}: {what}: {key!r}" for what in _faults(lang, message, known[key])]
            if lang == "zh":
                found += [f"zh: {what}: {key!r}" for what in _wording(terms, message, known[key])]
    return sorted(found)


def _key(message: Message) -> str:
    return forms(message.id)[0]


def _faults(lang: Spoken, message: Message, translated: Message) -> Iterator[str]:
    said = forms(translated.string)
    if not all(said):
        yield "empty"
        return
    if translated.fuzzy:
        yield "fuzzy"
    if forms(message.id) != forms(translated.id):
        yield "another plural in the code"
    if lang == "en" and said != forms(message.id):
        yield "not what the code says"
    try:
        allowed = [placeholders(text) for text in forms(message.id)]
        for text in said:
            names = placeholders(text)
            # A singular may leave out the number: "one message".
            if names not in allowed or (len(said) == 1 and names != allowed[-1]):
                yield "other placeholders than in English"
    except BrokenPlaceholder as broken:
        yield f"broken placeholder ({broken})"


def _wording(terms: Sequence[Term], message: Message, translated: Message) -> Iterator[str]:
    said = "\n".join(forms(translated.string))
    if not said:
        return
    english = re.sub(r"\{\w*\}", " ", forms(message.id)[-1])
    exempt = " ".join(message.auto_comments)
    for term in terms:
        if not term.means(english):
            continue
        # Taken away, so that "Incident Commander" is not asked for "incident" too.
        english = term.pattern.sub(" ", english)
        if term.chinese not in said and f"{_EXEMPT}{term.english}" not in exempt:
            yield f"“{term.english}” is {term.chinese} in the glossary"
    if _HALF_WIDTH.search(said):
        yield "half-width punctuation beside a Chinese character"
