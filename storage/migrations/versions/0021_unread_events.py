"""Encrypted events whose keys have not come"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import storage.types

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "unread_event",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unread_event")),
    )
    with op.batch_alter_table("unread_event", schema=None) as batch_op:
        batch_op.create_index("ix_unread_event_at", ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("unread_event")
