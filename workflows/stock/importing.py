"""Rows of a posted table as stock: which column is what, and what is wrong with a row."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from storage.tables import Depot, StockKind
from workflows.errors import Refusal
from workflows.stock import depots, expiry, kinds, rules
from workflows.stock.keeper import Amount, Keeper
from workflows.stock.service import Batch, quantity
from workflows.stock.units import fold
from workflows.text import Msg, _

HEAD_ROWS = 20
"""Titles may stand above the head."""

COLUMNS: Mapping[str, str] = {
    "kind": "物资 物资名称 名称 品名 物品 物品名称 品种 kind item name",
    "qty": "数量 库存 库存数量 实存数量 现存数量 quantity qty amount count",
    "unit": "单位 计量单位 unit counted_in",
    "depot": "库 仓库 库房 储备库 仓库名称 存放地点 depot warehouse store",
    "batch": "批号 批次 生产批号 batch lot",
    "expiry": "有效期 有效期至 到期日 失效日期 保质期至 expiry expires good_until",
    "condition": "状况 状态 物资状态 condition",
    "class": "分类 分类编码 编码 分类代码 class code",
}
"""By what heads of columns are called."""

LABELS: Mapping[str, Msg] = {
    "kind": _("Item"),
    "qty": _("Quantity"),
    "unit": _("Counted in"),
    "depot": _("Depot"),
    "batch": _("Batch"),
    "expiry": _("Good until"),
    "condition": _("Condition"),
    "class": _("Class"),
}

_NAMES = {
    name.replace("_", " "): column for column, names in COLUMNS.items() for name in names.split()
}
_CONDITIONS = {
    **dict.fromkeys(("", "good", "完好", "良好", "正常", "可用"), rules.GOOD),
    **dict.fromkeys(("repair", "to be repaired", "待修", "维修", "待维修"), rules.REPAIR),
    **dict.fromkeys(("broken", "损坏", "报废", "破损"), rules.BROKEN),
}
_AMOUNT = re.compile(r"([-+]?[\d,，]*\.?\d+(?:[eE][-+]?\d{1,2})?)\s*(\D*)")
_BRACKETS = re.compile(r"[(（].*?[)）]|[:：*]")


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that cannot be taken: its number, the column that is wrong and why."""

    number: int
    column: str | None
    why: Msg
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A row that can be read."""

    number: int
    kind: str
    amount: Decimal
    unit: str | None
    depot: str | None
    of: Batch
    code: str | None
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: what can be read of it, and what not. `unknown` heads mean nothing to us."""

    lines: tuple[Line, ...]
    bad: tuple[Bad, ...]
    unknown: tuple[str, ...] = field(default=())


def parsed(rows: Sequence[Mapping[str, Any]], only: slice = slice(None)) -> Sheet:
    """The rows that `sheet.read` gives, or some of them, below the first that names a kind and a
    quantity.

    Raises `Refusal` (`import-head`) where no row does.
    """
    for at, row in enumerate(rows[:HEAD_ROWS]):
        places: dict[str, int] = {}
        for place, head in enumerate(row["cells"]):
            column = _column_called(str(head))
            if column is not None:
                places.setdefault(column, place)
        if {"kind", "qty"} <= places.keys():
            known = set(places.values())
            strange = tuple(
                str(each) for place, each in enumerate(row["cells"]) if each and place not in known
            )
            return _lines(rows[at + 1 :][only], places, strange)
    raise Refusal(
        "import-head",
        _(
            "I find no row with the heads of the columns. At least an item and a quantity are "
            "needed; an exported table shows all columns: /stock export"
        ),
    )


def _column_called(head: str) -> str | None:
    """A head may say it in both languages, and more in brackets."""
    parts = _BRACKETS.sub("", head).split("/")
    return next((_NAMES[fold(each)] for each in parts if fold(each) in _NAMES), None)


def _lines(
    rows: Sequence[Mapping[str, Any]], places: Mapping[str, int], strange: tuple[str, ...]
) -> Sheet:
    lines: list[Line] = []
    bad: list[Bad] = []
    for row in rows:
        cells = tuple(str(each) for each in row["cells"])
        merged = frozenset(row.get("copies", ()))
        try:
            lines.append(_line(int(row["n"]), cells, merged, places))
        except _Wrong as wrong:
            bad.append(Bad(int(row["n"]), wrong.column, wrong.why, cells))
    return Sheet(tuple(lines), tuple(bad), strange)


class _Wrong(Exception):
    def __init__(self, column: str, why: Msg) -> None:
        super().__init__(column)
        self.column, self.why = column, why


