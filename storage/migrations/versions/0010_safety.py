"""Safety messages, hazards and the communications plan"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import storage.types

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = storage.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "safety_message",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        *_made("safety_message"),
    )
    op.create_table(
        "hazard",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("area", sa.String(), nullable=True),
        sa.Column("mitigation", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        *_made("hazard"),
    )
    op.create_table(
        "comms_line",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("function", sa.String(), nullable=True),
        sa.Column("assignment", sa.String(), nullable=True),
        sa.Column("rx_hz", KEY, nullable=True),
        sa.Column("rx_tone", sa.String(), nullable=True),
        sa.Column("tx_hz", KEY, nullable=True),
        sa.Column("tx_tone", sa.String(), nullable=True),
        sa.Column("mode", sa.String(), nullable=True),
        sa.Column("remarks", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        *_made("comms_line"),
    )


def _made(table: str) -> tuple[sa.Constraint, ...]:
    """What the tables share: of an incident, made by somebody, numbered."""
    return (
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f(f"fk_{table}_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["person.id"], name=op.f(f"fk_{table}_made_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("incident_id", "number", name=op.f(f"uq_{table}_incident_id")),
    )


def downgrade() -> None:
    op.drop_table("comms_line")
    op.drop_table("hazard")
    op.drop_table("safety_message")
