"""Every position of the incident command system, as data. Pure.

Titles follow NIMS/ICS (Section Chief, Branch Director, Division/Group Supervisor, Unit Leader,
Command Staff Officer); the three layers are those of Chinese practice: command, execution and
support. What nobody holds stays with the position above it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflows.text import Msg, _

COMMANDER = "commander"


class Layer(StrEnum):
    """The three layers of the organisation."""

    COMMAND = "command"
    EXECUTION = "execution"
    SUPPORT = "support"


class Section(StrEnum):
    """The part of the organisation that a position belongs to."""

    COMMAND = "command"
    OPERATIONS = "operations"
    PLANNING = "planning"
    LOGISTICS = "logistics"
    FINANCE = "finance"
    SUPPORT = "support"


class Rank(StrEnum):
    """How a position leads, which gives its title and what it may do."""

    COMMANDER = "commander"
    OFFICER = "officer"
    REPRESENTATIVE = "representative"
    CHIEF = "chief"
    DIRECTOR = "director"
    SUPERVISOR = "supervisor"
    LEADER = "leader"
    SPECIALIST = "specialist"


@dataclass(frozen=True, slots=True)
class Role:
    """A position. `above` answers for it while nobody holds it; None above the commander.

    `names` are what people type, English and Chinese first. `many` may exist several times, told
    apart by a label. `duty` is what is asked of this one, besides what is asked of its rank.
    """

    code: str
    title: Msg
    rank: Rank
    section: Section
    above: str | None
    names: tuple[str, ...]
    duty: Msg
    many: bool = False

    @property
    def layer(self) -> Layer:
        """The layer of its section."""
        return _LAYERS[self.section]


_LAYERS = {
    Section.COMMAND: Layer.COMMAND,
    Section.OPERATIONS: Layer.EXECUTION,
    Section.PLANNING: Layer.EXECUTION,
    Section.LOGISTICS: Layer.EXECUTION,
    Section.FINANCE: Layer.EXECUTION,
    Section.SUPPORT: Layer.SUPPORT,
}

LAYERS: Mapping[Layer, Msg] = {
    Layer.COMMAND: _("Command layer"),
    Layer.EXECUTION: _("Execution layer"),
    Layer.SUPPORT: _("Support layer"),
}

SECTIONS: Mapping[Section, Msg] = {
    Section.COMMAND: _("Command"),
    Section.OPERATIONS: _("Operations Section"),
    Section.PLANNING: _("Planning Section"),
    Section.LOGISTICS: _("Logistics Section"),
    Section.FINANCE: _("Finance/Administration Section"),
    Section.SUPPORT: _("Support layer"),
}

_C, _O, _P = Section.COMMAND, Section.OPERATIONS, Section.PLANNING
_L, _F, _S = Section.LOGISTICS, Section.FINANCE, Section.SUPPORT

_ALL = (
    Role(
        COMMANDER, _("Incident Commander"), Rank.COMMANDER, _C, None,
        ("commander", "总指挥", "incident commander", "ic", "指挥官", "现场总指挥", "现场指挥官",
         "现场指挥"),
        _("You answer for the whole incident: life first, then the environment, then property."),
    ),
    Role(
        "pio", _("Public Information Officer"), Rank.OFFICER, _C, COMMANDER,
        ("pio", "公共信息官", "public information officer", "新闻官", "新闻发言人", "信息官"),
        _("Tell the public and the media only what the commander has released."),
    ),
    Role(
        "safety", _("Safety Officer"), Rank.OFFICER, _C, COMMANDER,
        ("safety", "安全官", "safety officer"),
        _("Stop at once, on your own word, whatever endangers people’s lives."),
    ),
    Role(
        "liaison", _("Liaison Officer"), Rank.OFFICER, _C, COMMANDER,
        ("liaison", "联络官", "liaison officer"),
        _("Know every agency that takes part, whom it sent and what it can give."),
    ),
    Role(
        "agency-rep", _("Agency Representative"), Rank.REPRESENTATIVE, _C, "liaison",
        ("agency-rep", "单位代表", "agency representative", "representative"),
        _("Speak for your agency and know what it may decide on the spot."), many=True,
    ),
    Role(
        "operations", _("Operations Section Chief"), Rank.CHIEF, _O, COMMANDER,
        ("operations", "作业部部长", "operations section chief", "operations chief", "ops", "osc",
         "作业部长", "作业部", "行动部", "行动部部长", "执行部", "执行部部长"),
        _("Turn the objectives into tactics and direct all work on scene."),
    ),
    Role(
        "staging", _("Staging Area Manager"), Rank.LEADER, _O, "operations",
        ("staging", "集结区管理员", "staging area manager", "staging area", "集结区", "集结区主管"),
        _("Keep what waits in the staging area ready to leave within minutes."), many=True,
    ),
    Role(
        "branch", _("Branch Director"), Rank.DIRECTOR, _O, "operations",
        ("branch", "分支主任", "branch director", "分支"),
        _("Direct the divisions and groups of your branch."), many=True,
    ),
    Role(
        "division", _("Division Supervisor"), Rank.SUPERVISOR, _O, "operations",
        ("division", "片区组长", "division supervisor", "片区", "片区主管"),
        _("Direct all that works in your area."), many=True,
    ),
    Role(
        "group", _("Group Supervisor"), Rank.SUPERVISOR, _O, "operations",
        ("group", "专业组组长", "group supervisor", "专业组", "专业组长"),
        _("Direct all that works on your task, wherever that is."), many=True,
    ),
    Role(
        "task-force", _("Task Force Leader"), Rank.LEADER, _O, "operations",
        ("task-force", "特遣队队长", "task force leader", "task force", "特遣队", "特遣队长"),
        _("Keep your task force together, in contact and accounted for."), many=True,
    ),
    Role(
        "strike-team", _("Strike Team Leader"), Rank.LEADER, _O, "operations",
        ("strike-team", "突击队队长", "strike team leader", "strike team", "突击队", "突击队长"),
        _("Keep your strike team together, in contact and accounted for."), many=True,
    ),
    Role(
        "air", _("Air Operations Branch Director"), Rank.DIRECTOR, _O, "operations",
        ("air", "航空分支主任", "air operations branch director", "air operations", "航空分支",
         "空中作业分支"),
        _("Direct all aircraft and keep their airspace safe."),
    ),
    Role(
        "air-tactical", _("Air Tactical Group Supervisor"), Rank.SUPERVISOR, _O, "air",
        ("air-tactical", "空中战术组组长", "air tactical group supervisor", "空中战术组"),
        _("Direct the aircraft that work over the scene."),
    ),
    Role(
        "air-support", _("Air Support Group Supervisor"), Rank.SUPERVISOR, _O, "air",
        ("air-support", "空中保障组组长", "air support group supervisor", "空中保障组"),
        _("Keep landing places, fuel and loading ready for the aircraft."),
    ),
    Role(
        "planning", _("Planning Section Chief"), Rank.CHIEF, _P, COMMANDER,
        ("planning", "计划部部长", "planning section chief", "planning chief", "psc", "计划部长",
         "计划部", "策划部", "策划部部长", "规划部", "规划部部长"),
        _("Lead the planning cycle and write the Incident Action Plan."),
    ),
    Role(
        "resources", _("Resources Unit Leader"), Rank.LEADER, _P, "planning",
        ("resources", "资源单元长", "resources unit leader", "resources unit", "资源单元"),
        _("Know where every resource is and in which state."),
    ),
    Role(
        "situation", _("Situation Unit Leader"), Rank.LEADER, _P, "planning",
        ("situation", "态势单元长", "situation unit leader", "situation unit", "态势单元"),
        _("Keep the picture of the situation true and say how it will develop."),
    ),
    Role(
        "documentation", _("Documentation Unit Leader"), Rank.LEADER, _P, "planning",
        ("documentation", "文档单元长", "documentation unit leader", "documentation unit",
         "文档单元"),
        _("Keep the files of the incident complete and tidy."),
    ),
    Role(
        "demobilization", _("Demobilization Unit Leader"), Rank.LEADER, _P, "planning",
        ("demobilization", "撤收单元长", "demobilization unit leader", "demobilization unit",
         "demob", "撤收单元"),
        _("Prepare early how people and equipment leave safely, each in turn."),
    ),
    Role(
        "specialist", _("Technical Specialist"), Rank.SPECIALIST, _P, "planning",
        ("specialist", "技术专家", "technical specialist"),
        _("Say what your field knows, and how sure that is."), many=True,
    ),
    Role(
        "logistics", _("Logistics Section Chief"), Rank.CHIEF, _L, COMMANDER,
        ("logistics", "后勤部部长", "logistics section chief", "logistics chief", "lsc",
         "后勤部长", "后勤部"),
        _("Get what the incident needs to where it is needed, in time."),
    ),
    Role(
        "support-branch", _("Support Branch Director"), Rank.DIRECTOR, _L, "logistics",
        ("support-branch", "保障分支主任", "support branch director", "support branch",
         "保障分支"),
        _("Direct supply, facilities and ground support."),
    ),
    Role(
        "supply", _("Supply Unit Leader"), Rank.LEADER, _L, "support-branch",
        ("supply", "物资单元长", "supply unit leader", "supply unit", "物资单元"),
        _("Buy, receive, store and hand out supplies, and account for them."),
    ),
    Role(
        "facilities", _("Facilities Unit Leader"), Rank.LEADER, _L, "support-branch",
        ("facilities", "设施单元长", "facilities unit leader", "facilities unit", "设施单元"),
        _("Set up and run the command post, the bases and where people sleep."),
    ),
    Role(
        "ground-support", _("Ground Support Unit Leader"), Rank.LEADER, _L, "support-branch",
        ("ground-support", "运输保障单元长", "ground support unit leader", "ground support unit",
         "运输保障单元", "运输保障"),
        _("Keep vehicles running, fuelled and on safe roads."),
    ),
    Role(
        "service-branch", _("Service Branch Director"), Rank.DIRECTOR, _L, "logistics",
        ("service-branch", "服务分支主任", "service branch director", "service branch",
         "服务分支"),
        _("Direct communications, medical care and food for our own people."),
    ),
    Role(
        "communications", _("Communications Unit Leader"), Rank.LEADER, _L, "service-branch",
        ("communications", "通信单元长", "communications unit leader", "communications unit",
         "comms unit", "通信单元"),
        _("Write the communications plan and keep everybody within reach."),
    ),
    Role(
        "medical", _("Medical Unit Leader"), Rank.LEADER, _L, "service-branch",
        ("medical", "医疗单元长", "medical unit leader", "medical unit", "医疗单元"),
        _("Care for our own people when they are hurt, and write the medical plan."),
    ),
    Role(
        "food", _("Food Unit Leader"), Rank.LEADER, _L, "service-branch",
        ("food", "餐饮单元长", "food unit leader", "food unit", "餐饮单元"),
        _("Bring food and water to everybody who works, wherever they are."),
    ),
    Role(
        "finance", _("Finance/Administration Section Chief"), Rank.CHIEF, _F, COMMANDER,
        ("finance", "财务行政部部长", "finance/administration section chief",
         "finance section chief", "finance chief", "fsc", "财务行政部长", "财务行政部", "财务部",
         "财务部部长"),
        _("Know at any time what the incident costs, and approve what is bought."),
    ),
    Role(
        "time", _("Time Unit Leader"), Rank.LEADER, _F, "finance",
        ("time", "工时单元长", "time unit leader", "time unit", "工时单元"),
        _("Record who and what worked, from when until when."),
    ),
    Role(
        "procurement", _("Procurement Unit Leader"), Rank.LEADER, _F, "finance",
        ("procurement", "采购单元长", "procurement unit leader", "procurement unit", "采购单元"),
        _("Make and watch over contracts with those who supply us."),
    ),
    Role(
        "compensation", _("Compensation/Claims Unit Leader"), Rank.LEADER, _F, "finance",
        ("compensation", "赔付单元长", "compensation/claims unit leader", "claims unit",
         "compensation unit", "赔付单元"),
        _("Record injuries and damage, and deal with claims."),
    ),
    Role(
        "cost", _("Cost Unit Leader"), Rank.LEADER, _F, "finance",
        ("cost", "成本单元长", "cost unit leader", "cost unit", "成本单元"),
        _("Add up what the incident costs and say what could be saved."),
    ),
    Role(
        "experts", _("Technical Specialists group leader"), Rank.LEADER, _S, COMMANDER,
        ("experts", "技术专家组组长", "expert group", "expert group leader", "专家组",
         "技术专家组", "专家组组长"),
        _("Bring the experts’ advice together and tell it to command in plain words."),
    ),
    Role(
        "information-center", _("Information Center head"), Rank.LEADER, _S, COMMANDER,
        ("information-center", "信息中心主任", "information center", "information centre",
         "信息中心"),
        _("Bring together what is reported from everywhere, and check it before it goes on."),
    ),
    Role(
        "community", _("Community Liaison Group leader"), Rank.LEADER, _S, COMMANDER,
        ("community", "社会协作组组长", "community liaison group", "community liaison",
         "社会协作组"),
        _("Guide volunteers, donations and the people who live nearby."),
    ),
)  # fmt: skip

ROLES: Mapping[str, Role] = {each.code: each for each in _ALL}
"""By code, in the order in which they are shown."""

CHIEFS = frozenset(each.code for each in _ALL if each.rank is Rank.CHIEF)
"""The four section chiefs, who organise their own sections."""

RANK_MAY: Mapping[Rank, tuple[Msg, ...]] = {
    Rank.COMMANDER: (
        _("Set objectives, give orders to everybody in the incident, set levels and close it."),
        _("Fill and empty every position: /role assign, /role release, /org expand."),
    ),
    Rank.OFFICER: (_("Advise the commander directly, and ask every section for what you need."),),
    Rank.REPRESENTATIVE: (_("Give orders to your own agency’s people, as command has agreed."),),
    Rank.CHIEF: (
        _("Give orders within your section, and fill its positions: /role assign, /org expand."),
    ),
    Rank.DIRECTOR: (_("Give orders to the people of your branch."),),
    Rank.SUPERVISOR: (_("Give orders to everybody who was given to you."),),
    Rank.LEADER: (_("Give orders to the people of your unit or team."),),
    Rank.SPECIALIST: (_("Advise whoever asks you in your field. You give no orders."),),
}

RANK_MUST: Mapping[Rank, tuple[Msg, ...]] = {
    Rank.COMMANDER: (
        _("Do yourself what nobody holds, and name who does it before it becomes too much."),
        _("Leave only by handing the command over: /role handover."),
    ),
    Rank.OFFICER: (_("Report to the commander, and at once what changes a decision."),),
    Rank.REPRESENTATIVE: (_("Report to the Liaison Officer."),),
    Rank.CHIEF: (_("Report to the commander, and do yourself what nobody in your section holds."),),
    Rank.DIRECTOR: (_("Report to your Section Chief, and keep track of all your people."),),
    Rank.SUPERVISOR: (_("Report to whoever stands above you, and keep track of all your people."),),
    Rank.LEADER: (_("Report to whoever stands above you, and acknowledge every order."),),
    Rank.SPECIALIST: (_("Report to the Planning Section."),),
}


def may(role: Role) -> tuple[Msg, ...]:
    """What whoever holds it may do."""
    return RANK_MAY[role.rank]


def must(role: Role) -> tuple[Msg, ...]:
    """What whoever holds it has to do."""
    return (role.duty, *RANK_MUST[role.rank])


def within(role: str, chief: str) -> bool:
    """Whether a position stands under that one, at whatever depth; not itself."""
    above = ROLES[role].above
    return above is not None and (above == chief or within(above, chief))