def _line(
    number: int, cells: tuple[str, ...], merged: frozenset[int], places: Mapping[str, int]
) -> Line:
    def cell(column: str) -> str:
        place = places.get(column)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    if not cell("kind"):
        raise _Wrong("kind", _("It does not say what it is."))
    if places["qty"] in merged:
        raise _Wrong("qty", _("The quantity stands in merged cells: how much belongs to this row?"))
    amount, unit = _amount(cell("qty"))
    expires = None
    try:
        name = rules.name(cell("kind"))
        batch = rules.batch(cell("batch")) if cell("batch") else ""
    except Refusal as refusal:
        column = "kind" if refusal.code == "stock-name" else "batch"
        raise _Wrong(column, refusal.text) from refusal
    if cell("expiry"):
        try:
            expires = expiry.day(cell("expiry"))
        except Refusal as refusal:
            raise _Wrong("expiry", refusal.text) from refusal
    # What we export for a room of both languages says both.
    condition = _CONDITIONS.get(fold(cell("condition").partition(" / ")[0]))
    if condition is None:
        raise _Wrong(
            "condition",
            _("“{text}” is no condition: good, repair or broken.", text=cell("condition")[:30]),
        )
    return Line(
        number, name, amount, cell("unit").partition(" / ")[0] or unit, cell("depot") or None,
        Batch(batch, expires, condition), cell("class") or None, cells,
    )  # fmt: skip


def _amount(typed: str) -> tuple[Decimal, str | None]:
    found = _AMOUNT.fullmatch(typed)
    if not typed:
        raise _Wrong("qty", _("There is no quantity."))
    if found is None:
        raise _Wrong("qty", _("“{text}” is no number.", text=typed[:30]))
    try:
        amount = Decimal(re.sub("[,，]", "", found[1]))
    except InvalidOperation as wrong:
        raise _Wrong("qty", _("“{text}” is no number.", text=typed[:30])) from wrong
    if amount <= 0:
        raise _Wrong("qty", _("A quantity is more than zero."))
    return amount, found[2].strip() or None


@dataclass(frozen=True, slots=True)
class Checked:
    """What would come of a table: lines that can be taken, rows that cannot, kinds that are new."""

    good: tuple[Line, ...]
    bad: tuple[Bad, ...]
    fresh: tuple[str, ...]


async def check(who: Keeper, sheet: Sheet, default: Depot | None) -> Checked:
    """Try each line against what is known, and change nothing. The trial itself goes on in a
    thread: thousands of lines take longer than those who write should wait."""
    trial = _Trial(who, default)
    await trial.look_up(sheet.lines)
    return await asyncio.to_thread(trial.all, sheet)


def _column(code: str) -> str | None:
    begins = {"unit": "unit", "quantity": "qty", "depot": "depot", "not": "depot", "code": "class"}
    return begins.get(code.partition("-")[0])


async def _depot(who: Keeper, line: Line, default: Depot | None) -> Depot:
    if line.depot is None:
        if default is None:
            raise Refusal(
                "depot-missing", _("It does not say in which depot; or import with at=D1.")
            )
        return default
    return await depots.named(who.uow, line.depot)


@dataclass
class _Trial:
    """Lines of one table against what is known, each depot and kind looked up once."""

    who: Keeper
    default: Depot | None
    fresh: dict[str, str] = field(default_factory=dict)
    _depots: dict[str | None, Depot | Refusal] = field(default_factory=dict)
    _kinds: dict[str, StockKind | None] = field(default_factory=dict)

    async def look_up(self, lines: Sequence[Line]) -> None:
        """Learn of their depots and kinds."""
        for line in lines:
            if line.depot not in self._depots:
                self._depots[line.depot] = await self._depot(line)
            if line.kind not in self._kinds:
                self._kinds[line.kind] = await kinds.known(self.who.uow, line.kind)

    def all(self, sheet: Sheet) -> Checked:
        """What would come of the table, once its depots and kinds are looked up."""
        good: list[Line] = []
        bad = list(sheet.bad)
        for each in sheet.lines:
            try:
                self._one(each)
            except Refusal as refusal:
                bad.append(Bad(each.number, _column(refusal.code), refusal.text, each.cells))
            else:
                good.append(each)
        bad.sort(key=lambda each: each.number)
        return Checked(tuple(good), tuple(bad), tuple(self.fresh.values()))

    def _one(self, line: Line) -> None:
        who = self.who
        depot = self._depots[line.depot]
        if isinstance(depot, Refusal):
            raise depot
        kind = self._kinds[line.kind]
        if line.code is not None:
            who.codes.checked(line.code)
        if kind is not None:
            quantity(who.units, kind, line.amount, line.unit)
            return
        unit = who.units.named(line.unit) if line.unit else who.units["piece"]
        if unit is None:
            raise Refusal(
                "unit-unknown",
                _("“{unit}” is not a unit that is known here.", unit=(line.unit or "")[:20]),
            )
        who.units.milli(line.amount, unit)
        self.fresh.setdefault(fold(line.kind), line.kind)

    async def _depot(self, line: Line) -> Depot | Refusal:
        try:
            found = await _depot(self.who, line, self.default)
            depots.require_keeper(self.who.standing, found)
        except Refusal as refusal:
            return refusal
        return found


async def take(who: Keeper, line: Line, default: Depot | None, reason: str) -> None:
    """The line becomes stock. Raises `Refusal`."""
    await who.add(
        Amount(line.kind, line.amount, line.unit),
        await _depot(who, line, default),
        line.of,
        described=kinds.Described(code=line.code),
        new=True,
        reason=reason,
    )
