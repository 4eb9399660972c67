"""The groups of an on-scene headquarters, each led by a position."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflows.organisation.headquarters import groups
from workflows.organisation.positions import ROLES
from workflows.shelf import NotUsable, Shelf

OWN = """
source = { zh = "本单位预案", en = "our plan" }
[[group]]
name = { zh = "医疗卫生组", en = "Health group" }
role = "medical"
[[group]]
name = { zh = "善后组", en = "Aftermath group" }
role = "compensation"
[[agency]]
agency = "消防"
[[agency.group]]
name = { zh = "救护组", en = "Ambulance group" }
also = ["医疗卫生组"]
role = "service-branch"
"""


def leading(shelf: Shelf, name: str, agency: str | None = None) -> str:
    """The position that leads the group of that name."""
    (role,) = {each.role for each in groups(shelf, agency) if name in each.names}
    return role


def test_all_thirteen_groups_are_led_by_positions_that_exist() -> None:
    found = groups(Shelf())
    assert len(found) == 13
    assert {each.role for each in found} <= ROLES.keys()
    assert leading(Shelf(), "抢险救援组") == "operations"


def test_an_agency_s_plan_goes_before_the_common_one(tmp_path: Path) -> None:
    (tmp_path / "headquarters.toml").write_text(OWN, "utf-8")
    shelf = Shelf(tmp_path)
    assert leading(shelf, "医疗卫生组") == "medical"
    assert leading(shelf, "医疗卫生组", "消防") == "service-branch"
    assert leading(shelf, "善后组", "消防") == "compensation"


def test_a_position_that_does_not_exist_is_named(tmp_path: Path) -> None:
    text = '[[group]]\nname = { zh = "甲", en = "A" }\nrole = "wizard"\n'
    (tmp_path / "headquarters.toml").write_text(text, "utf-8")
    with pytest.raises(NotUsable, match="wizard"):
        groups(Shelf(tmp_path))
