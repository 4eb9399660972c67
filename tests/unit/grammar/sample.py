"""Commands of every shape that the language allows, and a place and time to read them in."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from handlers.document import Document, say
from handlers.grammar.outcome import Invocation, NotCommand, OtherBot, Problem
from handlers.grammar.situation import Situation
from handlers.registry import Arg, Choice, Command, Family, Name, Registry, command
from handlers.values import Args, Kind, Moment, Person, Quantity, Reference, Value
from workflows.text import _

C = TypeVar("C")

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 14, 30, tzinfo=SHANGHAI)
SITUATION = Situation(NOW, SHANGHAI, bots=frozenset({"LianzhiBot"}))


class Desk:
    """What the sample commands get as context."""


async def _run(context: Desk, args: Args) -> Document:
    return say(f"{type(context).__name__}: {len(args.values)}")


def _made(
    family: Family, verb: Name | None, *args: Arg, card: bool = False, allow: str = "anyone"
) -> Command[Desk]:
    word = "" if verb is None else f" {verb.en}"
    word_zh = "" if verb is None else f" {verb.zh}"
    return command(
        family,
        verb,
        *args,
        allow=allow,
        summary=_("Do it"),
        examples=(f"/{family.name.en}{word}", f"/{family.name.zh}{word_zh}"),
        card=card,
    )(_run)


def _family(en: str, zh: str, *aliases: str) -> Family:
    return Family(Name(en, zh, aliases), _("About it"))


NEW = Name("new", "新建", ("create",))
LIST = Name("list", "列表", ("ls",))
WHAT = _("What?")

URGENT = Choice("urgent", _("Urgent"), ("urgent", "紧急"))
NORMAL = Choice("normal", _("Normal"), ("normal", "普通", "一般"))
LOW = Choice("low", _("Low"), ("low", "低"))
PRIORITY = Arg(
    "priority", "优先", Kind.CHOICE, positional=False, choices=(URGENT, NORMAL, LOW),
    aliases=("优先级",),
)  # fmt: skip
ROLES = (
    Choice("ic", _("Incident Commander"), ("incident commander", "总指挥", "IC", "指挥官")),
    Choice("ops", _("Operations"), ("operations", "作业部", "ops")),
    Choice("safety", _("Safety Officer"), ("safety officer", "安全官")),
)

help_ = _family("help", "帮助", "start")
lang = _family("lang", "语言", "language")
me = _family("me", "我")
cancel = _family("cancel", "取消")
bridge = _family("bridge", "桥接")
trace = _family("trace", "追踪")
retry = _family("retry", "重发")
redact = _family("redact", "撤回")
incident = _family("incident", "事件")
role = _family("role", "角色")
objective = _family("objective", "目标")
order = _family("order", "指令")
log = _family("log", "日志")
request = _family("request", "需求")
sitrep = _family("sitrep", "报告")
period = _family("period", "周期")
brief = _family("brief", "简报")
checkin = _family("checkin", "签到")
safety = _family("safety", "安全")
poll = _family("poll", "表决")

BY = Arg("by", "截止", Kind.TIME, positional=False, leads=("by",))
REASON = Arg("reason", "原因", Kind.TEXT, positional=False)


def _ref(letters: str, name: str = "ref", zh: str = "编号") -> Arg:
    return Arg(name, zh, Kind.REFERENCE, required=True, question=WHAT, letters=letters)


def _need(name: str, zh: str, kind: Kind = Kind.TEXT) -> Arg:
    return Arg(name, zh, kind, required=True, question=WHAT)


TOPICS = tuple(
    Choice(each.name.en, each.summary, each.name.all)
    for each in (help_, lang, me, bridge, incident, request)
)

COMMANDS: tuple[Command[Desk], ...] = (
    _made(help_, None, Arg("family", "命令", Kind.CHOICE, choices=TOPICS)),
    _made(lang, None, card=True),
    _made(lang, None, _need("language", "语言", Kind.LANGUAGE)),
    _made(me, None, card=True),
    _made(me, Name("link", "绑定"), _need("code", "代码", Kind.WORD)),
    _made(cancel, None, card=True),
    _made(bridge, None, card=True),
    _made(bridge, NEW, _need("name", "名称"), allow="admin"),
    _made(bridge, Name("join", "加入"), _need("code", "代码", Kind.WORD), allow="admin"),
    _made(bridge, LIST),
    _made(bridge, Name("leave", "退出"), allow="admin"),
    _made(trace, None, card=True),
    _made(retry, None, card=True),
    _made(retry, LIST),
    _made(retry, Name("send", "发送"), _need("number", "序号", Kind.INTEGER)),
    _made(retry, Name("drop", "放弃"), _need("number", "序号", Kind.INTEGER)),
    _made(redact, None, card=True),
    _made(incident, None, card=True),
    _made(
        incident, NEW, _need("title", "标题"),
        Arg("type", "类型", Kind.TEXT, positional=False),
        Arg("level", "级别", Kind.LEVEL, positional=False, ask=True, question=WHAT),
        Arg("place", "地点", Kind.TEXT, positional=False),
        Arg("at", "时间", Kind.TIME, positional=False, when="past"),
    ),
    _made(incident, Name("use", "使用"), _ref("I")),
    _made(incident, LIST),
    _made(incident, Name("level", "定级"), _need("level", "级别", Kind.LEVEL), REASON),
    _made(incident, Name("close", "关闭"), REASON),
    _made(
        incident, Name("reopen", "重开"),
        Arg("reason", "原因", Kind.TEXT, required=True, positional=False, question=WHAT),
    ),
    _made(incident, Name("merge", "合并"), _ref("I")),
    _made(
        role, Name("assign", "任命"),
        Arg("role", "角色", Kind.CHOICE, required=True, question=WHAT, choices=ROLES),
        _need("person", "人员", Kind.PERSON),
    ),
    _made(
        role, Name("release", "解除"),
        Arg("role", "角色", Kind.CHOICE, required=True, question=WHAT, choices=ROLES),
        Arg("person", "人员", Kind.PERSON),
    ),
    _made(
        objective, NEW, _need("text", "内容"),
        Arg("by", "截止", Kind.TIME, True, False, question=WHAT, leads=("by",)),
        Arg("measure", "衡量", Kind.TEXT, required=True, positional=False, question=WHAT),
        PRIORITY,
    ),
    _made(
        objective, Name("progress", "进展"), _ref("O"), _need("percent", "进度", Kind.PERCENT),
        Arg("text", "说明", Kind.TEXT),
    ),
    _made(objective, Name("done", "完成"), _ref("O")),
    _made(objective, Name("drop", "放弃"), _ref("O"), REASON),
    _made(objective, LIST),
    _made(
        order, NEW,
        Arg("to", "对象", Kind.PERSON, required=True, question=WHAT, choices=ROLES),
        _need("text", "内容"), BY,
        Arg("objective", "目标", Kind.REFERENCE, positional=False, letters="O"),
    ),
    _made(order, Name("ack", "收到"), _ref("T")),
    _made(order, Name("done", "完成"), _ref("T")),
    _made(order, LIST),
    _made(log, None, _need("text", "内容")),
    _made(log, None, card=True),
    _made(
        log, LIST, Arg("person", "人员", Kind.PERSON),
        Arg("since", "自", Kind.TIME, positional=False, when="past"),
    ),
    _made(
        request, None, _need("qty", "数量", Kind.QUANTITY), _need("kind", "物资"),
        Arg("to", "送到", Kind.TEXT, positional=False, leads=("to", "送到")), BY, PRIORITY,
        Arg("note", "备注", Kind.TEXT, positional=False),
    ),
    _made(request, None, card=True),
    _made(request, Name("approve", "批准"), _ref("R")),
    _made(request, Name("reject", "驳回"), _ref("R"), REASON),
    _made(request, Name("cancel", "撤销", ("取消",)), _ref("R")),
    _made(request, LIST),
    _made(
        sitrep, None,
        Arg("status", "态势", Kind.TEXT, required=True, positional=False, question=WHAT),
        Arg("casualties", "伤亡", Kind.INTEGER, positional=False),
        Arg("needs", "需求", Kind.TEXT, positional=False),
    ),
    _made(sitrep, Name("show", "查看"), _ref("S")),
    _made(
        period, Name("start", "开始"),
        Arg("hours", "小时", Kind.INTEGER, positional=False, minimum=1, maximum=72),
    ),
    _made(
        brief, Name("schedule", "定时"),
        Arg("every", "每隔", Kind.DURATION, positional=False),
        Arg("at", "时刻", Kind.TIME, positional=False, many=True),
        Arg("to", "发给", Kind.PERSON, positional=False, many=True),
        Arg("room", "会场", Kind.ROOM, positional=False),
    ),
    _made(brief, Name("stop", "停止"), _ref("B")),
    _made(
        checkin, None,
        Arg("people", "人数", Kind.INTEGER, positional=False),
        Arg("team", "队伍", Kind.TEXT, positional=False),
        Arg("eta", "预计到达", Kind.TIME, positional=False),
    ),
    _made(safety, None, _need("text", "内容")),
    _made(safety, Name("hazard", "隐患"), _need("text", "内容")),
    _made(poll, None, _need("answer", "答复", Kind.YES)),
)  # fmt: skip

REGISTRY: Registry[Desk] = Registry(COMMANDS)


def shown(value: Value) -> str:
    """A value as the tables of these tests write it."""
    if isinstance(value, Moment):
        local = value.at.astimezone(SHANGHAI)
        return f"{local:%m-%d %H:%M}" + ("~" if value.rolled else "")
    if isinstance(value, Quantity):
        return f"{value.amount.normalize():f}" + (f" {value.unit}" if value.unit else "")
    if isinstance(value, Person):
        return f"{value.named.value}:{value.value}"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, timedelta):
        return f"{value.total_seconds():.0f}s"
    if isinstance(value, Reference):
        return str(value)
    return str(value)


def told(outcome: NotCommand | OtherBot | Invocation[C] | Problem) -> str:
    """An outcome in one line: `bridge.new name=North`, `? bad-value by`, `-`."""
    if isinstance(outcome, NotCommand):
        return "-"
    if isinstance(outcome, OtherBot):
        return f"@{outcome.handle}"
    if isinstance(outcome, Problem):
        parts = ["?", outcome.code, outcome.argument or "", *outcome.suggestions[:1]]
        return " ".join(each for each in parts if each)
    given = [f"{name}={shown(value)}" for name, value in outcome.args.values.items()]
    asked = [f"{name}?" for name in outcome.missing]
    return " | ".join([outcome.command.key, *given, *asked])
