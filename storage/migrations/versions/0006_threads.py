"""Threads and topics, and where rooms have them"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import storage.types

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "thread",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("message_id", KEY, nullable=True),
        sa.Column("made_at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
    )
    op.create_index("ix_thread_message_id", "thread", ["message_id"])
    op.create_table(
        "thread_place",
        sa.Column("thread_id", KEY, autoincrement=False, nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("remote", sa.String(), nullable=True),
        sa.Column("opening", KEY, nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("thread_id", "room", name=op.f("pk_thread_place")),
    )
    op.create_index("ix_thread_place_room_remote", "thread_place", ["room", "remote"])
    op.create_index("ix_thread_place_opening", "thread_place", ["opening"])
    op.create_table(
        "topic",
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("remote", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("at", storage.types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("room", "remote", name=op.f("pk_topic")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("thread", KEY, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_column("thread")
    op.drop_table("topic")
    op.drop_index("ix_thread_place_opening", "thread_place")
    op.drop_index("ix_thread_place_room_remote", "thread_place")
    op.drop_table("thread_place")
    op.drop_index("ix_thread_message_id", "thread")
    op.drop_table("thread")
