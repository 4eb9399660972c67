"""Incidents: agencies, organisation, objectives, orders, check-ins and the timeline"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import storage.types

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = storage.types.JsonColumn


def upgrade() -> None:
    op.create_table(
        "counter",
        sa.Column("incident_id", KEY, autoincrement=False, nullable=False),
        sa.Column("letter", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "letter", name=op.f("pk_counter")),
    )
    op.create_table(
        "agency",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("short", sa.String(), nullable=False),
        sa.Column("liaison_id", KEY, nullable=True),
        sa.Column("made_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["liaison_id"], ["person.id"], name=op.f("fk_agency_liaison_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
        sa.UniqueConstraint("name", name=op.f("uq_agency_name")),
        sa.UniqueConstraint("short", name=op.f("uq_agency_short")),
    )
    op.create_table(
        "incident",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=True),
        sa.Column("event_level", sa.String(), nullable=True),
        sa.Column("response_level", sa.String(), nullable=True),
        sa.Column("warning", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("started_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reported_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reported_by", KEY, nullable=True),
        sa.Column("merged_into", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["incident.id"], name=op.f("fk_incident_merged_into_incident")
        ),
        sa.ForeignKeyConstraint(
            ["reported_by"], ["person.id"], name=op.f("fk_incident_reported_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("year", "serial", name=op.f("uq_incident_year")),
    )
    op.create_index("ix_incident_state", "incident", ["state"], unique=False)
    op.create_table(
        "approval",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("words", JSON, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked_by", KEY, nullable=True),
        sa.Column("settled_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["person.id"], name=op.f("fk_approval_asked_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_approval_incident_id_incident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index(op.f("ix_approval_incident_id"), "approval", ["incident_id"], unique=False)
    op.create_table(
        "assessment",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("proposal", JSON, nullable=False),
        sa.Column("made_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["person.id"], name=op.f("fk_assessment_confirmed_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_assessment_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_assessment_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
    )
    op.create_index(op.f("ix_assessment_incident_id"), "assessment", ["incident_id"], unique=False)
    op.create_table(
        "card",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("letter", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_card_incident_id_incident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
    )
    op.create_index("ix_card_message", "card", ["message_id", "room"], unique=False)
    op.create_index("ix_card_thing", "card", ["incident_id", "letter", "number"], unique=False)
    op.create_table(
        "check_in",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("eta", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("room", sa.String(), nullable=True),
        sa.Column("in_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("in_by", KEY, nullable=True),
        sa.Column("heard_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("out_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("out_by", KEY, nullable=True),
        sa.Column("details", JSON, nullable=False),
        sa.ForeignKeyConstraint(["in_by"], ["person.id"], name=op.f("fk_check_in_in_by_person")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_check_in_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(["out_by"], ["person.id"], name=op.f("fk_check_in_out_by_person")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_check_in_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in")),
    )
    op.create_index(op.f("ix_check_in_incident_id"), "check_in", ["incident_id"], unique=False)
    op.create_index(op.f("ix_check_in_person_id"), "check_in", ["person_id"], unique=False)
    op.create_table(
        "current_incident",
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("chosen_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_current_incident_incident_id_incident")
        ),
        sa.PrimaryKeyConstraint("room", name=op.f("pk_current_incident")),
    )
    op.create_index(
        op.f("ix_current_incident_incident_id"), "current_incident", ["incident_id"], unique=False
    )
    op.create_table(
        "incident_room",
        sa.Column("incident_id", KEY, autoincrement=False, nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("linked_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("linked_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_room_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["linked_by"], ["person.id"], name=op.f("fk_incident_room_linked_by_person")
        ),
        sa.PrimaryKeyConstraint("incident_id", "room", name=op.f("pk_incident_room")),
    )
    op.create_index(op.f("ix_incident_room_room"), "incident_room", ["room"], unique=False)
    op.create_table(
        "membership",
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("agency_id", KEY, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked_room", sa.String(), nullable=True),
        sa.Column("decided_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decided_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_membership_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["person.id"], name=op.f("fk_membership_decided_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "agency_id", name=op.f("pk_membership")),
    )
    op.create_table(
        "objective",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=True),
        sa.Column("target", sa.String(), nullable=True),
        sa.Column("tier", sa.String(), nullable=True),
        sa.Column("priority", sa.String(), nullable=True),
        sa.Column("due", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("made_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_objective_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["person.id"], name=op.f("fk_objective_made_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objective")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_objective_incident_id")),
    )
    op.create_table(
        "org_unit",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("parent_id", KEY, nullable=True),
        sa.Column("opened_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("opened_by", KEY, nullable=True),
        sa.Column("closed_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["person.id"], name=op.f("fk_org_unit_closed_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_org_unit_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"], ["person.id"], name=op.f("fk_org_unit_opened_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["org_unit.id"], name=op.f("fk_org_unit_parent_id_org_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_unit")),
    )
    op.create_index(op.f("ix_org_unit_incident_id"), "org_unit", ["incident_id"], unique=False)
    op.create_table(
        "position",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("deputy", sa.Boolean(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("since", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("assigned_by", KEY, nullable=True),
        sa.Column("ended_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["assigned_by"], ["person.id"], name=op.f("fk_position_assigned_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["person.id"], name=op.f("fk_position_ended_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_position_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_position_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position")),
    )
    op.create_index("ix_position_held", "position", ["incident_id", "until", "role"], unique=False)
    op.create_index(
        "ix_position_one_commander",
        "position",
        ["incident_id", "agency"],
        unique=True,
        sqlite_where=sa.text("until IS NULL AND NOT deputy AND role = 'commander'"),
        postgresql_where=sa.text("until IS NULL AND NOT deputy AND role = 'commander'"),
    )
    op.create_index(op.f("ix_position_person_id"), "position", ["person_id"], unique=False)
    op.create_table(
        "timeline",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("entered_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("room", sa.String(), nullable=True),
        sa.Column("thing", sa.String(), nullable=True),
        sa.Column("content", JSON, nullable=False),
        sa.Column("message_id", KEY, nullable=True),
        sa.Column("original", JSON, nullable=True),
        sa.Column("changed_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ledger_seq", KEY, nullable=True),
        sa.Column("struck_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("struck_by", KEY, nullable=True),
        sa.Column("struck_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_timeline_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_timeline_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["struck_by"], ["person.id"], name=op.f("fk_timeline_struck_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_timeline_incident_id")),
    )
    op.create_index("ix_timeline_at", "timeline", ["incident_id", "at"], unique=False)
    op.create_index("ix_timeline_message", "timeline", ["message_id"], unique=False)
    op.create_index(op.f("ix_timeline_person_id"), "timeline", ["person_id"], unique=False)
    op.create_table(
        "unified_member",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("agency_id", KEY, nullable=False),
        sa.Column("joined_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("joined_by", KEY, nullable=True),
        sa.Column("left_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("left_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agency.id"], name=op.f("fk_unified_member_agency_id_agency")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_unified_member_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["joined_by"], ["person.id"], name=op.f("fk_unified_member_joined_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["left_by"], ["person.id"], name=op.f("fk_unified_member_left_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unified_member")),
    )
    op.create_index(
        op.f("ix_unified_member_incident_id"), "unified_member", ["incident_id"], unique=False
    )
    op.create_table(
        "approval_voice",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("approval_id", KEY, nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approval.id"], name=op.f("fk_approval_voice_approval_id_approval")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_approval_voice_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_voice")),
        sa.UniqueConstraint("approval_id", "agency", name=op.f("uq_approval_voice_approval_id")),
    )
    op.create_table(
        "handover",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("position_id", KEY, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("from_id", KEY, nullable=False),
        sa.Column("to_id", KEY, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("briefing", JSON, nullable=False),
        sa.Column("offered_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("offered_by", KEY, nullable=True),
        sa.Column("expires_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("effective_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["from_id"], ["person.id"], name=op.f("fk_handover_from_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_handover_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["offered_by"], ["person.id"], name=op.f("fk_handover_offered_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["position_id"], ["position.id"], name=op.f("fk_handover_position_id_position")
        ),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name=op.f("fk_handover_to_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index(op.f("ix_handover_incident_id"), "handover", ["incident_id"], unique=False)
    op.create_index(op.f("ix_handover_position_id"), "handover", ["position_id"], unique=False)
    op.create_index(op.f("ix_handover_to_id"), "handover", ["to_id"], unique=False)
    op.create_table(
        "objective_change",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("objective_id", KEY, nullable=False),
        sa.Column("at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("before", JSON, nullable=False),
        sa.Column("after", JSON, nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["objective_id"],
            ["objective.id"],
            name=op.f("fk_objective_change_objective_id_objective"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_objective_change_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objective_change")),
    )
    op.create_index(
        op.f("ix_objective_change_objective_id"), "objective_change", ["objective_id"], unique=False
    )
    op.create_table(
        "orders",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("assignee", sa.String(), nullable=False),
        sa.Column("by_id", KEY, nullable=False),
        sa.Column("by_role", sa.String(), nullable=True),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("given_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("starts_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("objective_id", KEY, nullable=True),
        sa.Column("resource", sa.String(), nullable=True),
        sa.Column("action", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("escalated", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_orders_by_id_person")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_orders_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["objective_id"], ["objective.id"], name=op.f("fk_orders_objective_id_objective")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_orders_incident_id")),
    )
    op.create_index(op.f("ix_orders_by_id"), "orders", ["by_id"], unique=False)
    op.create_index("ix_orders_open", "orders", ["incident_id", "state"], unique=False)
    op.create_table(
        "conflict",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("first_id", KEY, nullable=False),
        sa.Column("second_id", KEY, nullable=True),
        sa.Column("found_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("details", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["person.id"], name=op.f("fk_conflict_decided_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["first_id"], ["orders.id"], name=op.f("fk_conflict_first_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_conflict_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["second_id"], ["orders.id"], name=op.f("fk_conflict_second_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict")),
        sa.UniqueConstraint("first_id", "second_id", "kind", name=op.f("uq_conflict_first_id")),
    )
    op.create_index(op.f("ix_conflict_incident_id"), "conflict", ["incident_id"], unique=False)
    op.create_table(
        "order_receipt",
        sa.Column("order_id", KEY, autoincrement=False, nullable=False),
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("told_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("seen_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("done_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("declined_at", storage.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_receipt_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_order_receipt_person_id_person")
        ),
        sa.PrimaryKeyConstraint("order_id", "person_id", name=op.f("pk_order_receipt")),
    )


def downgrade() -> None:
    op.drop_table("order_receipt")
    op.drop_table("conflict")
    op.drop_table("orders")
    op.drop_table("objective_change")
    op.drop_table("handover")
    op.drop_table("approval_voice")
    op.drop_table("unified_member")
    op.drop_table("timeline")
    op.drop_table("position")
    op.drop_table("org_unit")
    op.drop_table("objective")
    op.drop_table("membership")
    op.drop_table("incident_room")
    op.drop_table("current_incident")
    op.drop_table("check_in")
    op.drop_table("card")
    op.drop_table("assessment")
    op.drop_table("approval")
    op.drop_table("incident")
    op.drop_table("agency")
    op.drop_table("counter")
