"""Situation reports, their figures, duties and clocks"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import storage.types

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = storage.types.JsonColumn
MOMENT = storage.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sitrep",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("follow", sa.Integer(), nullable=False),
        sa.Column("by_id", KEY, nullable=False),
        sa.Column("by_role", sa.String(), nullable=True),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("content", JSON, nullable=False),
        sa.Column("given", JSON, nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("lacking", JSON, nullable=False),
        sa.Column("photos", JSON, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_sitrep_by_id_person")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_sitrep_incident_id_incident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitrep")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_sitrep_incident_id")),
    )
    op.create_index(op.f("ix_sitrep_by_id"), "sitrep", ["by_id"])
    op.create_index("ix_sitrep_line", "sitrep", ["incident_id", "kind", "line"])
    op.create_table(
        "sitrep_clock",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("pack", sa.String(), nullable=False),
        sa.Column("begins_at", MOMENT, nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("set_by", KEY, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_sitrep_clock_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["set_by"], ["person.id"], name=op.f("fk_sitrep_clock_set_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitrep_clock")),
        sa.UniqueConstraint(
            "incident_id", "line", "pack", name=op.f("uq_sitrep_clock_incident_id")
        ),
    )
    op.create_table(
        "sitrep_duty",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("assignee", sa.String(), nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("clock_id", KEY, nullable=True),
        sa.Column("begins_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("every", sa.Integer(), nullable=True),
        sa.Column("periodic", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("snoozed_until", MOMENT, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", MOMENT, nullable=False),
        sa.Column("met_by", KEY, nullable=True),
        sa.Column("set_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["sitrep_clock.id"], name=op.f("fk_sitrep_duty_clock_id_sitrep_clock")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_sitrep_duty_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["met_by"], ["sitrep.id"], name=op.f("fk_sitrep_duty_met_by_sitrep")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_sitrep_duty_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["set_by"], ["person.id"], name=op.f("fk_sitrep_duty_set_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitrep_duty")),
    )
    op.create_index("ix_sitrep_duty_open", "sitrep_duty", ["incident_id", "state"])
    op.create_table(
        "sitrep_figure",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("sitrep_id", KEY, nullable=True),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("value", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", KEY, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_sitrep_figure_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_sitrep_figure_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["sitrep_id"], ["sitrep.id"], name=op.f("fk_sitrep_figure_sitrep_id_sitrep")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitrep_figure")),
    )
    op.create_index("ix_sitrep_figure_code", "sitrep_figure", ["incident_id", "code", "agency"])


def downgrade() -> None:
    op.drop_table("sitrep_figure")
    op.drop_table("sitrep_duty")
    op.drop_table("sitrep_clock")
    op.drop_table("sitrep")
