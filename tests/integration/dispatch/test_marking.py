"""What families do about marks and changes costs nothing but itself when it fails."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from bot.marking import Marking
from handlers.document import Document, say
from handlers.marking import Change, Mark, Marks, discover_changes, discover_located, discover_marks
from tests.integration.dispatch.desk import A, B, Desk
from workflows.errors import Refusal
from workflows.text import _


async def failing(change: Change) -> None:
    """Change something, and fail."""
    change.message.content = {"html": "forged"}
    await change.uow.ledger.append("never", change.now, actor=None, room=None)
    raise KeyError("a fault in a family")


async def broken(mark: Mark) -> Document | None:
    """Fail."""
    await mark.context.uow.ledger.append("never", mark.context.now, actor=None, room=None)
    raise KeyError("a fault in a family")


async def refusing(mark: Mark) -> Document | None:
    """Refuse."""
    raise Refusal("trial", _("This room is in no bridge."))


async def answering(mark: Mark) -> Document | None:
    """Say who, what and whether it was put there."""
    return say(f"{mark.context.actor.name} {mark.emoji} {mark.put}")


@pytest.fixture
async def trial(desk: Desk) -> Desk:
    """A desk with families that do all that."""
    relay = desk.dispatcher.relay
    marks: Marks = {("🔥", None): broken, ("❌", None): refusing, ("❤", None): answering}
    marking = Marking(relay.conversation, marks, (failing,), ())
    desk.dispatcher = replace(desk.dispatcher, relay=replace(relay, marking=marking))
    await desk.bridge("north", a="en", b="en")
    return desk


async def test_a_fault_in_a_family_costs_neither_the_edit_nor_the_deletion(trial: Desk) -> None:
    said = (await trial.say(A, "8 bar")).remote
    await trial.take(trial.edited(A, said, "6 bar"))
    assert trial.texts(B) == ["Li: 6 bar"]
    await trial.take(trial.deleted(A, said))
    assert trial.texts(B) == []
    assert await trial.ledger() == []


async def test_a_fault_or_a_refusal_of_a_mark_is_told_in_that_room_and_it_is_shown_all_the_same(
    trial: Desk,
) -> None:
    said = (await trial.say(A, "8 bar")).remote or ""
    await trial.take(trial.reacted(A, said, "🔥"))
    assert "nothing was changed" in trial.texts(A)[-1]
    assert await trial.ledger() == []
    assert "react" in {row.action for row in await trial.rows()}
    other = (await trial.say(A, "7 bar")).remote or ""
    await trial.take(trial.reacted(A, other, "❌"))
    assert trial.texts(A)[-1] == "This room is in no bridge."


async def test_the_same_emoji_counts_however_a_network_writes_it(trial: Desk) -> None:
    said = (await trial.say(A, "8 bar")).remote or ""
    await trial.take(trial.reacted(A, said, "❤️"))
    assert trial.texts(A)[-1] == "Li ❤ True"


@pytest.fixture
def package(tmp_path: Path) -> Iterator[ModuleType]:
    """Two families, both of which want the same mark."""
    folder = tmp_path / "twofamilies"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    for name in ("one", "two"):
        (folder / f"{name}.py").write_text(
            'async def act(mark): ...\nMARKS = {("✅", "T"): act}\nCHANGES = (act,)\n'
        )
    sys.path.insert(0, str(tmp_path))
    yield importlib.import_module("twofamilies")
    sys.path.remove(str(tmp_path))


def test_two_families_cannot_want_the_same_mark_but_both_can_hear_of_changes(
    package: ModuleType,
) -> None:
    with pytest.raises(ValueError, match="two modules want ✅ on T"):
        discover_marks(package)
    assert len(discover_changes(package)) == 2
    assert discover_located(package) == ()
