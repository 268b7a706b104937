"""Terms and permits of datasets, where their files are, and the log of the gateway."""

import sqlalchemy as sa
from alembic import op

import booking.db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("resources", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sensitivity", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("files_root", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("files_folder", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("withdrawn_at", booking.db.Instant(timezone=True), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_resources_sensitivity"), "sensitivity IN ('public', 'internal', 'restricted')"
        )
        batch_op.create_check_constraint(op.f("ck_resources_withdrawn"), "withdrawn_at IS NULL OR state = 'retired'")
    op.execute("UPDATE resources SET sensitivity = 'public' WHERE kind = 'dataset'")

    op.create_table(
        "terms_versions",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("resource_id", IDENTITY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("effective_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("published_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(length=254), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_terms_versions_number")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_terms_versions_resource_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_versions")),
        sa.UniqueConstraint("resource_id", "number", name=op.f("uq_terms_versions_resource_id_number")),
    )
    op.create_table(
        "terms_acceptances",
        sa.Column("user_id", IDENTITY, nullable=False),
        sa.Column("terms_version_id", IDENTITY, nullable=False),
        sa.Column("at", booking.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["terms_version_id"], ["terms_versions.id"], name=op.f("fk_terms_acceptances_terms_version_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_terms_acceptances_user_id")),
        sa.PrimaryKeyConstraint("user_id", "terms_version_id", name=op.f("pk_terms_acceptances")),
    )
    with op.batch_alter_table("terms_acceptances", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_terms_acceptances_terms_version_id"), ["terms_version_id"], unique=False)

    _create_permits()
    _create_data_accesses()


def _create_permits() -> None:
    op.create_table(
        "permits",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("team_id", IDENTITY, nullable=False),
        sa.Column("resource_id", IDENTITY, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=254), nullable=False),
        sa.Column("until", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("decided_at", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", booking.db.Instant(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'granted', 'declined', 'withdrawn')", name=op.f("ck_permits_state")),
        sa.CheckConstraint("(state IN ('granted', 'withdrawn')) = (until IS NOT NULL)", name=op.f("ck_permits_until")),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_permits_withdrawn")),
        sa.CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name=op.f("ck_permits_decided")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_permits_resource_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_permits_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_permits")),
    )
    with op.batch_alter_table("permits", schema=None) as batch_op:
        batch_op.create_index("ix_permits_resource_state", ["resource_id", "state"], unique=False)
        batch_op.create_index("ix_permits_team_resource", ["team_id", "resource_id"], unique=False)
        batch_op.create_index(
            "uq_permits_asked",
            ["team_id", "resource_id"],
            unique=True,
            postgresql_where=sa.text("state = 'asked'"),
            sqlite_where=sa.text("state = 'asked'"),
        )


def _create_data_accesses() -> None:
    op.create_table(
        "data_accesses",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("resource_id", IDENTITY, nullable=False),
        sa.Column("booking_id", IDENTITY, nullable=True),
        sa.Column("team_id", IDENTITY, nullable=True),
        sa.Column("user_id", IDENTITY, nullable=True),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("first_byte", sa.BigInteger(), nullable=False),
        sa.Column("promised", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("seen_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("ended_at", booking.db.Instant(timezone=True), nullable=True),
        sa.CheckConstraint("first_byte >= 0", name=op.f("ck_data_accesses_first_byte")),
        sa.CheckConstraint("sent >= 0 AND sent <= promised", name=op.f("ck_data_accesses_sent")),
        sa.CheckConstraint("status BETWEEN 200 AND 599", name=op.f("ck_data_accesses_status")),
        sa.CheckConstraint("(booking_id IS NULL) = (team_id IS NULL)", name=op.f("ck_data_accesses_booked")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_data_accesses_booking_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_data_accesses_resource_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_data_accesses_team_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_data_accesses_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_accesses")),
    )
    with op.batch_alter_table("data_accesses", schema=None) as batch_op:
        batch_op.create_index("ix_data_accesses_booking_id_id", ["booking_id", "id"], unique=False)
        batch_op.create_index("ix_data_accesses_resource_id_id", ["resource_id", "id"], unique=False)


def downgrade() -> None:
    for table in ("data_accesses", "permits", "terms_acceptances", "terms_versions"):
        op.drop_table(table)
    with op.batch_alter_table("resources", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_resources_withdrawn"), type_="check")
        batch_op.drop_constraint(op.f("ck_resources_sensitivity"), type_="check")
        for column in ("withdrawn_at", "files_folder", "files_root", "sensitivity"):
            batch_op.drop_column(column)
