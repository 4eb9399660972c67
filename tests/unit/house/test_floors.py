"""The house has the rooms that it says it has, and the lint rules know them all."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from tests.servers.parts import ROOT

FLOORS = ["bot", "handlers", "workflows", "storage"]
SUPPORT = {"deploy", "docs", "locale", "locks", "tests"}
"""Directories beside the floors; hidden ones and those that git ignores do not count."""


@pytest.fixture(scope="module")
def settings() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_every_directory_is_a_floor_or_is_known_not_to_be_one() -> None:
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}
    found = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "."}
    assert found - ignored - SUPPORT == set(FLOORS)


def test_the_linter_the_wheel_and_the_types_know_every_floor(settings: dict[str, Any]) -> None:
    tool = settings["tool"]
    by_name = {each["id"]: each for each in tool["importlinter"]["contracts"]}
    assert tool["importlinter"]["root_packages"] == FLOORS
    assert by_name["floors"]["layers"] == FLOORS
    assert set(by_name["circles"]["ancestors"]) == set(FLOORS)
    exhaustive = [each["containers"] for each in by_name.values() if each.get("exhaustive")]
    assert sorted(exhaustive) == sorted([floor] for floor in FLOORS)
    assert tool["hatch"]["build"]["targets"]["wheel"]["packages"] == FLOORS
    assert set(tool["mypy"]["packages"]) == {*FLOORS, "tests"}


@pytest.mark.parametrize("floor", FLOORS)
def test_every_directory_of_a_floor_that_holds_python_is_a_package(floor: str) -> None:
    bare = {
        path.parent.relative_to(ROOT).as_posix()
        for path in (ROOT / floor).rglob("*.py")
        if not (path.parent / "__init__.py").exists()
    }
    # Alembic reads its scripts as files.
    assert bare <= {"storage/migrations", "storage/migrations/versions"}


def test_locale_is_never_python() -> None:
    assert not list((ROOT / "locale").rglob("*.py"))


@pytest.mark.parametrize(
    "lock",
    ["locks/runtime.lock", "locks/dev.lock", "tests/servers/synapse.lock"],
)
def test_a_lock_names_exact_versions_with_hashes_and_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text()
    entries = re.findall(
        r"^(\S+) .*\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)*)", text, re.M
    )
    assert len(entries) > 20
    assert all(re.search(r"[^=]==[^=]", name) and hashes for name, hashes in entries)
    assert len(entries) == len(re.findall(r"^[a-z]", text, re.M | re.I))
    assert "://" not in text
    assert "index-url" not in text


def test_the_runtime_lock_is_part_of_the_development_lock() -> None:
    def pins(path: Path) -> set[str]:
        return set(re.findall(r"^\S+==\S+", path.read_text(), re.M))

    assert pins(ROOT / "locks/runtime.lock") <= pins(ROOT / "locks/dev.lock")


def imported(floor: str) -> set[str]:
    """The top-level names that a floor imports from outside the house and the standard library."""
    found: set[str] = set()
    for path in (ROOT / floor).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {each.name for each in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module)
    tops = {name.split(".")[0] for name in found}
    return tops - set(FLOORS) - sys.stdlib_module_names


@pytest.mark.parametrize("floor", FLOORS)
def test_every_library_that_is_imported_is_declared(floor: str, settings: dict[str, Any]) -> None:
    declared = {
        re.split(r"[\[<>=~!; ]", each)[0].lower() for each in settings["project"]["dependencies"]
    }
    providers = packages_distributions()
    undeclared = {
        name
        for name in imported(floor)
        if not declared & {each.lower().replace("_", "-") for each in providers.get(name, [])}
    }
    assert not undeclared


def test_every_library_that_is_declared_is_locked(settings: dict[str, Any]) -> None:
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "locks/dev.lock").read_text(), re.M))
    declared = settings["project"]["dependencies"] + settings["dependency-groups"]["dev"]
    names = {re.split(r"[\[<>=~!; ]", each)[0].lower() for each in declared}
    assert names <= locked
