"""The one ledger of stock: depots, kinds, lots, holdings, movements, counts, capacity, imports"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import storage.types

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = storage.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "depot",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ident", sa.String(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("contact", sa.String(), nullable=True),
        sa.Column("room", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_depot_made_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_depot")),
        sa.UniqueConstraint("ident", name=op.f("uq_depot_ident")),
    )
    op.create_table(
        "stock_kind",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("packs", storage.types.JsonColumn, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by"], ["person.id"], name=op.f("fk_stock_kind_made_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_kind")),
    )
    op.create_table(
        "stock_capacity",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("sort", sa.String(), nullable=False),
        sa.Column("kind_id", KEY, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("milli", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("lead_minutes", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("depot_id", KEY, nullable=True),
        sa.Column("contact", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["depot.id"], name=op.f("fk_stock_capacity_depot_id_depot")
        ),
        sa.ForeignKeyConstraint(
            ["kind_id"], ["stock_kind.id"], name=op.f("fk_stock_capacity_kind_id_stock_kind")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["person.id"], name=op.f("fk_stock_capacity_made_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_capacity")),
    )
    with op.batch_alter_table("stock_capacity", schema=None) as batch_op:
        batch_op.create_index("ix_stock_capacity_kind", ["kind_id", "sort"], unique=False)

    op.create_table(
        "stock_import",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("rows", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("depot_id", KEY, nullable=True),
        sa.Column("incident_id", KEY, nullable=True),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["depot.id"], name=op.f("fk_stock_import_depot_id_depot")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_stock_import_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_stock_import_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_import")),
        sa.UniqueConstraint("message_id", name=op.f("uq_stock_import_message_id")),
    )
    with op.batch_alter_table("stock_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_import_sha256"), ["sha256"], unique=False)

    op.create_table(
        "stock_lot",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kind_id", KEY, nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("expiry", sa.Date(), nullable=True),
        sa.Column("condition", sa.String(), nullable=False),
        sa.Column("ident", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["kind_id"], ["stock_kind.id"], name=op.f("fk_stock_lot_kind_id_stock_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_lot")),
        sa.UniqueConstraint("ident", name=op.f("uq_stock_lot_ident")),
    )
    with op.batch_alter_table("stock_lot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_lot_expiry"), ["expiry"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_lot_kind_id"), ["kind_id"], unique=False)

    op.create_table(
        "stock_movement",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind_id", KEY, nullable=False),
        sa.Column("milli", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("incident_id", KEY, nullable=True),
        sa.Column("request", sa.Integer(), nullable=True),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("ledger_seq", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_stock_movement_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["kind_id"], ["stock_kind.id"], name=op.f("fk_stock_movement_kind_id_stock_kind")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_stock_movement_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movement")),
    )
    with op.batch_alter_table("stock_movement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_movement_at"), ["at"], unique=False)
        batch_op.create_index(
            "ix_stock_movement_incident", ["incident_id", "request"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_stock_movement_kind_id"), ["kind_id"], unique=False)

    op.create_table(
        "stock_name",
        sa.Column("ident", sa.String(), nullable=False),
        sa.Column("kind_id", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["kind_id"], ["stock_kind.id"], name=op.f("fk_stock_name_kind_id_stock_kind")
        ),
        sa.PrimaryKeyConstraint("ident", name=op.f("pk_stock_name")),
    )
    with op.batch_alter_table("stock_name", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_name_kind_id"), ["kind_id"], unique=False)

    op.create_table(
        "stock_count",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("depot_id", KEY, nullable=False),
        sa.Column("kind_id", KEY, nullable=False),
        sa.Column("batch", sa.String(), nullable=True),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("booked", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("movement_id", KEY, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["depot_id"], ["depot.id"], name=op.f("fk_stock_count_depot_id_depot")
        ),
        sa.ForeignKeyConstraint(
            ["kind_id"], ["stock_kind.id"], name=op.f("fk_stock_count_kind_id_stock_kind")
        ),
        sa.ForeignKeyConstraint(
            ["movement_id"],
            ["stock_movement.id"],
            name=op.f("fk_stock_count_movement_id_stock_movement"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_stock_count_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count")),
    )
    with op.batch_alter_table("stock_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_count_depot_id"), ["depot_id"], unique=False)

    op.create_table(
        "stock_entry",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("movement_id", KEY, nullable=False),
        sa.Column("sort", sa.String(), nullable=False),
        sa.Column("number", KEY, nullable=False),
        sa.Column("lot_id", KEY, nullable=False),
        sa.Column("milli", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["stock_lot.id"], name=op.f("fk_stock_entry_lot_id_stock_lot")
        ),
        sa.ForeignKeyConstraint(
            ["movement_id"],
            ["stock_movement.id"],
            name=op.f("fk_stock_entry_movement_id_stock_movement"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_entry")),
    )
    with op.batch_alter_table("stock_entry", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_stock_entry_movement_id"), ["movement_id"], unique=False
        )
        batch_op.create_index("ix_stock_entry_place", ["sort", "number", "lot_id"], unique=False)

    op.create_table(
        "stock_holding",
        sa.Column("sort", sa.String(), nullable=False),
        sa.Column("number", KEY, autoincrement=False, nullable=False),
        sa.Column("lot_id", KEY, autoincrement=False, nullable=False),
        sa.Column("kind_id", KEY, nullable=False),
        sa.Column("milli", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "milli >= 0 OR sort = 'outside'", name=op.f("ck_stock_holding_not_below_zero")
        ),
        sa.ForeignKeyConstraint(
            ["kind_id"], ["stock_kind.id"], name=op.f("fk_stock_holding_kind_id_stock_kind")
        ),
        sa.ForeignKeyConstraint(
            ["lot_id"], ["stock_lot.id"], name=op.f("fk_stock_holding_lot_id_stock_lot")
        ),
        sa.PrimaryKeyConstraint("sort", "number", "lot_id", name=op.f("pk_stock_holding")),
    )
    with op.batch_alter_table("stock_holding", schema=None) as batch_op:
        batch_op.create_index("ix_stock_holding_kind", ["kind_id", "sort", "number"], unique=False)


def downgrade() -> None:
    op.drop_table("stock_holding")
    op.drop_table("stock_entry")
    op.drop_table("stock_count")
    op.drop_table("stock_name")
    op.drop_table("stock_movement")
    op.drop_table("stock_lot")
    op.drop_table("stock_import")
    op.drop_table("stock_capacity")
    op.drop_table("stock_kind")
    op.drop_table("depot")
