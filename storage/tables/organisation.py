"""Who holds which position of an incident, and how it passes on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint

from storage.tables.base import Row, json, key, moment, partial, ref

COMMANDER = "commander"
"""The code of the one role that is always held."""

_ONE_COMMANDER = f"until IS NULL AND NOT deputy AND role = '{COMMANDER}'"


class OrgUnit(Row, table=True):
    """A part of the organisation that was set up, until it is collapsed.

    `role` is the code of the position that leads it; `label` tells those apart of which there may
    be several, such as Division A, and is empty otherwise.
    """

    __tablename__ = "org_unit"

    id: int | None = key()
    incident_id: int = ref("incident.id", index=True)
    role: str
    label: str = ""
    parent_id: int | None = ref("org_unit.id", optional=True)
    opened_at: datetime = moment()
    opened_by: int | None = ref("person.id", optional=True)
    closed_at: datetime | None = moment(optional=True)
    closed_by: int | None = ref("person.id", optional=True)


class Position(Row, table=True):
    """A person in a role of an incident, from a moment until another; `until` None: still.

    `agency` is the short name of the one for which it is held, empty for none.
    """

    __table_args__ = (
        Index("ix_position_held", "incident_id", "until", "role"),
        # Never two commanders of one agency, whatever happens at once.
        partial(
            "ix_position_one_commander",
            "incident_id",
            "agency",
            unique=True,
            where=_ONE_COMMANDER,
        ),
    )

    id: int | None = key()
    incident_id: int = ref("incident.id")
    role: str
    label: str = ""
    person_id: int = ref("person.id", index=True)
    deputy: bool = False
    agency: str = ""
    since: datetime = moment()
    until: datetime | None = moment(optional=True)
    assigned_by: int | None = ref("person.id", optional=True)
    ended_by: int | None = ref("person.id", optional=True)


class Handover(Row, table=True):
    """A role on its way to another person: offered, then accepted, declined, expired or
    withdrawn. Until it is accepted and `effective_at` has come, `position_id` goes on."""

    id: int | None = key()
    incident_id: int = ref("incident.id", index=True)
    position_id: int = ref("position.id", index=True)
    role: str
    label: str = ""
    agency: str = ""
    from_id: int = ref("person.id")
    to_id: int = ref("person.id", index=True)
    state: str = "offered"
    briefing: dict[str, Any] = json()
    offered_at: datetime = moment()
    offered_by: int | None = ref("person.id", optional=True)
    expires_at: datetime = moment()
    answered_at: datetime | None = moment(optional=True)
    effective_at: datetime | None = moment(optional=True)
    reason: str | None = None


class UnifiedMember(Row, table=True):
    """An agency's place in an incident's unified command, from a moment until another."""

    __tablename__ = "unified_member"

    id: int | None = key()
    incident_id: int = ref("incident.id", index=True)
    agency_id: int = ref("agency.id")
    joined_at: datetime = moment()
    joined_by: int | None = ref("person.id", optional=True)
    left_at: datetime | None = moment(optional=True)
    left_by: int | None = ref("person.id", optional=True)


class Approval(Row, table=True):
    """A text that every commander has to approve; `digest` is the SHA-256 of what they read.

    `state`: asked, approved, refused or superseded.
    """

    id: int | None = key()
    incident_id: int = ref("incident.id", index=True)
    subject: str
    digest: str
    words: dict[str, Any] = json()
    state: str = "asked"
    asked_at: datetime = moment()
    asked_by: int | None = ref("person.id", optional=True)
    settled_at: datetime | None = moment(optional=True)


class ApprovalVoice(Row, table=True):
    """What one commander said to that text, for an agency (empty: the single command)."""

    __tablename__ = "approval_voice"
    __table_args__ = (UniqueConstraint("approval_id", "agency"),)

    id: int | None = key()
    approval_id: int = ref("approval.id")
    agency: str = ""
    person_id: int = ref("person.id")
    digest: str
    agreed: bool
    reason: str | None = None
    at: datetime = moment()
