"""Reactions on messages, and the lines that tell of them"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import storage.types

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reaction",
        sa.Column("message_id", KEY, autoincrement=False, nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("emoji", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("remote", sa.String(), nullable=True),
        sa.Column("at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "account", "emoji", name=op.f("pk_reaction")),
    )
    op.create_index("ix_reaction_remote", "reaction", ["remote"])
    op.create_table(
        "reaction_line",
        sa.Column("message_id", KEY, autoincrement=False, nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("line_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "room", name=op.f("pk_reaction_line")),
    )


def downgrade() -> None:
    op.drop_table("reaction_line")
    op.drop_index("ix_reaction_remote", "reaction")
    op.drop_table("reaction")
