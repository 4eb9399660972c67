"""Several messages shown as one"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SENDING = sa.text("state = 'sending'")


def upgrade() -> None:
    with op.batch_alter_table("copy", schema=None) as batch_op:
        batch_op.add_column(sa.Column("slot", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(
            sa.Column(
                "line",
                sa.JSON(none_as_null=True).with_variant(
                    postgresql.JSONB(none_as_null=True), "postgresql"
                ),
                nullable=True,
            )
        )
        batch_op.drop_index("ix_copy_room_remote")
        batch_op.create_index("ix_copy_room_remote", ["room", "remote", "slot"], unique=True)
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("joined", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_index(
            "ix_outbox_joined",
            ["joined"],
            unique=False,
            sqlite_where=SENDING,
            postgresql_where=SENDING,
        )


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_joined", sqlite_where=SENDING, postgresql_where=SENDING)
        batch_op.drop_column("joined")
    with op.batch_alter_table("copy", schema=None) as batch_op:
        batch_op.drop_index("ix_copy_room_remote")
        batch_op.drop_column("line")
        batch_op.drop_column("slot")
        batch_op.create_index("ix_copy_room_remote", ["room", "remote"], unique=True)
