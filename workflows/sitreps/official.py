"""The text of a report that goes up, in Chinese as offices write it: title, body, signature.

It is a document for others, in the language of the rule by which it is due, whatever a room reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from storage import UnitOfWork
from storage.tables import Incident, Sitrep
from workflows.incidents.rules import designation, one_line
from workflows.shelf import Shelf
from workflows.sitreps.comparing import Shift, news
from workflows.sitreps.elements import ELEMENTS, Kind
from workflows.sitreps.figures import CASUALTIES, DAMAGE, Code
from workflows.sitreps.packs import Pack, for_type
from workflows.sitreps.running import packs_of

_CALLED = {Kind.FIRST: "首报", Kind.UPDATE: "续报", Kind.FINAL: "终报"}
_LEVELS = {"I": "特别重大（Ⅰ级）", "II": "重大（Ⅱ级）", "III": "较大（Ⅲ级）", "IV": "一般（Ⅳ级）"}
_COUNTED: Mapping[Code, tuple[str, str]] = {
    Code.DEAD: ("死亡", "人"),
    Code.MISSING: ("失踪", "人"),
    Code.INJURED: ("受伤", "人"),
    Code.SEVERE: ("其中重伤", "人"),
    Code.TRAPPED: ("被困", "人"),
    Code.EVACUATED: ("疏散转移", "人"),
    Code.AFFECTED: ("受灾", "人"),
    Code.COLLAPSED: ("倒塌房屋", "间"),
    Code.DAMAGED: ("损坏房屋", "间"),
    Code.LOSS: ("直接经济损失", "元"),
}
_NUMERALS = "零一二三四五六七八九"
_COMPUTED = ("casualties", "damage")


async def written(
    uow: UnitOfWork,
    incident: Incident,
    sitrep: Sitrep,
    types: Mapping[str, str],
    shelf: Shelf,
) -> str:
    """The whole text, with times in the incident's zone. `types` are the Chinese names of the types
    of incident."""
    zone = ZoneInfo(incident.zone)
    told, shifts, before = await news(uow, sitrep)
    packs = await packs_of(uow, incident.id, sitrep.line, shelf)
    called = _called(sitrep, packs or for_type(shelf, incident.type))
    head = f"关于{incident.title}的{called}"
    opening = _opening(incident, types, zone)
    if sitrep.kind == Kind.UPDATE and before is not None:
        since = _clock(before.made_at, zone)
        opening = f"{since}报告后，{_number(sitrep, zone)}现将新的情况续报如下："
        parts = _parts(sitrep, told, shifts)
        if not parts:
            parts = ["截至目前，情况无新的变化。"]
    else:
        over = sitrep.kind == Kind.FINAL
        stale = ("needs", "next") if over else ()
        parts = _parts(
            sitrep, [c for c in sitrep.content if c not in stale or c in sitrep.given], None
        )
    numbered = [f"{_ordinal(n)}、{part}" for n, part in enumerate(parts, 1)]
    if len(parts) == 1:
        numbered = parts
    missing = [ELEMENTS[each].zh for each in sitrep.lacking if each in ELEMENTS]
    if missing and sitrep.kind != Kind.FINAL:
        numbered.append(f"（{'、'.join(missing)}正在核实，将及时续报。）")
    person = await uow.people.person(sitrep.by_id)
    signed = [
        f"报告单位：{sitrep.line or sitrep.agency or '现场指挥部'}",
        f"报告人：{'' if person is None else person.name}",
        _clock(sitrep.made_at, zone),
    ]
    number = f"编号：{designation(incident.year, incident.serial)}-S{sitrep.number}"
    return "\n".join([head, number, "", opening, *numbered, "特此报告。", "", *signed])


def _called(sitrep: Sitrep, packs: Sequence[Pack]) -> str:
    """What the report is called; by the packs' own name where they have the same."""
    kind = Kind(sitrep.kind)
    names = {each.zh(kind) for each in packs}
    name = names.pop() if len(names) == 1 else _CALLED[kind]
    return f"{name}（第{sitrep.follow}期）" if kind is Kind.UPDATE else name


def _number(sitrep: Sitrep, zone: tzinfo) -> str:
    return f"截至{_clock(sitrep.made_at, zone)}，"


