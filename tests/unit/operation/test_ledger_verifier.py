"""The stand-alone verifier of the record: no byte of it can be changed unnoticed."""

from __future__ import annotations

import ast
import hashlib
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings, strategies as st

from bot.operation import ledger_verifier
from bot.operation.ledger_verifier import START, canonical, first_bad, main, read_lines

SAFE = 2**53 - 1
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.integers(-SAFE, SAFE) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | texts | numbers,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def chain(params: list[object]) -> bytes:
    """A record with these parameters, as it is exported."""
    before, made = START, b""
    for seq, each in enumerate(params, 1):
        entry = {
            "seq": seq,
            "at": "2026-07-18T06:00:00.000000+00:00",
            "actor": "telegram:1",
            "room": None,
            "code": "log.written",
            "params": {"text": each},
            "before": before,
        }
        before = hashlib.sha256(_dumped(entry)).hexdigest()
        made += _dumped(entry | {"hash": before}) + b"\n"
    return made


def bad(content: bytes, heads: dict[int, str] | None = None) -> int | None:
    """The first bad entry."""
    return first_bad(read_lines(content), heads or {})[0]


@given(values)
@settings(max_examples=400)
def test_it_writes_json_as_the_library_does_that_made_the_hashes(value: object) -> None:
    assert canonical(value) == _dumped(value)


@pytest.mark.parametrize(
    "value",
    [0.0, -0.0, 1.0, 1e21, 1e20, 123456789012345680000.0, 1e-6, 1e-7, 31.2304, -121.4737, 5e-324,
     1.7976931348623157e308, 0.1 + 0.2, 100.0, 1.5e-10, 2e22],
)  # fmt: skip
def test_numbers_are_written_as_ecmascript_writes_them(value: float) -> None:
    assert canonical(value) == _dumped(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, {1, 2}])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"JSON"):
        canonical(value)


@given(st.lists(texts | numbers, max_size=5))
def test_a_whole_record_is_whole(params: list[object]) -> None:
    assert bad(chain(params)) is None


@given(st.data())
@settings(max_examples=300)
def test_the_first_bad_entry_is_named_after_any_flip(data: st.DataObject) -> None:
    whole = chain(data.draw(st.lists(texts, min_size=1, max_size=4)))
    at = data.draw(st.integers(0, len(whole) - 1))
    flipped = bytearray(whole)
    flipped[at] ^= 1 << data.draw(st.integers(0, 7))
    assert bad(bytes(flipped)) == whole[:at].count(b"\n") + 1


@given(st.data())
def test_the_first_bad_entry_is_named_after_any_deletion(data: st.DataObject) -> None:
    """The end of the record too, once its head was posted."""
    lines = chain(data.draw(st.lists(texts, min_size=1, max_size=5))).splitlines(keepends=True)
    at = data.draw(st.integers(0, len(lines) - 1))
    head = {len(lines): _hash(lines[-1])}
    assert bad(b"".join(lines[:at] + lines[at + 1 :]), head) == at + 1


@given(st.data())
def test_the_first_bad_entry_is_named_after_any_insertion(data: st.DataObject) -> None:
    lines = chain(data.draw(st.lists(texts, min_size=1, max_size=4))).splitlines(keepends=True)
    foreign = chain(data.draw(st.lists(texts, min_size=1, max_size=6))).splitlines(keepends=True)
    at = data.draw(st.integers(0, len(lines)))
    new = data.draw(st.sampled_from([*lines, *foreign, b"\n", b"{}\n", b"null\n"]))
    if (lines[at : at + 1] or [b""])[0] == new:
        at += 1
    inserted = b"".join([*lines[:at], new, *lines[at:]])
    posted = {seq: _hash(line) for seq, line in enumerate(lines, 1)} | {len(lines) + 1: "0" * 64}
    for seq in [each for each in posted if each <= at]:
        del posted[seq]
    assert bad(inserted, posted) == at + 1
    if at < len(lines):
        # One that fits by itself shows at the next, which does not fit it.
        assert bad(inserted) in (at + 1, at + 2)


@given(st.data())
def test_the_first_bad_entry_is_named_after_any_reordering(data: st.DataObject) -> None:
    lines = chain(data.draw(st.lists(texts, min_size=2, max_size=6))).splitlines(keepends=True)
    moved = data.draw(st.permutations(lines).filter(lambda order: list(order) != lines))
    first = next(at for at, (old, new) in enumerate(zip(lines, moved, strict=True)) if old != new)
    assert bad(b"".join(moved)) == first + 1


def test_a_record_that_was_rewritten_as_a_whole_does_not_agree_with_a_posted_head() -> None:
    posted = {2: _hash(chain(["a", "b"]).splitlines()[1])[:32]}
    forged = chain(["a", "x", "c"])
    assert bad(forged) is None
    assert bad(forged, posted) == 2
    assert bad(chain(["a", "b", "c"]), posted) is None
    assert bad(chain(["a"]), posted) == 2


def test_it_needs_nothing_but_python(tmp_path: Path) -> None:
    """As a file of its own, in a Python that has no other library."""
    source = Path(ledger_verifier.__file__).read_text("utf-8")
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        for name in (
            [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names
    (tmp_path / "verify.py").write_text(source, "utf-8")
    (tmp_path / "record.jsonl").write_bytes(chain(["泄漏", 1.5]))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", "record.jsonl"],
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"2 entries" in done.stdout


def test_the_exit_code_and_a_line_in_both_languages_tell_the_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "record.jsonl"
    file.write_bytes(chain(["a", "b"]))
    assert main([str(file)]) == 0
    assert main([str(file), "2:" + "0" * 32]) == 1
    assert "rewritten" in capsys.readouterr().err
    file.write_bytes(chain(["a", "b"]).replace(b'"b"', b'"c"'))
    assert main([str(file)]) == 1
    told = capsys.readouterr().err
    assert "Entry 2 was altered" in told
    assert "第 2 条" in told
    assert main([str(file), "head"]) == 2
    assert main([str(tmp_path / "none")]) == 2
    assert main([]) == 2


def _dumped(value: Any) -> bytes:
    return rfc8785.dumps(value)


def _hash(line: bytes) -> str:
    return line.rstrip(b"\n").partition(b'"hash":"')[2][:64].decode()
