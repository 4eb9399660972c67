"""The glossary's terms in what a document says in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bot.catalogues.checking import glossary
from workflows.text import Json

GLOSSARY = Path(__file__).parents[3] / "locale" / "glossary.csv"


def agree(name: str, english: str, chinese: str) -> int:
    """Assert that each term of several words in the English is in the Chinese as the glossary has
    it; how many there are. Words alone, such as order, mean other things on forms: the catalogue
    sees to them."""
    # The number of a form is a name and not the system's.
    text = re.sub(r"ICS \d+[A-Z]*", " ", " ".join(english.split()))
    said, met = "".join(chinese.split()), 0
    for term in glossary(GLOSSARY):
        if " " in term.english and term.means(text):
            met += 1
            assert "".join(term.chinese.split()) in said, (name, term.english)
            text = term.pattern.sub(" ", text)
    return met


def texts(value: Json) -> str:
    """All texts of a paper's data, a line each."""
    if isinstance(value, Mapping):
        return "\n".join(texts(each) for each in value.values())
    if isinstance(value, list):
        return "\n".join(map(texts, value))
    return str(value)
