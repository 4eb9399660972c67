"""Who may do what, in one table. A power level of a chat network gives no authority here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflows.errors import Refusal
from workflows.text import Msg, _


class Where(StrEnum):
    """What the room in which somebody acts is to the incident."""

    INCIDENT = "incident"
    PRIVATE = "private"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of somebody's authority.

    Agencies are by short name, roles by code and of the incident that it is about, held as
    deputy too. `commanders` are the names of those who command it, to be asked.
    """

    admin: bool = False
    author: bool = False
    """Of the message that it is about."""
    agencies: frozenset[str] = frozenset()
    liaison_of: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    deputy_of: frozenset[str] = frozenset()
    commanders: tuple[str, ...] = ()
    where: Where = Where.PRIVATE

    @property
    def member(self) -> bool:
        """Whether the person belongs to an agency, or stands above all of them."""
        return bool(self.agencies) or self.admin

    @property
    def commands(self) -> bool:
        """Whether the person commands the incident, or is a deputy of who does."""
        return "commander" in self.roles

    def holds(self, *roles: str) -> bool:
        """Whether the person holds one of these roles, or commands."""
        return self.commands or not self.roles.isdisjoint(roles)


@dataclass(frozen=True, slots=True)
class Rule:
    """When something is allowed, and what to say when it is not: why, and whom to ask.

    With `incident` the rule is about an incident, which is then found before the rule is asked;
    with `acts` it is about doing something in it, which ends when it is merged into another.
    """

    holds: Callable[[Standing], bool]
    refusal: Callable[[Standing], Msg] | None = None
    incident: bool = False
    acts: bool = False


def _said(text: Msg) -> Callable[[Standing], Msg]:
    return lambda who: text


def ask_command(text: Msg) -> Callable[[Standing], Msg]:
    """`text`, and the names of the commanders as those to ask."""

    def refusal(who: Standing) -> Msg:
        if not who.commanders:
            return _("{text} Ask an administrator.", text=text)
        return _("{text} Ask {names}.", text=text, names=who.commanders)

    return refusal


_ELSEWHERE = _("This room does not belong to the incident. Do it in one that does, or write to me.")


def commanding(holds: Callable[[Standing], bool], refusal: Msg) -> Rule:
    """A rule about an incident: only from its rooms or in private, and always for command's
    administrators."""

    def said(who: Standing) -> Msg:
        elsewhere = who.where is Where.ELSEWHERE
        return _ELSEWHERE if elsewhere else ask_command(refusal)(who)

    return Rule(
        lambda who: who.where is not Where.ELSEWHERE and (who.admin or holds(who)),
        said,
        incident=True,
        acts=True,
    )


TABLE: Mapping[str, Rule] = {
    "anyone": Rule(lambda who: True),
    "admin": Rule(
        lambda who: who.admin,
        _said(_("Only an administrator may do this. Ask one of those named in the configuration.")),
    ),
    "author": Rule(
        lambda who: who.author or who.admin,
        _said(_("Only the author of the message or an administrator may do this.")),
    ),
    "member": Rule(
        lambda who: who.member,
        _said(
            _(
                "Only people of an agency may do this. Join yours with /agency join NAME; its "
                "liaison officer agrees."
            )
        ),
    ),
    "liaison": Rule(
        lambda who: who.admin or bool(who.liaison_of),
        _said(_("Only an agency's Liaison Officer or an administrator may do this.")),
    ),
    "reader": Rule(
        lambda who: who.where is not Where.ELSEWHERE or who.member,
        _said(_ELSEWHERE),
        incident=True,
    ),
    "incident-member": commanding(
        lambda who: who.member or bool(who.roles),
        _("Only people of an agency may do this. Join yours with /agency join NAME."),
    ),
    "reporter": commanding(
        lambda who: who.where is Where.INCIDENT or who.member or bool(who.roles),
        _("Only people of an agency may do this. Join yours with /agency join NAME."),
    ),
    "strike": commanding(
        lambda who: who.author or bool(who.roles),
        _("Only who wrote the entry, or people with a role in this incident, may strike it."),
    ),
    "staff": commanding(
        lambda who: bool(who.roles), _("Only people with a role in this incident may do this.")
    ),
    "command": commanding(
        lambda who: who.commands,
        _("Only the Incident Commander or a deputy may do this."),
    ),
    "objectives": commanding(
        lambda who: who.holds("planning"),
        _("Objectives are set by the Incident Commander or the Planning Section's Chief."),
    ),
    "orders": commanding(
        lambda who: bool(who.roles) or bool(who.liaison_of),
        _("Orders are given by people with a role in this incident and by Liaison Officers."),
    ),
    "safety": commanding(
        lambda who: who.holds("safety", "planning"),
        _("Safety messages are set by the Safety Officer or the Incident Commander."),
    ),
    "comms": commanding(
        lambda who: who.holds("communications", "service-branch", "logistics"),
        _(
            "The communications plan is kept by the Communications Unit, the Logistics Section's "
            "Chief or the Incident Commander."
        ),
    ),
    "resources": commanding(
        lambda who: bool(who.roles) or bool(who.liaison_of),
        _(
            "Units are assigned, sent and released by people with a role in this incident and by "
            "Liaison Officers."
        ),
    ),
    "periods": commanding(
        lambda who: who.holds("planning"),
        _(
            "Operational periods and their meetings are set by the Incident Commander or the "
            "Planning Section's Chief."
        ),
    ),
    "organise": commanding(
        lambda who: who.holds("operations", "planning", "logistics", "finance"),
        _("Only command, or a Section Chief within the section, may do this."),
    ),
    "command-or-liaison": commanding(
        lambda who: who.commands or bool(who.liaison_of),
        _("Only the Incident Commander or the Liaison Officer of the agency may do this."),
    ),
    "conflicts": commanding(
        lambda who: who.commands or bool(who.liaison_of),
        _("Which order stands is decided by the Incident Commander."),
    ),
    "figures": commanding(
        lambda who: who.holds("planning", "situation"),
        _("Figures are settled by the Incident Commander, the Planning Section or its unit."),
    ),
    "reporting": commanding(
        lambda who: who.holds("planning", "situation") or bool(who.liaison_of),
        _(
            "Who owes reports is set by the Incident Commander, the Planning Section Chief, the "
            "Situation Unit Leader and Liaison Officers."
        ),
    ),
    "command-anywhere": Rule(
        lambda who: who.admin or who.commands,
        ask_command(_("Only the Incident Commander or a deputy may do this.")),
        incident=True,
    ),
}
"""By the code that a command names in `allow`."""


def allowed(code: str, who: Standing) -> bool:
    """Whether the rule of that code holds; KeyError for no rule."""
    return TABLE[code].holds(who)


def require(code: str, who: Standing) -> None:
    """Raise `Refusal` (`not-allowed`) unless the rule of that code holds; KeyError for no rule."""
    rule = TABLE[code]
    if rule.refusal is not None and not rule.holds(who):
        raise Refusal("not-allowed", rule.refusal(who))
