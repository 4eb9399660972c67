"""Encrypted rooms in bridges, people who come and go, when a network was heard last"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import storage.types

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = storage.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("network", name=op.f("pk_contact")),
    )
    op.create_table(
        "passage",
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("was_in", sa.Boolean(), nullable=False),
        sa.Column("was_name", sa.String(), nullable=False),
        sa.Column("is_in", sa.Boolean(), nullable=False),
        sa.Column("is_name", sa.String(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("room", "account", name=op.f("pk_passage")),
    )
    no = sa.false()
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.add_column(sa.Column("encrypted", sa.Boolean(), nullable=False, server_default=no))
    with op.batch_alter_table("bridge_room", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sealed", sa.Boolean(), nullable=False, server_default=no))
        batch_op.add_column(sa.Column("confirmed_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("confirmed_by", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("told_at", MOMENT, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("bridge_room", schema=None) as batch_op:
        batch_op.drop_column("told_at")
        batch_op.drop_column("confirmed_by")
        batch_op.drop_column("confirmed_at")
        batch_op.drop_column("sealed")
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.drop_column("encrypted")
    op.drop_table("passage")
    op.drop_table("contact")
