"""Whether whoever typed or pressed a command may use it, at this moment and in this room."""

from __future__ import annotations

from handlers.context import Context
from workflows import authority
from workflows.authority import Standing
from workflows.errors import Refusal
from workflows.incidents.rules import State
from workflows.incidents.scene import over

_BY_ACTOR = frozenset({"anyone", "admin", "author"})
"""Rules for which the store need not be asked."""


async def require(context: Context, allow: str) -> None:
    """Raise `Refusal` unless the rule holds; for one about an incident also if there is none."""
    if allow in _BY_ACTOR:
        authority.require(allow, Standing(admin=context.actor.admin))
        return
    rule = authority.TABLE[allow]
    about = rule.incident
    if about:
        incident = await context.incident()
        if rule.acts and incident.state == State.MERGED:
            raise over(incident)
    authority.require(allow, await context.standing(incident=about))


async def may(context: Context, allow: str) -> bool:
    """Whether the rule holds; False for one about an incident where there is none."""
    if allow in _BY_ACTOR:
        return authority.allowed(allow, Standing(admin=context.actor.admin))
    about = authority.TABLE[allow].incident
    try:
        if about and await context.incident_or_none() is None:
            return False
        return authority.allowed(allow, await context.standing(incident=about))
    except Refusal:
        return False
