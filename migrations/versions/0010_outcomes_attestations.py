"""Outcomes: reports of teams after their bookings; attestations that data is deleted."""

import sqlalchemy as sa
from alembic import op

import booking.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = booking.db.Instant(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("resources", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deletion_days", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(op.f("ck_resources_deletion_days"), "deletion_days BETWEEN 1 AND 365")
    completed = sa.text("state = 'completed'")
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.create_index(
            "ix_bookings_completed_ended_at", ["ended_at"],
            unique=False, postgresql_where=completed, sqlite_where=completed,
        )  # fmt: skip
    _create_outcomes()
    _create_attestations()


def _create_outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("booking_id", IDENTITY, nullable=False),
        sa.Column("team_id", IDENTITY, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("booked_unit_seconds", sa.BigInteger(), nullable=False),
        sa.Column("used_unit_seconds", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("results", sa.Text(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'submitted', 'returned', 'published', 'declined')", name=op.f("ck_outcomes_state")
        ),
        sa.CheckConstraint("(state = 'asked') = (submitted_at IS NULL)", name=op.f("ck_outcomes_submitted")),
        sa.CheckConstraint(
            "(state IN ('asked', 'submitted')) = (decided_at IS NULL)", name=op.f("ck_outcomes_decided")
        ),
        sa.CheckConstraint("used_unit_seconds BETWEEN 0 AND booked_unit_seconds", name=op.f("ck_outcomes_used")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_outcomes_booking_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_outcomes_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_outcomes_booking_id")),
    )
    with op.batch_alter_table("outcomes", schema=None) as batch_op:
        batch_op.create_index("ix_outcomes_state_id", ["state", "id"], unique=False)
        batch_op.create_index("ix_outcomes_team_id_id", ["team_id", "id"], unique=False)


def _create_attestations() -> None:
    op.create_table(
        "attestations",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("booking_id", IDENTITY, nullable=False),
        sa.Column("resource_id", IDENTITY, nullable=False),
        sa.Column("team_id", IDENTITY, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("reminded_at", INSTANT, nullable=True),
        sa.Column("attested_at", INSTANT, nullable=True),
        sa.Column("attested_by", sa.String(length=254), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.CheckConstraint("asked_at < due_at", name=op.f("ck_attestations_due")),
        sa.CheckConstraint("(attested_at IS NULL) = (attested_by = '')", name=op.f("ck_attestations_attested")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_attestations_booking_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_attestations_resource_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_attestations_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestations")),
        sa.UniqueConstraint("booking_id", "resource_id", name=op.f("uq_attestations_booking_id_resource_id")),
    )
    owed = sa.text("attested_at IS NULL")
    with op.batch_alter_table("attestations", schema=None) as batch_op:
        batch_op.create_index("ix_attestations_resource_id_id", ["resource_id", "id"], unique=False)
        batch_op.create_index(
            "ix_attestations_owed", ["team_id", "resource_id", "due_at"],
            unique=False, postgresql_where=owed, sqlite_where=owed,
        )  # fmt: skip


def downgrade() -> None:
    op.drop_table("attestations")
    op.drop_table("outcomes")
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.drop_index("ix_bookings_completed_ended_at")
    with op.batch_alter_table("resources", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_resources_deletion_days"), type_="check")
        batch_op.drop_column("deletion_days")
