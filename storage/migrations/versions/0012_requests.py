"""Requests of resources: lines, parts that were promised, limits of money"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import storage.types

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = storage.types.JsonColumn
MOMENT = storage.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "request",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", MOMENT, nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("needed_by", MOMENT, nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("substitutes", sa.String(), nullable=True),
        sa.Column("objective", sa.Integer(), nullable=True),
        sa.Column("by_id", KEY, nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("steps", JSON, nullable=False),
        sa.Column("joined_into", sa.Integer(), nullable=True),
        sa.Column("split_from", sa.Integer(), nullable=True),
        sa.Column("apart", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_request_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_request_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_request_incident_id")),
    )
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.create_index("ix_request_by_id", ["by_id"], unique=False)
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.create_index("ix_request_open", ["incident_id", "state"], unique=False)
    op.create_table(
        "request_line",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("quantity", KEY, nullable=False),
        sa.Column("dropped", KEY, nullable=False),
        sa.Column("estimate", KEY, nullable=True),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("origin", sa.String(), nullable=True),
        sa.Column("instead_of", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_request_line_request_id_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_line")),
        sa.UniqueConstraint("request_id", "number", name=op.f("uq_request_line_request_id")),
    )
    op.create_table(
        "request_part",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("supplier", sa.String(), nullable=False),
        sa.Column("stock", JSON, nullable=True),
        sa.Column("by_id", KEY, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("eta", MOMENT, nullable=True),
        sa.Column("quantity", KEY, nullable=False),
        sa.Column("promised", KEY, nullable=False),
        sa.Column("transit", KEY, nullable=False),
        sa.Column("arrived", KEY, nullable=False),
        sa.Column("accepted", KEY, nullable=False),
        sa.Column("assigned", KEY, nullable=False),
        sa.Column("consumed", KEY, nullable=False),
        sa.Column("returned", KEY, nullable=False),
        sa.Column("damaged", KEY, nullable=False),
        sa.Column("sent_back", KEY, nullable=False),
        sa.Column("missing", KEY, nullable=False),
        sa.Column("lost", KEY, nullable=False),
        sa.Column("withdrawn", KEY, nullable=False),
        sa.Column("assigned_to", sa.String(), nullable=True),
        sa.Column("condition", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("cost", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name=op.f("fk_request_part_request_id_request")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_request_part_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_part")),
        sa.UniqueConstraint("request_id", "number", name=op.f("uq_request_part_request_id")),
    )
    op.create_table(
        "request_limit",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("approval", KEY, nullable=True),
        sa.Column("total", KEY, nullable=True),
        sa.Column("tell", JSON, nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_request_limit_incident_id_incident")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_limit")),
        sa.UniqueConstraint("incident_id", "agency", name=op.f("uq_request_limit_incident_id")),
    )


def downgrade() -> None:
    op.drop_table("request_limit")
    op.drop_table("request_part")
    op.drop_table("request_line")
    op.drop_table("request")
