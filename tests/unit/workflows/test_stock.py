"""Rules of stock: what goes out first, what converts, what is soon over."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from workflows.errors import Refusal
from workflows.shelf import NotUsable, Shelf
from workflows.stock import expiry, kinds, rules
from workflows.stock.importing import parsed
from workflows.stock.rules import Lot, Place, Sort
from workflows.stock.units import MOST, STEP, units

TODAY = date(2026, 11, 22)
UNITS = units(Shelf())

LOTS = st.lists(
    st.builds(
        Lot,
        st.integers(1, 10**6),
        st.integers(1, 50_000),
        st.one_of(st.none(), st.dates(TODAY - timedelta(30), TODAY + timedelta(60))),
        st.sampled_from([*rules.CONDITIONS]),
        st.sampled_from(["", "A"]),
    ),
    max_size=8,
    unique_by=lambda lot: lot.lot_id,
)


@given(LOTS, st.integers(1, 100_000))
def test_what_expires_first_goes_first_and_nothing_unfit_goes(lots: list[Lot], milli: int) -> None:
    found = rules.first_out(lots, milli, today=TODAY)
    by_id = {each.lot_id: each for each in lots}
    fit = [each for each in lots if rules.usable(each, TODAY)]
    assert rules.total(found) == min(milli, sum(each.milli for each in fit))
    days = [by_id[each.lot_id].expiry or date.max for each in found]
    assert days == sorted(days)
    for each in found:
        assert 0 < each.milli <= by_id[each.lot_id].milli
        assert rules.usable(by_id[each.lot_id], TODAY)
    left = [each for each in fit if each.lot_id not in {one.lot_id for one in found}]
    assert all((each.expiry or date.max) >= max(days, default=date.min) for each in left)


@given(LOTS, st.integers(1, 100_000))
def test_what_comes_back_is_of_lots_that_were_there(lots: list[Lot], milli: int) -> None:
    found = rules.last_in(lots, milli)
    assert rules.total(found) == min(milli, sum(each.milli for each in lots))


@pytest.mark.parametrize("source", [*Sort])
@pytest.mark.parametrize("target", [*Sort])
def test_nothing_is_lost_or_given_away_without_a_reason(source: Sort, target: Sort) -> None:
    there = Place(target, 2)
    if target not in rules.WAYS[source]:
        with pytest.raises(Refusal, match="stock-way"):
            rules.way(Place(source, 1), there, "wet")
    elif target in rules.EXPLAINED:
        rules.way(Place(source, 1), there, "wet")
        with pytest.raises(Refusal, match="stock-reason"):
            rules.way(Place(source, 1), there, None)
    else:
        rules.way(Place(source, 1), there, None)


@settings(deadline=None)  # the units library is loaded by the first one
@given(
    st.decimals("0.001", "100000", places=3),
    st.sampled_from(["kg", "g", "t", "斤", "L", "mL", "m³", "米", "厘米", "千米", "㎡", "公顷"]),
)
def test_measures_convert_exactly_or_are_refused(amount: Decimal, name: str) -> None:
    unit = UNITS.named(name)
    assert unit is not None
    exact = amount * UNITS.size(unit)
    if exact % 1 or exact > MOST * STEP:
        with pytest.raises(Refusal, match=r"quantity-(fine|huge)"):
            UNITS.milli(amount, unit)
        return
    assert UNITS.milli(amount, unit) == exact
    number, shown = UNITS.number(int(exact), unit.code)
    assert number * UNITS.size(shown) == exact


@pytest.mark.parametrize("name", ["顶", "箱", "台", "pcs", "boxes", "瓶"])
def test_of_what_is_counted_there_are_no_parts(name: str) -> None:
    unit = UNITS.named(name)
    assert unit is not None
    assert UNITS.milli(Decimal(3), unit) == 3 * STEP
    for amount, code in (
        (Decimal("0.5"), "quantity-part"),
        (Decimal("1e-30"), "quantity-part"),
        (Decimal(0), "quantity-none"),
        (Decimal(-1), "quantity-none"),
        (Decimal("NaN"), "quantity-none"),
        (Decimal("Infinity"), "quantity-none"),
        (Decimal(MOST + 1), "quantity-huge"),
    ):
        with pytest.raises(Refusal, match=code):
            UNITS.milli(amount, unit)


def test_a_foreign_measure_is_known_by_the_library_and_kept_in_ours() -> None:
    pound = UNITS.named("lb")
    assert pound is not None
    assert pound.base == "kg"
    assert UNITS.size(pound) == Decimal("453.59237")
    assert UNITS.named("minute") is None
    assert UNITS.named("x' or 1") is None


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2027-06-30", date(2027, 6, 30)),
        ("20270630", date(2027, 6, 30)),
        ("2027/6/3", date(2027, 6, 3)),
        ("2027年6月3日", date(2027, 6, 3)),
        ("2027-02", date(2027, 2, 28)),
        ("2028年2月", date(2028, 2, 29)),
        ("2027-12", date(2027, 12, 31)),
    ],
)
def test_a_day_is_read_as_it_stands_on_the_box(typed: str, day: date) -> None:
    assert expiry.day(typed) == day


@pytest.mark.parametrize("typed", ["", "2027-02-30", "06/2027", "soon", "2027-13", "9999-12-40"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(Refusal, match="stock-expiry"):
        expiry.day(typed)


@given(st.lists(st.integers(-40, 400), min_size=1, max_size=5), st.integers(1, 40))
def test_each_stage_of_a_batch_is_told_once_and_none_is_slept_through(
    days: list[int], step: int
) -> None:
    lots = [(number, TODAY + timedelta(left)) for number, left in enumerate(days)]
    told: dict[int, int] = {}
    heard: list[tuple[int, int]] = []
    today: date | None = TODAY
    while today is not None:
        looked = expiry.look(lots, told, today, [30, 7, 1])
        told = dict(looked.told)
        heard += [(lot, told[lot]) for lot in looked.news]
        assert looked.again is None or looked.again > today
        today = looked.again
    assert len(heard) == len(set(heard))
    assert {lot for lot, stage in heard if stage == expiry.OVER} == set(range(len(days)))


def test_classes_are_a_sample_until_an_operator_brings_all(tmp_path: Path) -> None:
    sample = kinds.codes(Shelf())
    assert sample.sample
    assert sample.checked("1030101") == "1030101"
    with pytest.raises(Refusal, match="code-unknown"):
        sample.checked("7")
    (tmp_path / "codes.toml").write_text(
        'sample = false\n[[code]]\ncode = "1030101"\nzh = "帐篷"\nen = "Tents"\n', "utf-8"
    )
    whole = kinds.codes(Shelf(tmp_path))
    assert whole.checked("1030101") == "1030101"
    with pytest.raises(Refusal, match="code-unknown"):
        whole.checked("1030102")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unit = 3",
        '[unit]\nkg = { base = "stone", zh = "千克", en = "kg" }',
        '[unit]\na = { base = "a", zh = "个", en = "a" }\nb = { base = "b", zh = "个", en = "b" }',
    ],
)
def test_units_of_an_operator_that_cannot_be_are_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "units.toml").write_text(text, "utf-8")
    with pytest.raises(NotUsable):
        units(Shelf(tmp_path))


def test_a_table_is_understood_below_its_titles_whatever_its_columns_are_called() -> None:
    rows = [
        {"n": 1, "cells": ["盘存表 2026"]},
        {"n": 3, "cells": ["备注", "Item / 物资", "数量（顶）", "Good until"]},
        {"n": 4, "cells": ["x", "帐篷", "1,200顶", "2027-06"]},
        {"n": 5, "cells": ["x", "帐篷", "", "2027-06"]},
    ]
    sheet = parsed(rows)
    (line,) = sheet.lines
    assert (line.amount, line.unit, line.of.expiry) == (Decimal(1200), "顶", date(2027, 6, 30))
    assert [(each.number, each.column) for each in sheet.bad] == [(5, "qty")]
    assert sheet.unknown == ("备注",)
    with pytest.raises(Refusal, match="import-head"):
        parsed(rows[:1])
