"""Checks recorded calls against aiogram's models; run by an environment that has aiogram.

Reads a JSON array of `{"method", "params", "result"}` from standard input and prints one line for
each parameter or result that the models refuse, or that they do not know.
"""

import importlib
import json
import sys


def unknown(value: object, path: str) -> list[str]:
    """Where a validated value holds fields that the models do not name."""
    if isinstance(value, list | tuple):
        return [line for at, each in enumerate(value) for line in unknown(each, f"{path}[{at}]")]
    fields = getattr(type(value), "model_fields", None)
    if fields is None:
        return []
    extra = getattr(value, "model_extra", None) or {}
    lines = [f"{path}.{name}: unknown to {type(value).__name__}" for name in extra]
    for name in fields:
        lines += unknown(getattr(value, name), f"{path}.{name}")
    return lines


def decode(value: object) -> object:
    """A form's text as the JSON that it may be."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            decoded: object = json.loads(value)
        except ValueError:
            return value
        return decoded
    return value


def check(record: dict[str, object]) -> list[str]:
    """The complaints about one call."""
    name = str(record["method"])
    methods = importlib.import_module("aiogram.methods")
    adapter = importlib.import_module("pydantic").TypeAdapter
    model = getattr(methods, name[0].upper() + name[1:])
    lines: list[str] = []
    params, files = record["params"], record["files"]
    assert isinstance(params, dict)
    assert isinstance(files, list)
    given = {key: decode(value) for key, value in params.items()}
    given |= {each: "file" for each in files if each in model.model_fields}
    try:
        lines += unknown(model.model_validate(given), name)
    except ValueError as error:
        lines.append(f"{name} parameters: {error}")
    try:
        lines += unknown(adapter(model.__returning__).validate_python(record["result"]), name)
    except ValueError as error:
        lines.append(f"{name} result: {error}")
    return lines


def main() -> None:
    """Reads, checks, prints."""
    for record in json.load(sys.stdin):
        for line in check(record):
            print(line)


if __name__ == "__main__":
    main()
