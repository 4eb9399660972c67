"""Figures of several agencies, packs of deadlines, and what a report lacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from handlers.families.sitrep_counts import read_counts, read_damage
from workflows.errors import Refusal
from workflows.shelf import Shelf
from workflows.sitreps.elements import Kind, carried, changed, lacking
from workflows.sitreps.figures import Code, falls, impossible, own, reconciled
from workflows.sitreps.packs import asked, for_type, known, lead, pack

NOW = datetime(2026, 7, 18, 6, 0, tzinfo=UTC)
OURS = ("environment", "local", "natural-disaster", "work-safety")


@dataclass
class Row:
    """A stored figure."""

    agency: str
    code: str
    value: int
    settled: bool = False
    at: datetime = NOW
    sitrep_id: int | None = None


def dead(*rows: tuple[str, int] | tuple[str, int, bool]) -> list[Row]:
    """Figures of the dead, oldest first."""
    return [Row(each[0], "dead", each[1], len(each) > 2) for each in rows]


def test_where_all_agree_there_is_one_number_and_where_they_differ_there_is_none() -> None:
    agreed = reconciled(dead(("Fire", 1), ("Police", 2), ("Fire", 2)))[Code.DEAD]
    assert (agreed.value, agreed.disagree) == (2, False)
    differ = reconciled(dead(("Fire", 1), ("Police", 4)))[Code.DEAD]
    assert (differ.value, differ.disagree, differ.least, differ.most) == (None, True, 1, 4)


def test_what_command_settles_stands_until_somebody_counts_otherwise() -> None:
    rows = dead(("Fire", 1), ("Police", 4), ("", 3, True))
    assert reconciled(rows)[Code.DEAD].value == 3
    rows += dead(("Fire", 1))
    assert reconciled(rows)[Code.DEAD].value == 3
    rows += dead(("Fire", 3))
    assert reconciled(rows)[Code.DEAD].value == 3
    rows += dead(("Police", 5))
    assert reconciled(rows)[Code.DEAD].value is None
    rows += dead(("", 5, True))
    assert reconciled(rows)[Code.DEAD].value == 5


AGENCIES = st.sampled_from(["Fire", "Police", "Hospital", ""])


@given(st.lists(st.builds(Row, AGENCIES, st.sampled_from(Code), st.integers(0, 50), st.booleans())))
def test_a_number_that_is_shown_is_always_one_that_somebody_gave(rows: list[Row]) -> None:
    for code, figure in reconciled(rows).items():
        given_ = {row.value for row in rows if row.code == code}
        if figure.value is not None:
            assert figure.value in given_
        newest = {row.agency: row.value for row in rows if row.code == code and not row.settled}
        assert {each.agency: each.value for each in figure.claims} == newest
        if figure.settled is None and len(set(newest.values())) > 1:
            assert figure.value is None


def test_only_what_the_same_agency_said_before_can_fall() -> None:
    rows = [*dead(("Fire", 5), ("Police", 2)), Row("Fire", "injured", 3)]
    mine = own(rows, "Police")
    assert mine == {Code.DEAD: 2}
    assert falls(mine, {Code.DEAD: 3, Code.INJURED: 1}) == ()
    (fall,) = falls(own(rows, "Fire"), {Code.DEAD: 4, Code.INJURED: 3})
    assert (fall.code, fall.before, fall.now) == (Code.DEAD, 5, 4)


@pytest.mark.parametrize(
    ("counted", "wrong"),
    [
        ({Code.DEAD: 0}, None),
        ({Code.DEAD: -1}, Code.DEAD),
        ({Code.TRAPPED: 10**9}, Code.TRAPPED),
        ({Code.LOSS: 10**9}, None),
        ({Code.INJURED: 2, Code.SEVERE: 2}, None),
        ({Code.INJURED: 2, Code.SEVERE: 3}, Code.SEVERE),
        ({Code.DEAD: 2, Code.MISSING: 2, Code.AFFECTED: 4}, None),
        ({Code.DEAD: 2, Code.MISSING: 2, Code.AFFECTED: 3}, Code.AFFECTED),
    ],
)
def test_figures_that_cannot_be_are_named(counted: dict[Code, int], wrong: Code | None) -> None:
    found = impossible(counted)
    assert (None if found is None else found.code) == wrong


@pytest.mark.parametrize(
    ("typed", "counted", "rest"),
    [
        ("0", {"dead": 0, "missing": 0, "injured": 0, "trapped": 0}, ""),
        ("无人员伤亡。", {"dead": 0, "missing": 0, "injured": 0, "trapped": 0}, ""),
        ("Nobody hurt", {"dead": 0, "missing": 0, "injured": 0, "trapped": 0}, ""),
        ("2人死亡、3人受伤", {"dead": 2, "injured": 3}, ""),
        ("死亡2人，受伤３人，失踪一人", {"dead": 2, "injured": 3, "missing": 1}, ""),
        ("2死3伤", {"dead": 2, "injured": 3}, ""),
        ("2 dead, 3 injured", {"dead": 2, "injured": 3}, ""),
        ("dead 2, 3 injured", {"dead": 2, "injured": 3}, ""),
        ("三人受伤（重伤1人、轻伤2人），已送医院", {"injured": 3, "severe": 1}, ""),
        ("重伤1人、轻伤2人", {"injured": 3, "severe": 1}, ""),
        ("约30人被困，转移200余人", {"trapped": 30, "evacuated": 200}, ""),
        ("转移1,200人，受灾3万人", {"evacuated": 1200, "affected": 30000}, ""),
        ("1人死亡（男，45岁）", {"dead": 1}, ""),
        ("失踪人数不详", {}, ""),
        ("有人受伤", {}, ""),
        ("死亡-3", {}, "死亡 -3"),
        ("2.5 dead", {}, "2.5 dead"),
        ("3", {}, "3"),
        ("dead 2 dead 3", {"dead": 2}, "dead 3"),
    ],
)
def test_casualties_are_read_as_people_write_them(
    typed: str, counted: dict[str, int], rest: str
) -> None:
    found = read_counts(typed)
    assert ({code.value: n for code, n in found.values.items()}, found.rest) == (counted, rest)


@given(st.text(max_size=80))
def test_no_sentence_about_casualties_breaks_the_reading_and_nobody_is_counted_below_none(
    typed: str,
) -> None:
    assert all(value >= 0 for value in read_counts(typed).values.values())
    assert all(value >= 0 for value in read_damage(typed).values())


def test_damage_in_a_sentence_is_counted_and_other_numbers_are_left_alone() -> None:
    assert read_damage("房屋倒塌12间，直接经济损失300万元，3号罐损坏") == {
        Code.COLLAPSED: 12,
        Code.LOSS: 3_000_000,
    }


def test_what_is_unsaid_still_holds_and_only_what_is_new_has_changed() -> None:
    before = {"status": "leak", "needs": "boom", "casualties": "some", "note": "by radio"}
    after = carried(before, {"status": "shut"})
    assert after == {"status": "shut", "needs": "boom"}
    assert changed(before, after) == ("status",)


def test_figures_stand_for_the_words_of_casualties() -> None:
    wanted = ("status", "casualties", "damage")
    assert lacking(wanted, {"status": "x"}, casualties=True, damage=False) == ("damage",)


@pytest.mark.parametrize("code", OURS)
def test_every_pack_of_ours_can_be_used_and_says_where_it_comes_from(code: str) -> None:
    assert known(Shelf()) == OURS
    found = pack(Shelf(), code)
    assert found.deadline("first", None) is not None
    assert all(found.elements[kind] for kind in (Kind.FIRST, Kind.UPDATE, Kind.FINAL))
    assert dict(found.source.params)["zh"]


@pytest.mark.parametrize(
    ("code", "level", "minutes"),
    [
        ("environment", "I", 120),
        ("environment", "II", 120),
        ("environment", "III", 240),
        ("environment", "IV", 240),
        ("environment", None, 120),
        ("work-safety", "IV", 60),
        ("natural-disaster", None, 120),
        ("local", "I", 40),
    ],
)
def test_the_first_report_is_due_as_the_rule_says_and_soonest_while_the_level_is_unknown(
    code: str, level: str | None, minutes: int
) -> None:
    deadline = pack(Shelf(), code).deadline("first", level)
    assert deadline is not None
    assert deadline.within == timedelta(minutes=minutes)


def test_an_agency_brings_its_own_pack_and_a_broken_one_stops_nobody(tmp_path: Path) -> None:
    ours = (Path(__file__).parents[3] / "workflows/sitreps/clocks/clock-local.toml").read_text()
    (tmp_path / "clock-harbour.toml").write_text(ours.replace("minutes = 40", "minutes = 25"))
    (tmp_path / "clock-broken.toml").write_text(ours.replace('kind = "first"', 'kind = "soon"'))
    shelf = Shelf(tmp_path)
    assert set(known(shelf)) == {*OURS, "harbour", "broken"}
    deadline = pack(shelf, "harbour").deadline("first", None)
    assert deadline is not None
    assert deadline.within == timedelta(minutes=25)
    with pytest.raises(Refusal, match="sitrep-pack"):
        pack(shelf, "broken")
    assert {each.code for each in for_type(shelf, "other")} == {"local", "harbour"}


def test_what_is_asked_for_is_what_any_pack_asks_for_in_one_order() -> None:
    packs = for_type(Shelf(), "pipeline")
    assert {each.code for each in packs} == {"environment", "work-safety"}
    wanted = asked(packs, Kind.FIRST)
    assert {"site", "pollutants", "casualties"} <= set(wanted)
    assert len(set(wanted)) == len(wanted)


@pytest.mark.parametrize(("minutes", "before"), [(20, 5), (60, 15), (120, 30), (1440, 30), (3, 3)])
def test_one_is_reminded_a_quarter_of_the_time_before_within_bounds(
    minutes: int, before: int
) -> None:
    assert lead(timedelta(minutes=minutes)) == timedelta(minutes=before)
