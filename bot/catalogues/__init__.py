"""The project's sentences in the languages that it speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

Spoken: TypeAlias = Literal["zh", "en"]
"""A language that a sentence can be said in."""

DIRECTORIES: Mapping[Spoken, str] = {"zh": "zh_CN", "en": "en"}

_PACKAGE = Path(__file__).resolve().parents[1]

# Written as IETF tags, POSIX locales, ISO 639 codes and the names that people type. Chinese in
# any script or place is answered in the one Chinese that there is.
_CHINESE = ("zh", "zho", "chi", "cmn", "中文", "汉语", "普通话", "简体中文", "chinese")
_ENGLISH = ("en", "eng", "英文", "英语", "english")
_ALIASES: Mapping[str, Spoken] = {
    **dict.fromkeys(_CHINESE, "zh"),
    **dict.fromkeys(_ENGLISH, "en"),
}


def language_of(tag: str) -> Spoken | None:
    """The language that `zh`, `zh-Hans-CN`, `zh_CN.UTF-8`, `cmn`, `en-GB`, `英文`… name.

    None for every other language, and for what is no language tag.
    """
    primary = tag.strip().casefold().replace("_", "-").split(".")[0].split("-")[0]
    return _ALIASES.get(primary)


def directory() -> Path:
    """Where the catalogues are: inside the installed package, or in the source checkout."""
    installed = _PACKAGE / "_locale"
    return installed if installed.is_dir() else _PACKAGE.parent / "locale"


def read(path: Path) -> Catalog:
    """A .po or .pot file; `babel.messages.pofile.PoFileError` if it is broken."""
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


class Catalogues:
    """All translations, in memory.

    A sentence that a catalogue lacks is given as it stands in the code, in English; `check`
    sees to it that there is none.
    """

    def __init__(self, forms: Mapping[Spoken, Mapping[str, tuple[str, ...]]]) -> None:
        self._forms = forms

    @classmethod
    def load(cls, path: Path | None = None) -> Catalogues:
        """Read every catalogue below `path`; by default the project's own, which is read once."""
        return _loaded(path or directory())

    def text(self, msg_id: str, lang: Spoken) -> str:
        """The sentence in that language, its {placeholders} not yet filled."""
        forms = self._forms[lang].get(msg_id)
        return forms[0] if forms else msg_id

    def plural(self, singular: str, plural: str, n: int, lang: Spoken) -> str:
        """The form for `n` in that language; Chinese has one form, English two."""
        forms = self._forms[lang].get(singular, (singular, plural))
        return forms[0] if n == 1 else forms[-1]


@cache
def _loaded(home: Path) -> Catalogues:
    return Catalogues({lang: _forms(read(po_path(home, lang))) for lang in DIRECTORIES})


def forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """Singular and plural as a catalogue holds them, or the one form there is."""
    return (text,) if isinstance(text, str) else tuple(text or ())


def po_path(home: Path, lang: Spoken) -> Path:
    """The catalogue of one language below `home`."""
    return home / DIRECTORIES[lang] / "LC_MESSAGES" / "messages.po"


def _forms(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    made: dict[str, tuple[str, ...]] = {}
    for message in catalog:
        msg_id, said = forms(message.id)[0], forms(message.string)
        # What says the same as the code does need not be held.
        if msg_id and said and all(said) and not message.fuzzy and said != forms(message.id):
            made[msg_id] = said
    return made