def _opening(incident: Incident, types: Mapping[str, str], zone: tzinfo) -> str:
    """When and where what happened, when it became known."""
    where = f"在{incident.place}" if incident.place else ""
    kind = types.get(incident.type or "", "")
    happened = f"发生{kind}" if kind and incident.type != "other" else "发生突发事件"
    level = _LEVELS.get(incident.event_level or "")
    judged = f"，初步判定为{level}" if level else ""
    source = f"{_clock(incident.started_at, zone)}，{where}{happened}"
    received = f"{_clock(incident.reported_at, zone)}接报"
    return f"{source}（{one_line(incident.title)}），{received}{judged}。现将有关情况报告如下："


def _parts(sitrep: Sitrep, codes: Sequence[str], shifts: Sequence[Shift] | None) -> list[str]:
    """The elements that are told, each headed; `shifts` None: every figure, else what changed."""
    parts: list[str] = []
    for code, element in ELEMENTS.items():
        words = _sentence(sitrep.content[code]) if code in codes else ""
        if code in _COMPUTED:
            among = CASUALTIES if code == "casualties" else DAMAGE
            counted = _counts(sitrep.figures, among) if shifts is None else _shifted(shifts, among)
            if words and shifts is None:
                counted = _counts(sitrep.figures, _unsaid(sitrep.figures, among, words))
            words = words if counted in words else counted + words
        elif not element.told or code == "place":
            continue
        if words:
            parts.append(f"{element.zh}：{words}")
    return parts


def _unsaid(figures: Mapping[str, Any], among: Sequence[Code], words: str) -> list[Code]:
    """The figures that the words do not hold already."""
    return [
        code
        for code in among
        if code in figures
        and (figures[code]["value"] is None or _amount(code, figures[code]["value"]) not in words)
    ]


def _sentence(text: str) -> str:
    line = one_line(text.replace("\n", "；"))
    return line if line.endswith(("。", "！", "？", ".", "!", "?")) else f"{line}。"


def _counts(figures: Mapping[str, Any], among: Sequence[Code]) -> str:
    shown = [_count(code, figures[code]) for code in among if code in figures]
    return "，".join(shown) + "。" if shown else ""


def _count(code: Code, figure: Mapping[str, Any]) -> str:
    """A figure; where agencies differ, each one's, said to be under verification."""
    name, unit = _COUNTED[code]
    if figure["value"] is not None:
        return f"{name}{_amount(code, figure['value'])}{unit}"
    several = "、".join(
        f"{agency or '未注明单位'}报{_amount(code, value)}{unit}"
        for agency, value in figure["claims"]
    )
    what = f"{name}人数" if unit == "人" else name
    return f"{what}各方报告不一（{several}，正在核实）"


def _amount(code: Code, value: int) -> str:
    if code is Code.LOSS and value >= 10_000 and value % 100 == 0:
        return f"{value / 10_000:g}万" if value % 10_000 else f"{value // 10_000}万"
    return str(value)


def _shifted(shifts: Sequence[Shift], among: Sequence[Code]) -> str:
    shown: list[str] = []
    for each in shifts:
        if each.code not in among:
            continue
        was = None if each.before is None else each.before.get("value")
        now = each.now.get("value")
        name, unit = _COUNTED[each.code]
        if not isinstance(was, int) or not isinstance(now, int) or was == now:
            shown.append(_count(each.code, each.now))
        elif now > was:
            shown.append(
                f"{name}由{_amount(each.code, was)}{unit}增至{_amount(each.code, now)}{unit}"
            )
        else:
            why = f"（原因：{one_line(each.reason)}）" if each.reason else ""
            shown.append(
                f"{name}由{_amount(each.code, was)}{unit}核减为{_amount(each.code, now)}{unit}{why}"
            )
    return "，".join(shown) + "。" if shown else ""


def _clock(at: datetime, zone: tzinfo) -> str:
    there = at.astimezone(zone)
    return f"{there.year}年{there.month}月{there.day}日{there.hour}时{there.minute:02}分"


def _ordinal(n: int) -> str:
    """`一` to `九十九`."""
    tens, ones = divmod(n, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_NUMERALS[tens]}十"
    return head + (_NUMERALS[ones] if ones or not tens else "")
