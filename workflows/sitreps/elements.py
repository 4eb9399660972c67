"""The parts of a report: which there are, what they are called, which are missing. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workflows.text import Msg, _

LONGEST = 2000
"""Characters of one part in words."""


class Kind(StrEnum):
    """What a report is for: command, or those above, for the first, a further or the last time."""

    REPORT = "report"
    FIRST = "first"
    UPDATE = "update"
    FINAL = "final"


UPWARD = (Kind.FIRST, Kind.UPDATE, Kind.FINAL)
PHONE = "phone"
"""What is owed by telephone: there is no report of this kind, only the call."""

KINDS: Mapping[str, Msg] = {
    Kind.REPORT: _("situation report"),
    Kind.FIRST: _("initial report"),
    Kind.UPDATE: _("follow-up report"),
    Kind.FINAL: _("final report"),
    PHONE: _("report by telephone"),
}


@dataclass(frozen=True, slots=True)
class Element:
    """One part. `zh` is how it is headed in a text that is handed in. `told` is False for what
    follows from the incident and from the figures, and is not typed as words."""

    code: str
    label: Msg
    zh: str
    told: bool = True


_ALL = (
    Element("received", _("Report received"), "接报时间", told=False),
    Element("source", _("Source of the report"), "信息来源"),
    Element("occurred", _("Time"), "发生时间", told=False),
    Element("place", _("Place"), "发生地点", told=False),
    Element("site", _("Unit concerned"), "事发单位概况"),
    Element("nature", _("Nature"), "事件性质", told=False),
    Element("status", _("Situation"), "基本情况"),
    Element("cause", _("Cause"), "初步原因"),
    Element("scope", _("Extent"), "影响范围"),
    Element("casualties", _("Casualties"), "人员伤亡"),
    Element("damage", _("Damage"), "损失情况"),
    Element("pollutants", _("Pollutants"), "主要污染物和数量"),
    Element("monitoring", _("Monitoring"), "监测数据"),
    Element("sensitive", _("Sensitive places"), "环境敏感点影响"),
    Element("trend", _("Trend"), "发展趋势"),
    Element("leaders", _("Leaders on scene"), "现场指挥"),
    Element("measures", _("Measures taken"), "处置措施"),
    Element("needs", _("Needs"), "请求事项"),
    Element("next", _("Next steps"), "下一步工作"),
    Element("aftermath", _("Aftermath"), "善后情况"),
    Element("assessment", _("Assessment"), "总结评估"),
    Element("note", _("Remarks"), "备注"),
)

ELEMENTS: Mapping[str, Element] = {each.code: each for each in _ALL}
"""By code, in the order in which reports have them."""

CARRIED = frozenset(ELEMENTS) - {"casualties", "note"}
"""What still holds when a later report says nothing of it; casualties are figures."""


def ordered(codes: Mapping[str, str] | Sequence[str]) -> tuple[str, ...]:
    """Those of `codes` that there are, in the order of `ELEMENTS`."""
    return tuple(code for code in ELEMENTS if code in codes)


def carried(before: Mapping[str, str], told: Mapping[str, str]) -> dict[str, str]:
    """What holds after a report that tells `told`, in order."""
    whole = {code: words for code, words in before.items() if code in CARRIED} | dict(told)
    return {code: whole[code] for code in ordered(whole)}


def lacking(
    asked: Sequence[str], content: Mapping[str, str], *, casualties: bool, damage: bool
) -> tuple[str, ...]:
    """The elements that are asked for and not there; figures of casualties or damage stand for
    the words."""
    there = {code for code, words in content.items() if words}
    if casualties:
        there.add("casualties")
    if damage:
        there.add("damage")
    return tuple(code for code in asked if code not in there)


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """The elements that are new or read otherwise, in order."""
    return ordered([code for code, words in after.items() if before.get(code) != words])
