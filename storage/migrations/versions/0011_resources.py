"""Units of resources, their bookings, tracks and demobilisation; consignments and hand-overs"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import storage.types

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = storage.types.JsonColumn
MOMENT = storage.types.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "consignment",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("goods", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=True),
        sa.Column("destination", sa.String(), nullable=True),
        sa.Column("request_number", sa.Integer(), nullable=True),
        sa.Column("order_number", sa.Integer(), nullable=True),
        sa.Column("unit_number", sa.Integer(), nullable=True),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("holder_id", KEY, nullable=True),
        sa.Column("holder_agency", sa.String(), nullable=True),
        sa.Column("receiver", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["person.id"], name=op.f("fk_consignment_holder_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_consignment_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["person.id"], name=op.f("fk_consignment_made_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consignment")),
        sa.UniqueConstraint("code", name=op.f("uq_consignment_code")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_consignment_incident_id")),
    )
    with op.batch_alter_table("consignment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_consignment_incident_id"), ["incident_id"], unique=False
        )

    op.create_table(
        "resource",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ident", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=True),
        sa.Column("leader", sa.String(), nullable=True),
        sa.Column("leader_id", KEY, nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("contact", sa.String(), nullable=True),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("bound_for", sa.String(), nullable=True),
        sa.Column("bound_lat", sa.Float(), nullable=True),
        sa.Column("bound_lon", sa.Float(), nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("due", MOMENT, nullable=True),
        sa.Column("arrived_at", MOMENT, nullable=True),
        sa.Column("work_minutes", sa.Integer(), nullable=False),
        sa.Column("rest_minutes", sa.Integer(), nullable=False),
        sa.Column("on_since", MOMENT, nullable=True),
        sa.Column("rest_until", MOMENT, nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_resource_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["leader_id"], ["person.id"], name=op.f("fk_resource_leader_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["person.id"], name=op.f("fk_resource_made_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
        sa.UniqueConstraint("incident_id", "number", name=op.f("uq_resource_incident_id")),
    )
    with op.batch_alter_table("resource", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resource_ident"), ["ident"], unique=False)
        batch_op.create_index("ix_resource_status", ["incident_id", "status"], unique=False)

    op.create_table(
        "consignment_line",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("consignment_id", KEY, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("milli", KEY, nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("batch", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["consignment_id"],
            ["consignment.id"],
            name=op.f("fk_consignment_line_consignment_id_consignment"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consignment_line")),
    )
    with op.batch_alter_table("consignment_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_consignment_line_consignment_id"), ["consignment_id"], unique=False
        )

    op.create_table(
        "custody_step",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("consignment_id", KEY, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("from_name", sa.String(), nullable=False),
        sa.Column("from_id", KEY, nullable=True),
        sa.Column("from_agency", sa.String(), nullable=True),
        sa.Column("to_name", sa.String(), nullable=False),
        sa.Column("to_id", KEY, nullable=True),
        sa.Column("to_agency", sa.String(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("order_number", sa.Integer(), nullable=True),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("message_id", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["consignment_id"],
            ["consignment.id"],
            name=op.f("fk_custody_step_consignment_id_consignment"),
        ),
        sa.ForeignKeyConstraint(
            ["from_id"], ["person.id"], name=op.f("fk_custody_step_from_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["person.id"], name=op.f("fk_custody_step_to_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody_step")),
        sa.UniqueConstraint("consignment_id", "step", name=op.f("uq_custody_step_consignment_id")),
    )
    with op.batch_alter_table("custody_step", schema=None) as batch_op:
        batch_op.create_index("ix_custody_step_to", ["consignment_id", "to_id"], unique=False)

    op.create_table(
        "resource_booking",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("resource_id", KEY, nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=True),
        sa.Column("order_number", sa.Integer(), nullable=True),
        sa.Column("request_number", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_at", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("by_id", KEY, nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_resource_booking_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_resource_booking_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_booking_resource_id_resource")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_booking")),
    )
    with op.batch_alter_table("resource_booking", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_resource_booking_incident_id"), ["incident_id"], unique=False
        )
        batch_op.create_index("ix_resource_booking_open", ["resource_id", "state"], unique=False)

    op.create_table(
        "resource_box",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("resource_id", KEY, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("title", JSON, nullable=False),
        sa.Column("roles", JSON, nullable=False),
        sa.Column("ticked", sa.Boolean(), nullable=False),
        sa.Column("signed_at", MOMENT, nullable=True),
        sa.Column("signed_by", KEY, nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("remarks", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_box_resource_id_resource")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by"], ["person.id"], name=op.f("fk_resource_box_signed_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_box")),
        sa.UniqueConstraint("resource_id", "code", name=op.f("uq_resource_box_resource_id")),
    )
    op.create_table(
        "resource_checkout",
        sa.Column("resource_id", KEY, autoincrement=False, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", KEY, nullable=False),
        sa.Column("planned_at", MOMENT, nullable=True),
        sa.Column("destination", sa.String(), nullable=True),
        sa.Column("remarks", sa.String(), nullable=True),
        sa.Column("released_at", MOMENT, nullable=True),
        sa.Column("released_by", KEY, nullable=True),
        sa.Column("override", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["person.id"], name=op.f("fk_resource_checkout_asked_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["released_by"], ["person.id"], name=op.f("fk_resource_checkout_released_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_checkout_resource_id_resource")
        ),
        sa.PrimaryKeyConstraint("resource_id", name=op.f("pk_resource_checkout")),
    )
    op.create_table(
        "resource_device",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("resource_id", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", KEY, nullable=False),
        sa.Column("heard_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by"], ["person.id"], name=op.f("fk_resource_device_made_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_device_resource_id_resource")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_device")),
        sa.UniqueConstraint("secret", name=op.f("uq_resource_device_secret")),
    )
    with op.batch_alter_table("resource_device", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_resource_device_resource_id"), ["resource_id"], unique=False
        )

    op.create_table(
        "resource_fix",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("resource_id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("speed", sa.Float(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_fix_resource_id_resource")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_fix")),
    )
    with op.batch_alter_table("resource_fix", schema=None) as batch_op:
        batch_op.create_index("ix_resource_fix_at", ["resource_id", "at"], unique=False)

    op.create_table(
        "resource_follow",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("resource_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", KEY, nullable=True),
        sa.Column("agreed_at", MOMENT, nullable=True),
        sa.Column("until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["person.id"], name=op.f("fk_resource_follow_asked_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_resource_follow_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_follow_resource_id_resource")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_follow")),
    )
    with op.batch_alter_table("resource_follow", schema=None) as batch_op:
        batch_op.create_index("ix_resource_follow_person", ["person_id", "until"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_resource_follow_resource_id"), ["resource_id"], unique=False
        )

    op.create_table(
        "resource_track",
        sa.Column("resource_id", KEY, autoincrement=False, nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("speed", sa.Float(), nullable=True),
        sa.Column("course", sa.Float(), nullable=True),
        sa.Column("accuracy", sa.Float(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("moved_at", MOMENT, nullable=False),
        sa.Column("eta", MOMENT, nullable=True),
        sa.Column("late_told", sa.Boolean(), nullable=False),
        sa.Column("silent_told", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_track_resource_id_resource")
        ),
        sa.PrimaryKeyConstraint("resource_id", name=op.f("pk_resource_track")),
    )


def downgrade() -> None:
    op.drop_table("resource_track")
    op.drop_table("resource_follow")
    op.drop_table("resource_fix")
    op.drop_table("resource_device")
    op.drop_table("resource_checkout")
    op.drop_table("resource_box")
    op.drop_table("resource_booking")
    op.drop_table("custody_step")
    op.drop_table("consignment_line")
    op.drop_table("resource")
    op.drop_table("consignment")
