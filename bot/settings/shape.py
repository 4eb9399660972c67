"""What a model's annotations say of its keys, and what a value in the file stands for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_origin

from pydantic import BaseModel, SecretStr


def written_as_json(annotation: object) -> bool:
    """Whether a value of this kind is written as JSON in a variable."""
    return (
        annotation is tuple
        or get_origin(annotation) in (tuple, list, dict)
        or bool(models_in(annotation))
    )


def is_json(text: str) -> bool:
    """Whether the text can be read as JSON."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def sqlite_file(url: str) -> Path | None:
    """The file that a SQLite address names; None for another database."""
    scheme, _colon, rest = url.partition(":///")
    return Path(rest.partition("?")[0]) if scheme.startswith("sqlite") else None


def models_in(annotation: object) -> list[type[BaseModel]]:
    """The models in an annotation, as in `tuple[Room, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for each in get_args(annotation) for model in models_in(each)]


def holds(annotation: object, kind: type) -> bool:
    """Whether values of `kind` may stand in an annotation, as in `SecretStr | None`."""
    return annotation is kind or any(holds(each, kind) for each in get_args(annotation))


def secrets_of(model: type[BaseModel]) -> Iterator[str]:
    """The keys of a model whose values are secrets."""
    return (key for key, field in model.model_fields.items() if holds(field.annotation, SecretStr))


def absolute(section: BaseModel, folder: Path) -> BaseModel:
    """The section with its paths taken from `folder`."""
    paths = {
        key: folder / value.expanduser()
        for key, value in dict(section).items()
        if isinstance(value, Path)
    }
    return section.model_copy(update=paths) if paths else section
