"""Alerts concern roles, persons and teams as well as agencies"""

import json
from collections.abc import Callable, Sequence

import sqlalchemy as sa
from alembic import op

import storage.types

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AGENCY = "agency:"

OTHERS = ("role:", "person:", "team:")
"""What a downgrade leaves as it is, for there was no other way to say it."""


def upgrade() -> None:
    # Alembic's batch makes the table anew on SQLite, which the receipts' reference forbids.
    op.execute("ALTER TABLE alert RENAME COLUMN agencies TO recipients")
    _rewrite(lambda named: named if named.startswith(OTHERS) else AGENCY + named)


def downgrade() -> None:
    _rewrite(lambda named: named.removeprefix(AGENCY))
    op.execute("ALTER TABLE alert RENAME COLUMN recipients TO agencies")


def _rewrite(change: Callable[[str], str]) -> None:
    """Change each recipient of each alert."""
    alert = sa.table("alert", sa.column("id"), sa.column("recipients", storage.types.JsonColumn))
    connection = op.get_bind()
    for number, named in connection.execute(sa.select(alert.c.id, alert.c.recipients)).all():
        known = json.loads(named) if isinstance(named, str) else named
        if known:
            changed = [change(each) for each in known]
            statement = sa.update(alert).where(alert.c.id == number)
            connection.execute(statement.values(recipients=changed))
