"""Action plans as they were signed, and blank forms that were given out"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import storage.types

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = storage.types.JsonColumn
MOMENT = storage.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "plan",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", MOMENT, nullable=False),
        sa.Column("period", sa.Integer(), nullable=True),
        sa.Column("words", JSON, nullable=False),
        sa.Column("snapshot", JSON, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("approval_id", KEY, nullable=True),
        sa.Column("signed", JSON, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_plan_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approval.id"], name=op.f("fk_plan_approval_id_approval")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_plan_made_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_plan_incident_id")),
    )
    op.create_table(
        "blank_form",
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        sa.Column("entered_at", MOMENT, nullable=True),
        sa.Column("entered_by", KEY, nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("entry", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_blank_form_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["person.id"], name=op.f("fk_blank_form_made_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["person.id"], name=op.f("fk_blank_form_entered_by_person")
        ),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_blank_form")),
    )
    with op.batch_alter_table("blank_form", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_blank_form_incident_id"), ["incident_id"], unique=False
        )


def downgrade() -> None:
    op.drop_table("blank_form")
    op.drop_table("plan")
