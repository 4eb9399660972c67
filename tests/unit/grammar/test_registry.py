"""Commands are found, checked and listed from their definitions alone."""

from __future__ import annotations

import sys
import textwrap
from importlib import import_module
from pathlib import Path

import pytest

from handlers.document import Document, say
from handlers.registry import Arg, Command, Family, Name, Registry, command, discover
from handlers.values import Args, Kind
from tests.unit.grammar.sample import COMMANDS, REGISTRY, Desk
from workflows.text import _


def _command(family: Family, verb: Name | None, *args: Arg, card: bool = False) -> Command[Desk]:
    @command(
        family, verb, *args, allow="anyone", summary=_("Do it"), examples=("/x", "/某"), card=card
    )
    async def run(context: Desk, given: Args) -> Document:
        return say(",".join(given.values))

    return run


BOAT = Family(Name("boat", "船", ("ship",)), _("Boats"))


async def test_command_runs_the_function_that_it_was_made_of() -> None:
    """The decorator keeps the function and the declared types."""
    made = _command(BOAT, Name("new", "新建"), Arg("name", "名称", Kind.TEXT))
    assert await made.run(Desk(), Args({"name": "Sea"})) == say("name")
    assert made.key == "boat.new"
    assert made.usage("en") == "/boat new [NAME]"
    assert made.usage("zh") == "/船 新建 [名称]"


def test_family_is_found_by_every_name() -> None:
    """In both languages, any case and width, and by alias."""
    registry = Registry([_command(BOAT, None)])
    for name in ("boat", "BOAT", "ｂｏａｔ", "船", "ship"):
        entry = registry.family(name)
        assert entry is not None
        assert entry.family is BOAT
    assert registry.family("car") is None


@pytest.mark.parametrize(
    "other",
    [
        _command(Family(Name("ship", "艇"), _("Ships")), None),
        _command(Family(Name("craft", "船"), _("Craft")), None),
        _command(BOAT, Name("make", "新建")),
        _command(BOAT, Name("new", "造")),
    ],
)
def test_name_with_two_meanings_is_refused(other: Command[Desk]) -> None:
    """Families and verbs may share no name in either language."""
    with pytest.raises(ValueError, match=r"names both|defined twice"):
        Registry([_command(BOAT, Name("new", "新建")), other])


def test_arguments_that_cannot_work_are_refused() -> None:
    """A mistake in a definition is found when it is made, not when somebody types."""
    with pytest.raises(ValueError, match="no question"):
        Arg("name", "名称", Kind.TEXT, required=True)
    with pytest.raises(ValueError, match="choice of nothing"):
        Arg("kind", "种类", Kind.CHOICE)
    with pytest.raises(ValueError, match="refers to nothing"):
        Arg("ref", "编号", Kind.REFERENCE)
    with pytest.raises(ValueError, match="names both"):
        _command(BOAT, None, Arg("a", "甲", Kind.TEXT), Arg("b", "甲", Kind.TEXT))
    with pytest.raises(ValueError, match="card"):
        _command(BOAT, Name("new", "新建"), card=True)


def test_menu_has_a_name_that_telegram_takes_for_each_family() -> None:
    """Small Latin letters; the description is translated later."""
    names = [name for name, _summary in REGISTRY.menu()]
    assert len(names) == len(REGISTRY.entries)
    assert all(name.isascii() and name.islower() for name in names)


def test_documentation_table_has_a_row_for_each_command() -> None:
    """In each language, by name and by example."""
    table = REGISTRY.table("zh", lambda message: f"<{message.id}>").splitlines()
    assert len(table) == len(COMMANDS) + 2
    assert "| `/桥接 新建 名称` | <Do it> | `/桥接 新建` |" in table
    assert REGISTRY.table("en", lambda message: message.id).splitlines()[0].startswith("| command")


def _package(folder: Path, name: str, body: str) -> None:
    package = folder / name
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "boat.py").write_text(textwrap.dedent(body))


@pytest.fixture
def families(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the import path."""
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [each for each in sys.modules if each.startswith("fleet")]:
        monkeypatch.delitem(sys.modules, name)
    return tmp_path


BODY = """
    from handlers.document import say
    from handlers.registry import Family, Name, command
    from workflows.text import _

    FAMILY = Family(Name("boat", "船"), _("Boats"))
    OTHER = Family(Name("car", "车"), _("Cars"))

    @command({family}, None, allow="anyone", summary=_("Show"), examples=("/boat", "/船"))
    async def boat(context, args):
        return say("boat")
"""


def test_one_decorated_function_is_a_command(families: Path) -> None:
    """A module in the package is all that it takes."""
    _package(families, "fleet", BODY.format(family="FAMILY"))
    registry = discover(import_module("fleet"), Desk)
    assert [each.key for each in registry] == ["boat"]


def test_command_of_a_strange_family_is_refused(families: Path) -> None:
    """A module speaks for its own family only."""
    _package(families, "fleet_b", BODY.format(family="OTHER"))
    with pytest.raises(ValueError, match="not of its FAMILY"):
        discover(import_module("fleet_b"), Desk)


def test_getters_check_what_they_hand_out() -> None:
    """A handler that asks for another kind learns so at once."""
    args = Args({"n": 3, "yes": True, "name": "x"})
    assert args.integer("n") == 3
    assert args.yes("yes") is True
    assert args.optional_text("none") is None
    assert args.texts("name") == ("x",)
    assert "n" in args
    with pytest.raises(TypeError):
        args.text("n")
    with pytest.raises(TypeError):
        args.integer("yes")
    with pytest.raises(KeyError):
        args.text("none")
