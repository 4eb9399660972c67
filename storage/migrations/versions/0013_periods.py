"""Operational periods, their meetings, tiers, calendar feeds, and people's own time zones"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import storage.types

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = storage.types.JsonColumn
MOMENT = storage.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "period",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        sa.Column("ended_by", KEY, nullable=True),
        sa.Column("carried", JSON, nullable=False),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name="fk_period_ended_by_person"),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name="fk_period_incident_id_incident"
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name="fk_period_made_by_person"),
        sa.PrimaryKeyConstraint("id", name="pk_period"),
        sa.UniqueConstraint("incident_id", "number", name="uq_period_incident_id"),
    )
    op.create_index("ix_period_state", "period", ["incident_id", "state"])
    op.create_table(
        "meeting",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("period_id", KEY, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", JSON, nullable=False),
        sa.Column("plan", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.Column("minuted_at", MOMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name="fk_meeting_incident_id_incident"
        ),
        sa.ForeignKeyConstraint(["period_id"], ["period.id"], name="fk_meeting_period_id_period"),
        sa.PrimaryKeyConstraint("id", name="pk_meeting"),
        sa.UniqueConstraint("incident_id", "number", name="uq_meeting_incident_id"),
    )
    op.create_index("ix_meeting_period", "meeting", ["period_id", "at"])
    op.create_table(
        "tier_change",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", KEY, nullable=True),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_tier_change_by_person"),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name="fk_tier_change_incident_id_incident"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_tier_change"),
    )
    op.create_index("ix_tier_change_incident_id", "tier_change", ["incident_id"])
    op.create_table(
        "calendar_feed",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name="fk_calendar_feed_incident_id_incident"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_calendar_feed_person_id_person"
        ),
        sa.PrimaryKeyConstraint("digest", name="pk_calendar_feed"),
    )
    op.create_index("ix_calendar_feed_incident_id", "calendar_feed", ["incident_id"])
    op.create_index("ix_calendar_feed_person_id", "calendar_feed", ["person_id"])
    op.add_column("person", sa.Column("zone", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("person", "zone")
    op.drop_table("calendar_feed")
    op.drop_table("tier_change")
    op.drop_table("meeting")
    op.drop_table("period")
