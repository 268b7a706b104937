"""The docking board: demands of teams, and directed offers of operators."""

import sqlalchemy as sa
from alembic import op

import booking.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = booking.db.Instant(timezone=True)
KINDS = "kind IN ('enterprise', 'university', 'institute', 'government', 'intermediary')"


def upgrade() -> None:
    _create_demands()
    _create_offers()


def _create_demands() -> None:
    op.create_table(
        "docking_demands",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("team_id", IDENTITY, nullable=False),
        sa.Column("gpu_models", sa.JSON(), nullable=False),
        sa.Column("dataset_id", IDENTITY, nullable=True),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("earliest", INSTANT, nullable=False),
        sa.Column("latest", INSTANT, nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("memory_gib", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("booking_id", IDENTITY, nullable=True),
        sa.Column("entry_id", IDENTITY, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", IDENTITY, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'matched', 'fulfilled', 'withdrawn', 'expired')", name=op.f("ck_docking_demands_state")
        ),
        sa.CheckConstraint("units > 0", name=op.f("ck_docking_demands_units")),
        sa.CheckConstraint("seconds > 0", name=op.f("ck_docking_demands_seconds")),
        sa.CheckConstraint("earliest < latest", name=op.f("ck_docking_demands_span")),
        sa.CheckConstraint("memory_gib >= 0", name=op.f("ck_docking_demands_memory_gib")),
        sa.CheckConstraint(
            "(state IN ('matched', 'fulfilled')) = (booking_id IS NOT NULL)", name=op.f("ck_docking_demands_proposal")
        ),
        sa.CheckConstraint(
            "(state IN ('open', 'matched')) = (closed_at IS NULL)", name=op.f("ck_docking_demands_closed")
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_docking_demands_booking_id")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_docking_demands_created_by")),
        sa.ForeignKeyConstraint(["dataset_id"], ["resources.id"], name=op.f("fk_docking_demands_dataset_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["waitlist_entries.id"], name=op.f("fk_docking_demands_entry_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_docking_demands_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_docking_demands")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_docking_demands_booking_id")),
    )
    with op.batch_alter_table("docking_demands", schema=None) as batch_op:
        batch_op.create_index("ix_docking_demands_team_state", ["team_id", "state"], unique=False)
        batch_op.create_index("ix_docking_demands_state_latest", ["state", "latest"], unique=False)


def _create_offers() -> None:
    op.create_table(
        "docking_offers",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("resource_id", IDENTITY, nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("region", sa.String(length=80), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=True),
        sa.Column("team_id", IDENTITY, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", IDENTITY, nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.CheckConstraint("units > 0", name=op.f("ck_docking_offers_units")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_docking_offers_window")),
        sa.CheckConstraint("until <= ends_at", name=op.f("ck_docking_offers_until")),
        sa.CheckConstraint(KINDS, name=op.f("ck_docking_offers_kind")),
        sa.CheckConstraint(
            "team_id IS NULL OR (region IS NULL AND kind IS NULL)", name=op.f("ck_docking_offers_addressee")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_docking_offers_created_by")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_docking_offers_resource_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_docking_offers_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_docking_offers")),
    )
    with op.batch_alter_table("docking_offers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_docking_offers_resource_id"), ["resource_id"], unique=False)
        batch_op.create_index(
            "ix_docking_offers_standing",
            ["until"],
            unique=False,
            postgresql_where=sa.text("withdrawn_at IS NULL"),
            sqlite_where=sa.text("withdrawn_at IS NULL"),
        )


def downgrade() -> None:
    op.drop_table("docking_offers")
    op.drop_table("docking_demands")
