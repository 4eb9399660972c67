"""The level packs that come with the program, and what an operator may make of them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from workflows.incidents.rules import LEVELS, TYPES
from workflows.requests import amounts
from workflows.requests.packing import PACKAGE, changes, packs, proposal, read, wanted
from workflows.shelf import NotUsable, Shelf

PACKS = packs(Shelf())


def test_there_is_a_pack_for_each_kind_of_emergency_that_the_service_knows_best() -> None:
    assert set(PACKS) == {"pipeline", "flood", "landslide", "chemical", "spill", "epidemic"}
    assert set(PACKS) <= set(TYPES)


@pytest.mark.parametrize("kind", PACKS)
def test_a_graver_level_never_proposes_less(kind: str) -> None:
    for item in PACKS[kind].items:
        rising = [item.amounts[level] for level in reversed(LEVELS)]
        assert rising == sorted(rising)
        assert rising[-1] > 0


@pytest.mark.parametrize("kind", PACKS)
@pytest.mark.parametrize("level", LEVELS)
def test_every_line_is_a_quantity_that_a_request_takes_in_either_language(
    kind: str, level: str
) -> None:
    lines = proposal(PACKS[kind], level, {}, {})
    for language in ("zh", "en", "both"):
        made = wanted(lines, language)
        for each in made:
            assert amounts.milli(each.amount, each.unit) > 0
        assert len({each.kind for each in made}) == len(made)


@pytest.mark.parametrize("kind", PACKS)
def test_each_pack_names_its_source_and_says_that_its_quantities_are_examples(kind: str) -> None:
    params = dict(PACKS[kind].source.params)
    assert PACKS[kind].example
    assert "示例" in str(params["zh"])
    assert "example" in str(params["en"])


def test_changes_take_the_place_of_what_is_usual_and_zero_leaves_out() -> None:
    pack = PACKS["flood"]
    changed = changes(("1:75", "2：0"), pack)
    lines = proposal(pack, "IV", {}, changed)
    assert [(each.number, each.amount) for each in lines[:2]] == [(1, Decimal(75)), (2, 0)]
    assert all(each.kind != "冲锋舟" for each in wanted(lines, "zh"))


def test_an_operators_own_pack_takes_the_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "pack-flood.toml").write_text(
        'type = "flood"\ntitle = { zh = "内涝", en = "urban flood" }\n'
        'source = { zh = "市防指预案", en = "city plan" }\n'
        '[[item]]\nkind = { zh = "水泵", en = "pump" }\nunit = { zh = "台", en = "sets" }\nI = 9\n',
        "utf-8",
    )
    pack = packs(Shelf(tmp_path))["flood"]
    assert not pack.example
    assert [each.amount for each in wanted(proposal(pack, "I", {}, {}), "zh")] == [9]


@pytest.mark.parametrize(
    "change",
    [
        {"item": []},
        {"item": [{"kind": {"zh": "泵", "en": "pump"}, "unit": {"zh": "台"}}]},
        {"priority": "soon"},
        {"title": "flood"},
    ],
)
def test_a_pack_that_cannot_be_used_is_named(change: dict[str, object]) -> None:
    data = dict(Shelf().read(PACKAGE, "pack-flood")) | change
    with pytest.raises(NotUsable, match="pack-flood"):
        read("pack-flood", data)
