"""Schedules of briefings, briefings, and who has taken note of them"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import storage.types

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = storage.types.JsonColumn
MOMENT = storage.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "briefing_schedule",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("every_s", sa.Integer(), nullable=True),
        sa.Column("clocks", JSON, nullable=False),
        sa.Column("before_s", sa.Integer(), nullable=True),
        sa.Column("recipients", JSON, nullable=False),
        sa.Column("begins_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_briefing_schedule_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["person.id"], name=op.f("fk_briefing_schedule_made_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefing_schedule")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_briefing_schedule_incident_id")),
    )
    op.create_table(
        "briefing",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("schedule_id", KEY, nullable=True),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        sa.Column("content", JSON, nullable=False),
        sa.Column("recipients", JSON, nullable=False),
        sa.Column("asked", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_briefing_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["person.id"], name=op.f("fk_briefing_made_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["briefing_schedule.id"],
            name=op.f("fk_briefing_schedule_id_briefing_schedule"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefing")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_briefing_incident_id")),
        sa.UniqueConstraint("schedule_id", "due_at", name=op.f("uq_briefing_schedule_id")),
    )
    op.create_table(
        "briefing_receipt",
        sa.Column("briefing_id", KEY, autoincrement=False, nullable=False),
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["briefing_id"], ["briefing.id"], name=op.f("fk_briefing_receipt_briefing_id_briefing")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_briefing_receipt_person_id_person")
        ),
        sa.PrimaryKeyConstraint("briefing_id", "person_id", name=op.f("pk_briefing_receipt")),
    )


def downgrade() -> None:
    op.drop_table("briefing_receipt")
    op.drop_table("briefing")
    op.drop_table("briefing_schedule")
