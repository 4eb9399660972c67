"""The fields of a report as arguments, and what was typed in them as a draft."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from handlers.context import Context
from handlers.families.sitrep_counts import read_counts, read_damage
from handlers.forms import Lacks
from handlers.grammar.numerals import number_at
from handlers.grammar.situation import Source
from handlers.registry import Arg
from handlers.values import Args, Kind
from workflows import agencies
from workflows.errors import Refusal
from workflows.sitreps import figures, service
from workflows.sitreps.elements import Kind as Report
from workflows.sitreps.figures import CASUALTIES, LABELS, Code, Impossible
from workflows.text import _

_SLIP = re.compile(r"\S{1,12}\s+(?:[Ii][0-9]+-)?[Ss][0-9]+")
"""A verb that was mistyped, and a report."""
_YUAN = {"亿元": 10**8, "亿": 10**8, "万元": 10**4, "万": 10**4}

_QUESTIONS = {
    "status": _("What is the situation?"),
    "casualties": _("Casualties? Such as “2 dead, 3 injured”, or 0 if nobody was hurt."),
    "damage": _("Which damage is there?"),
    "needs": _("What is needed?"),
    "measures": _("What has been done?"),
    "next": _("What comes next?"),
    "source": _("Who reported it?"),
    "cause": _("What is the cause, as far as known?"),
    "scope": _("How far does it reach?"),
    "trend": _("How is it likely to develop?"),
    "aftermath": _("How are those concerned being looked after?"),
    "assessment": _("What was the outcome, and what was learnt?"),
}

_KEYS: dict[str, tuple[str, tuple[str, ...], tuple[str, str]]] = {
    "status": (
        "态势",
        ("现状", "情况", "进展", "situation"),
        ("leak 80 % contained", "泄漏已控制八成"),
    ),
    "casualties": ("伤亡", ("人员伤亡", "伤亡情况"), ("2 dead, 3 injured", "2人死亡、3人受伤")),
    "damage": ("损失", ("受损", "损失情况"), ("1 tank", "1座储罐受损")),
    "needs": ("需求", ("请求", "请求事项", "requests"), ("200 m boom", "围油栏200米")),
    "measures": (
        "措施",
        ("处置", "处置措施", "已采取措施", "actions"),
        ("valves shut", "已关阀"),
    ),
    "next": ("下一步", ("计划", "下一步工作", "plan"), ("drain the line", "排空管线")),
    "trend": ("趋势", ("发展趋势", "outlook"), ("stable", "趋于稳定")),
    "cause": ("起因", ("初步原因",), ("corrosion", "管线腐蚀")),
    "scope": ("范围", ("影响范围", "extent"), ("200 m around", "周边200米")),
    "source": ("来源", ("信息来源",), ("call to 119", "119接警")),
    "site": ("概况", ("单位概况", "事发单位"), ("North plant", "北岸化工厂")),
    "pollutants": ("污染物", ("主要污染物",), ("3 t crude oil", "原油约3吨")),
    "monitoring": ("监测", ("监测数据",), ("benzene 2 mg/m³", "苯2毫克/立方米")),
    "sensitive": ("敏感点", ("环境敏感点",), ("water intake 2 km on", "下游2公里取水口")),
    "leaders": ("领导", ("现场指挥", "到场领导"), ("deputy mayor Wang", "王副市长")),
    "aftermath": ("善后", ("善后情况",), ("families looked after", "家属已安置")),
    "assessment": ("评估", ("总结", "总结评估"), ("no harm left", "无遗留危害")),
    "note": ("备注", ("remarks",), ("by radio", "电台上报")),
}

_COUNTED: dict[Code, tuple[str, tuple[str, ...]]] = {
    Code.DEAD: ("死亡", ("遇难",)),
    Code.MISSING: ("失踪", ("失联",)),
    Code.INJURED: ("受伤", ()),
    Code.SEVERE: ("重伤", ()),
    Code.TRAPPED: ("被困", ()),
    Code.EVACUATED: ("疏散", ("转移",)),
    Code.AFFECTED: ("受灾", ("受影响",)),
    Code.COLLAPSED: ("倒塌", ("倒塌房屋",)),
    Code.DAMAGED: ("损坏", ("受损房屋",)),
    Code.LOSS: ("经济损失", ("直接经济损失",)),
}

_ASKED = {
    Report.REPORT: ("status", "casualties", "damage", "measures", "needs", "next"),
    Report.FIRST: (
        *("status", "casualties", "damage", "source", "cause", "scope", "trend"),
        *("measures", "needs", "next"),
    ),
    Report.UPDATE: ("status", "casualties", "damage", "measures", "trend", "needs", "next"),
    Report.FINAL: ("status", "casualties", "damage", "measures", "aftermath", "assessment"),
}

LINE = Arg(
    "for", "名义", Kind.TEXT, positional=False, aliases=("line",), example=("Fire", "消防")
)  # fmt: skip


def fields(kind: Report) -> tuple[Arg, ...]:
    """The arguments of a report of that kind; those that a form asks for come first."""
    asked = _ASKED[kind]
    codes = (*asked, *(code for code in _KEYS if code not in asked))
    told = tuple(_field(code, ask=code in asked) for code in codes)
    counted = tuple(
        Arg(code, zh, Kind.TEXT, positional=False, aliases=more, example=("3", "3"))
        for code, (zh, more) in _COUNTED.items()
    )
    reason = Arg(
        "reason",
        "原因",
        Kind.TEXT,
        positional=False,
        aliases=("理由",),
        question=_("Why?"),
        example=("counted twice", "重复统计"),
    )
    return (*told, *(_asks(each) for each in counted), reason)


def _field(code: str, *, ask: bool) -> Arg:
    zh, more, example = _KEYS[code]
    return Arg(
        code,
        zh,
        Kind.TEXT,
        positional=code == "status",
        ask=ask,
        aliases=more,
        question=_QUESTIONS.get(code),
        example=example,
    )


def _asks(arg: Arg) -> Arg:
    return Arg(
        arg.name,
        arg.zh,
        arg.kind,
        positional=False,
        aliases=arg.aliases,
        question=_("How many?"),
        example=arg.example,
    )


async def draft(context: Context, args: Args, kind: Report) -> service.Draft:
    """What was typed, as a draft. Raises `Lacks` for one figure that cannot be, or the reason why
    figures fall; all else is kept."""
    told = {code: args.text(code) for code in _KEYS if code in args}
    if _SLIP.fullmatch(told.get("status", "").strip()):
        raise Refusal(
            "sitrep-which",
            _(
                "“{text}” is no report. Did you mean /sitrep show {reference}?",
                text=told["status"].strip(),
                reference=told["status"].split()[-1],
            ),
        )
    counted: dict[Code, int] = {}
    if "casualties" in told:
        found = read_counts(told["casualties"])
        if found.rest:
            raise _unclear("casualties", found.rest, args)
        counted.update(found.values)
        if found.plain:
            del told["casualties"]
    if "damage" in told:
        counted.update(read_damage(told["damage"]))
    for code in _COUNTED:
        if code in args:
            counted[code] = _number(code, args)
    drafted = service.Draft(
        kind,
        told,
        counted,
        args.optional_text("reason"),
        await photos(context),
        await line_of(context, args),
    )
    incident = await context.incident()
    objection = await service.objection(context.uow, incident.id, drafted, context.by())
    if isinstance(objection, Impossible):
        name = _typed(objection.code, args)
        question = _("{why} {label}: how many?", why=objection.why, label=LABELS[objection.code])
        raise Lacks(name, question, _without(args, name))
    if objection:
        raise Lacks("reason", service.falling(objection), args, needed=True)
    return drafted


def _typed(code: Code, args: Args) -> str:
    """The argument in which a figure was typed."""
    if code in args:
        return code
    several = "casualties" if code in CASUALTIES else "damage"
    return several if several in args else code


def _unclear(name: str, rest: str, args: Args) -> Lacks:
    question = _(
        "“{text}” is not understood as a number of people. Casualties? Such as “2 dead, 3 "
        "injured”, or 0 if nobody was hurt. All else is kept.",
        text=rest[:60],
    )
    return Lacks(name, question, _without(args, name))


def _without(args: Args, name: str) -> Args:
    return Args({each: value for each, value in args.values.items() if each != name})


def _number(code: Code, args: Args) -> int:
    """A figure of one field. Raises `Lacks`."""
    typed = args.text(code)
    found = whole(typed, money=code is Code.LOSS)
    if found is None or found < 0:
        question = _(
            "“{text}” cannot be a number of people or things. {label}: how many? All else is kept.",
            text=typed[:60],
            label=LABELS[code],
        )
        raise Lacks(code, question, _without(args, code))
    return found


def whole(typed: str, *, money: bool = False) -> int | None:
    """A whole number with a unit or without; None for anything else."""
    source = Source.of(typed.strip())
    negative = source.plain.startswith("-")
    found = number_at(source.plain, negative, len(source.plain))
    if found is None:
        return None
    amount, place = found
    unit = source.plain[place:].strip().rstrip("。.")
    if money and unit in _YUAN:
        amount, unit = amount * Decimal(_YUAN[unit]), ""
    fitting = ("", "元", "yuan") if money else ("", "人", "名", "个", "间", "户", "栋", "people")
    if unit not in fitting or amount % 1:
        return None
    return -int(amount) if negative else int(amount)


async def photos(context: Context) -> tuple[int, ...]:
    """The message that was typed, and the one that it replies to, where they hold files."""
    found = [await context.uow.messages.get(each) for each in _ids(context)]
    return tuple(
        each.id
        for each in found
        if each is not None and each.id is not None and each.account and each.content.get("media")
    )


def _ids(context: Context) -> Iterable[int]:
    return dict.fromkeys(each for each in (context.reply_to, context.message) if each is not None)


async def line_of(context: Context, args: Args) -> str | None:
    """The agency in whose name a report goes up, None if none was named. Raises `Refusal`."""
    typed = args.optional_text("for")
    if typed is None:
        return None
    return (await agencies.named(context.uow, typed)).short


async def earlier(context: Context, args: Args) -> dict[str, str]:
    """What the person's agency said last, by argument, to be offered again."""
    incident = await context.incident()
    agency = context.actor.agency or ""
    last = await context.uow.sitreps.latest(incident.id, agency=agency)
    said = {} if last is None else {code: str(text) for code, text in last.content.items()}
    own = figures.own(await context.uow.sitreps.figures(incident.id), agency)
    counted = [_said(code, own[code], context.place.language) for code in CASUALTIES if code in own]
    if counted:
        said["casualties"] = ("、" if context.place.language != "en" else ", ").join(counted)
    return {code: text for code, text in said.items() if code in _KEYS}


_ENGLISH = {
    Code.DEAD: "dead",
    Code.MISSING: "missing",
    Code.INJURED: "injured",
    Code.SEVERE: "seriously injured",
    Code.TRAPPED: "trapped",
    Code.EVACUATED: "evacuated",
    Code.AFFECTED: "affected",
}


def _said(code: Code, value: int, language: str) -> str:
    """A figure as people type it, to be read again as it is."""
    if language == "en":
        return f"{value} {_ENGLISH[code]}"
    return f"{_COUNTED[code][0]}{value}人"
