"""The words for codes: types, levels, colours, states."""

from __future__ import annotations

from collections.abc import Mapping

from workflows.incidents.rules import STATES, State
from workflows.text import Msg, _

TYPES: Mapping[str, Msg] = {
    "pipeline": _("pipeline leak"),
    "fire": _("fire"),
    "chemical": _("hazardous chemicals"),
    "spill": _("offshore spill"),
    "flood": _("flood"),
    "landslide": _("landslide"),
    "earthquake": _("earthquake"),
    "traffic": _("traffic accident"),
    "epidemic": _("epidemic"),
    "other": _("other"),
}
TYPE_NAMES: Mapping[str, tuple[str, ...]] = {
    "pipeline": ("pipeline", "管道泄漏", "管线泄漏", "管道", "leak", "gas leak", "泄漏"),
    "fire": ("fire", "火灾", "explosion", "爆炸", "wildfire", "森林火灾"),
    "chemical": ("chemical", "危化品", "危险化学品", "hazmat", "hazardous chemicals"),
    "spill": ("spill", "海上溢油", "溢油", "offshore spill", "oil spill"),
    "flood": ("flood", "洪涝", "洪水", "内涝"),
    "landslide": ("landslide", "山体滑坡", "滑坡", "泥石流"),
    "earthquake": ("earthquake", "地震", "quake"),
    "traffic": ("traffic", "交通事故", "road", "车祸"),
    "epidemic": ("epidemic", "疫情", "传染病"),
    "other": ("other", "其他"),
}
COLOURS: Mapping[str, Msg] = {
    "red": _("red warning"),
    "orange": _("orange warning"),
    "yellow": _("yellow warning"),
    "blue": _("blue warning"),
}
COLOUR_NAMES: Mapping[str, tuple[str, ...]] = {
    "red": ("red", "红", "红色"),
    "orange": ("orange", "橙", "橙色"),
    "yellow": ("yellow", "黄", "黄色"),
    "blue": ("blue", "蓝", "蓝色"),
}
SIGNS: Mapping[State, str] = {
    State.DECLARED: "🟠",
    State.ACTIVE: "🔴",
    State.CONTAINED: "🟡",
    State.CLOSED: "✅",
    State.MERGED: "➡️",
}


def state(code: str) -> Msg:
    """The word for an incident's state."""
    return STATES[State(code)]
