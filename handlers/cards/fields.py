"""The fields of the ledger in words: what they are called, and what their codes mean."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.cards import labels, objective, request
from workflows.custody import rules as custody
from workflows.incidents import rules as incidents
from workflows.objectives import rules as objectives
from workflows.orders import rules as orders
from workflows.organisation.positions import ROLES
from workflows.periods import rules as periods
from workflows.plans import rules as plans
from workflows.requests import rules as requests
from workflows.resources import rules as resources
from workflows.stock.rules import SORTS
from workflows.text import Msg, _

NAMES: Mapping[str, Msg] = {
    "state": _("state"),
    "status": _("status"),
    "state_at": _("since"),
    "status_at": _("since"),
    "place": _("place"),
    "position": _("position"),
    "quantity": _("quantity"),
    "milli": _("quantity"),
    "dropped": _("no longer wanted"),
    "unit": _("measured in"),
    "kind": _("kind"),
    "type": _("type"),
    "category": _("category"),
    "name": _("name"),
    "priority": _("priority level"),
    "tier": _("tier"),
    "section": _("approval by"),
    "role": _("role"),
    "by_role": _("in the role of"),
    "needed_by": _("needed by"),
    "due": _("due"),
    "due_at": _("due"),
    "made_at": _("made"),
    "changed_at": _("changed"),
    "starts_at": _("begins"),
    "begins_at": _("begins"),
    "started_at": _("began"),
    "reported_at": _("reported"),
    "ends_at": _("until"),
    "until": _("until"),
    "ended_at": _("ended"),
    "given_at": _("given"),
    "planned_at": _("planned for"),
    "sent_at": _("set out"),
    "arrived_at": _("arrived"),
    "reason": _("reason"),
    "note": _("note"),
    "remarks": _("remarks"),
    "supplier": _("supplier"),
    "goods": _("goods"),
    "origin": _("origin"),
    "destination": _("destination"),
    "bound_for": _("bound for"),
    "bound_position": _("bound for"),
    "holder": _("holder"),
    "receiver": _("receiver"),
    "estimate": _("estimated cost"),
    "cost": _("cost"),
    "approval": _("approval above"),
    "total": _("limit in all"),
    "agency": _("agency"),
    "text": _("text"),
    "title": _("title"),
    "action": _("task"),
    "task": _("task"),
    "assignee": _("given to"),
    "assigned_to": _("assigned to"),
    "person": _("person"),
    "people": _("people"),
    "told": _("told"),
    "asked": _("asked"),
    "leader": _("leader"),
    "contact": _("contact"),
    "condition": _("condition"),
    "progress": _("progress in percent"),
    "measure": _("measured by"),
    "level": _("level"),
    "event_level": _("event level"),
    "response_level": _("response level"),
    "warning": _("warning colour"),
    "area": _("area"),
    "mitigation": _("mitigation"),
    "eta": _("expected"),
    "from": _("from"),
    "to": _("to"),
    "source": _("taken from"),
    "target": _("brought to"),
    "way": _("confirmed"),
    "evidence": _("evidence"),
    "files": _("file"),
    "file": _("file"),
    # Translators: a resource (U), not the glossary's unit
    "unit_number": _("carried by"),
    "order_number": _("order"),
    "request_number": _("request"),
    "request": _("request"),
    "objective": _("objective"),
    "objective_number": _("objective"),
    "line": _("line"),
    "joined_into": _("joined into"),
    "split_from": _("split from"),
    "instead_of": _("instead of line"),
    "substitutes": _("substitutes"),
    "sha256": _("SHA-256"),
    "digest": _("digest"),
    "signed": _("approved by"),
    **{place.value: words for place, words in requests.PLACES.items()},
}

LETTERS: Mapping[str, str] = {
    "unit_number": "U",
    "order_number": "T",
    "request_number": "R",
    "request": "R",
    "objective": "O",
    "joined_into": "R",
    "split_from": "R",
    "merged_into": "I",
}
"""Numbers that mean a thing, with the letter of it."""


_STATES: Mapping[str, Mapping[str, Msg]] = {
    "custody": {str(code): said for code, said in custody.STATES.items()},
    "incident": {str(code): said for code, said in incidents.STATES.items()},
    "objective": {str(code): said for code, said in objectives.STATES.items()},
    "order": {str(code): said for code, said in orders.STATES.items()},
    "period": {str(code): said for code, said in periods.STATES.items()},
    "meeting": {str(code): said for code, said in periods.MEETING_STATES.items()},
    "plan": {str(code): said for code, said in plans.STATES.items()},
    "request": {str(code): said for code, said in requests.STATES.items()},
    "resource": {str(code): said for code, said in resources.STATUSES.items()},
}
_ROLES: Mapping[str, Msg] = {code: role.title for code, role in ROLES.items()}
_WORDS: Mapping[str, Mapping[str, Msg]] = {
    "priority": {**request.PRIORITIES, **objective.PRIORITIES},
    "tier": objective.TIERS,
    "section": _ROLES,
    "role": _ROLES,
    "by_role": _ROLES,
    "chair": _ROLES,
    "event_level": incidents.EVENT_LEVELS,
    "response_level": incidents.RESPONSE_LEVELS,
    "warning": labels.COLOURS,
    "type": labels.TYPES,
    "category": resources.CATEGORIES,
    "way": {
        "scan": _("by the code of the waybill"),
        "tap": _("by a tap"),
        "word": _("by signing for the goods"),
    },
}


def word(code: str, field: str, value: str) -> Msg | None:
    """What a value of a field means in an entry of that code; None: it stands for itself."""
    if field in ("state", "status"):
        return _STATES.get(code.partition(".")[0], {}).get(value)
    if field in ("source", "target"):
        sort, _colon, number = value.partition(":")
        place = {str(each): said for each, said in SORTS.items()}.get(sort)
        if place is not None and number not in ("", "0"):
            return _("{place} {number}", place=place, number=number)
        return place
    return _WORDS.get(field, {}).get(value)
