"""Alerts with who has taken note of them, and rooms that are to be opened for an incident"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import storage.types

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = storage.types.JsonColumn
MOMENT = storage.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("agencies", JSON, nullable=False),
        sa.Column("told", JSON, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_alert_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_alert_made_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_alert_incident_id")),
    )
    op.create_table(
        "alert_receipt",
        sa.Column("alert_id", KEY, autoincrement=False, nullable=False),
        sa.Column("person_id", KEY, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_alert_receipt_alert_id_alert")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_alert_receipt_person_id_person")
        ),
        sa.PrimaryKeyConstraint("alert_id", "person_id", name=op.f("pk_alert_receipt")),
    )
    op.create_table(
        "room_wish",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("beside", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("invited", JSON, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", KEY, nullable=True),
        sa.Column("tried_at", MOMENT, nullable=True),
        sa.Column("room", sa.String(), nullable=True),
        sa.Column("failed", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["person.id"], name=op.f("fk_room_wish_asked_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_room_wish_incident_id_incident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_wish")),
    )
    with op.batch_alter_table("room_wish", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_room_wish_incident_id"), ["incident_id"], unique=False)


def downgrade() -> None:
    op.drop_table("room_wish")
    op.drop_table("alert_receipt")
    op.drop_table("alert")
