"""The wait list, and the mark of resources that owe it a look."""

import sqlalchemy as sa
from alembic import op

import booking.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ENTRY_CHECKS = {
    "state": "state IN ('waiting', 'offered', 'taken', 'withdrawn', 'expired')",
    "target": "(resource_id IS NULL) <> (gpu_model IS NULL)",
    "region": "region IS NULL OR gpu_model IS NOT NULL",
    "dataset": "dataset_id <> resource_id",
    "units": "units > 0",
    "length": "min_seconds > 0 AND min_seconds <= max_seconds",
    "span": "earliest < latest",
    "unoffered": "state <> 'waiting' OR booking_id IS NULL",
    "offer": "state NOT IN ('offered', 'taken') OR booking_id IS NOT NULL",
    "closed": "(state IN ('waiting', 'offered')) = (closed_at IS NULL)",
    "owes_look": "state = 'waiting' OR NOT owes_look",
}


def upgrade() -> None:
    with op.batch_alter_table("resources", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owes_look", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.create_index(
            "ix_resources_owes_look",
            ["id"],
            unique=False,
            postgresql_where=sa.text("owes_look"),
            sqlite_where=sa.text("owes_look = 1"),
        )

    op.create_table(
        "waitlist_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("gpu_model", sa.String(length=80), nullable=True),
        sa.Column("region", sa.String(length=80), nullable=True),
        sa.Column("dataset_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("min_seconds", sa.BigInteger(), nullable=False),
        sa.Column("max_seconds", sa.BigInteger(), nullable=False),
        sa.Column("earliest", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("latest", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("take_automatically", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("owes_look", sa.Boolean(), nullable=False),
        sa.Column("created_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("closed_at", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_waitlist_entries_{name}")) for name, rule in ENTRY_CHECKS.items()),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_waitlist_entries_team_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_waitlist_entries_resource_id")),
        sa.ForeignKeyConstraint(["dataset_id"], ["resources.id"], name=op.f("fk_waitlist_entries_dataset_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_waitlist_entries_booking_id")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_waitlist_entries_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_entries")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_waitlist_entries_booking_id")),
    )
    with op.batch_alter_table("waitlist_entries", schema=None) as batch_op:
        batch_op.create_index("ix_waitlist_entries_team_state", ["team_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_waitlist_entries_resource_id"), ["resource_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_waitlist_entries_gpu_model"), ["gpu_model"], unique=False)
        batch_op.create_index(batch_op.f("ix_waitlist_entries_dataset_id"), ["dataset_id"], unique=False)
        batch_op.create_index(
            "ix_waitlist_entries_waiting",
            ["latest"],
            unique=False,
            postgresql_where=sa.text("state = 'waiting'"),
            sqlite_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(
            "ix_waitlist_entries_owes_look",
            ["id"],
            unique=False,
            postgresql_where=sa.text("owes_look"),
            sqlite_where=sa.text("owes_look = 1"),
        )

    op.create_table(
        "waitlist_priorities",
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("priority", sa.String(length=8), nullable=False),
        sa.CheckConstraint("priority IN ('high', 'normal', 'low')", name=op.f("ck_waitlist_priorities_priority")),
        sa.ForeignKeyConstraint(["entry_id"], ["waitlist_entries.id"], name=op.f("fk_waitlist_priorities_entry_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_waitlist_priorities_organisation_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", "organisation_id", name=op.f("pk_waitlist_priorities")),
    )


def downgrade() -> None:
    op.drop_table("waitlist_priorities")
    op.drop_table("waitlist_entries")
    with op.batch_alter_table("resources", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_resources_owes_look",
            postgresql_where=sa.text("owes_look"),
            sqlite_where=sa.text("owes_look = 1"),
        )
        batch_op.drop_column("owes_look")
