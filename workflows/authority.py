"""Who may do what, in one table. A power level of a chat network gives no authority here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from workflows.errors import Refusal
from workflows.text import Msg, _


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of somebody's authority."""

    admin: bool = False
    author: bool = False
    """Of the message that it is about."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When something is allowed, and what to say when it is not."""

    holds: Callable[[Standing], bool]
    refusal: Msg | None = None


TABLE: Mapping[str, Rule] = {
    "anyone": Rule(lambda who: True),
    "admin": Rule(
        lambda who: who.admin,
        _("Only an administrator may do this. Ask one of those named in the configuration."),
    ),
    "author": Rule(
        lambda who: who.author or who.admin,
        _("Only the author of the message or an administrator may do this."),
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
        raise Refusal("not-allowed", rule.refusal)
