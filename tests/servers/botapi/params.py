"""Reading a call's parameters: which there are, of what type, and the files beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.servers.botapi.errors import Json, bad_request


@dataclass(frozen=True)
class Upload:
    """A file that came in a multipart body."""

    name: str
    mime: str
    data: bytes


@dataclass
class Params:
    """Typed parameters of one call, made by `parse`."""

    values: dict[str, object]
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """A string."""
        value = self.values.get(name, default)
        return value if isinstance(value, str) else default

    def integer(self, name: str, default: int = 0) -> int:
        """An integer."""
        value = self.values.get(name, default)
        return value if isinstance(value, int) else default

    def optional_integer(self, name: str) -> int | None:
        """An integer, or None when it was not given."""
        value = self.values.get(name)
        return value if isinstance(value, int) else None

    def number(self, name: str, default: float = 0.0) -> float:
        """A floating-point number."""
        value = self.values.get(name, default)
        return float(value) if isinstance(value, int | float) else default

    def flag(self, name: str) -> bool:
        """A boolean, false when it was not given."""
        return self.values.get(name) is True

    def array(self, name: str) -> list[object] | None:
        """A JSON array, or None when it was not given."""
        value = self.values.get(name)
        return value if isinstance(value, list) else None

    def object(self, name: str) -> Json | None:
        """A JSON object, or None when it was not given."""
        value = self.values.get(name)
        return value if isinstance(value, dict) else None


def parse(spec: Mapping[str, str], raw: Json, uploads: Mapping[str, Upload]) -> Params:
    """The parameters of a method with that `spec` (name to kind), from any kind of body.

    Kinds: s string, i integer, f float, b boolean, a array, o object, c chat, x file. JSON bodies
    may give values natively, forms as text. Raises a 400 for an unknown name (the real server
    ignores it; a test wants to know) and for a value of the wrong type. Null counts as absent.
    """
    values: dict[str, object] = {}
    for name, value in raw.items():
        if name not in spec:
            raise bad_request(f'unknown parameter "{name}"')
        if value is None:
            continue
        values[name] = _convert(name, spec[name], value)
    attached = {name: upload for name, upload in uploads.items() if spec.get(name) != "x"}
    for name, upload in uploads.items():
        if spec.get(name) == "x":
            values[name] = upload
    for name in attached:
        if f"attach://{name}" not in json.dumps(values, default=str):
            raise bad_request(f'file "{name}" is attached but not used')
    return Params(values, uploads)


def _convert(name: str, kind: str, value: object) -> object:
    if isinstance(value, str):
        _check_unicode(value)
    if kind == "c":
        if isinstance(value, str) and value.startswith("@"):
            return value
        try:
            return _integer(value)
        except ValueError:
            raise bad_request("chat not found") from None
    try:
        return _CONVERTERS[kind](value)
    except (ValueError, RecursionError):
        raise bad_request(f'can\'t parse parameter "{name}": {_EXPECTED[kind]}') from None


def _check_unicode(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError
    return int(value)


def _float(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError
    return float(value)


def _bool(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false", "1", "0", "yes", "no"):
        return value.lower() in ("true", "1", "yes")
    raise ValueError


def _string(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError


def _array(value: object) -> list[object]:
    decoded = json.loads(value) if isinstance(value, str) else value
    if not isinstance(decoded, list):
        raise ValueError
    _check_deep(decoded)
    return decoded


def _object(value: object) -> Json:
    decoded = json.loads(value) if isinstance(value, str) else value
    if not isinstance(decoded, dict):
        raise ValueError
    _check_deep(decoded)
    return decoded


def _check_deep(value: object) -> None:
    if isinstance(value, str):
        _check_unicode(value)
    elif isinstance(value, list):
        for each in value:
            _check_deep(each)
    elif isinstance(value, dict):
        for each in value.values():
            _check_deep(each)


_CONVERTERS: dict[str, Callable[[object], object]] = {
    "s": _string,
    "i": _integer,
    "f": _float,
    "b": _bool,
    "a": _array,
    "o": _object,
    "x": _string,
}
_EXPECTED = {
    "s": "expected a String",
    "i": "expected an Integer",
    "f": "expected a Number",
    "b": "expected a Boolean",
    "a": "expected an Array",
    "o": "expected an Object",
    "x": "expected a String",
}
