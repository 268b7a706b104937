"""Change requests, counter-offers, and least quantities."""

import sqlalchemy as sa
from alembic import op

import booking.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    _create_tables()
    # SQLite adds a column with its constraint in one statement; in a batch it would copy the table without its checks.
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    for statement in (
        f"ALTER TABLE ledger_entries ADD COLUMN change_request_id {number}"
        " CONSTRAINT fk_ledger_entries_change_request_id REFERENCES change_requests (id)",
        f"ALTER TABLE bookings ADD COLUMN counter_of {number}"
        " CONSTRAINT fk_bookings_counter_of REFERENCES bookings (id)",
        "ALTER TABLE claims ADD COLUMN least_units INTEGER"
        " CONSTRAINT ck_claims_least_units CHECK (least_units > 0 AND least_units <= units)",
    ):
        op.execute(statement)
    op.create_index("ix_bookings_counter_of", "bookings", ["counter_of"], unique=False)


def _create_tables() -> None:
    op.create_table(
        "change_requests",
        sa.Column("id", ID, nullable=False),
        sa.Column("booking_id", ID, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("starts_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("ends_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("begins_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("hold_until", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("created_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("ended_at", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_change_requests_ended")),
        sa.CheckConstraint("hold_until <= begins_at", name=op.f("ck_change_requests_hold_until")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_change_requests_window")),
        sa.CheckConstraint(
            "state IN ('open', 'approved', 'declined', 'expired', 'withdrawn')", name=op.f("ck_change_requests_state")
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_change_requests_booking_id")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_change_requests_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_requests")),
    )
    with op.batch_alter_table("change_requests", schema=None) as batch_op:
        batch_op.create_index("ix_change_requests_booking_id", ["booking_id"], unique=False)
        batch_op.create_index(
            "ix_change_requests_open_hold_until", ["hold_until"], unique=False,
            postgresql_where=OPEN, sqlite_where=OPEN,
        )  # fmt: skip
        batch_op.create_index(
            "uq_change_requests_open", ["booking_id"], unique=True, postgresql_where=OPEN, sqlite_where=OPEN
        )

    op.create_table(
        "change_request_claims",
        sa.Column("change_request_id", ID, nullable=False),
        sa.Column("resource_id", ID, nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("weight_percent", sa.Integer(), nullable=False),
        sa.Column("approval", sa.String(length=8), nullable=False),
        sa.CheckConstraint("approval IN ('none', 'waiting', 'given')", name=op.f("ck_change_request_claims_approval")),
        sa.CheckConstraint("units > 0", name=op.f("ck_change_request_claims_units")),
        sa.CheckConstraint(
            "weight_percent >= 0 AND weight_percent % 5 = 0", name=op.f("ck_change_request_claims_weight")
        ),
        sa.ForeignKeyConstraint(
            ["change_request_id"], ["change_requests.id"], name=op.f("fk_change_request_claims_change_request_id")
        ),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_change_request_claims_resource_id")),
        sa.PrimaryKeyConstraint("change_request_id", "resource_id", name=op.f("pk_change_request_claims")),
    )
    op.create_index("ix_change_request_claims_resource_id", "change_request_claims", ["resource_id"], unique=False)
    op.create_table(
        "change_request_blocks",
        sa.Column("change_request_id", ID, nullable=False),
        sa.Column("resource_id", ID, nullable=False),
        sa.Column("starts_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("ends_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_at <= ends_at", name=op.f("ck_change_request_blocks_occupied")),
        sa.CheckConstraint("units > 0", name=op.f("ck_change_request_blocks_units")),
        sa.ForeignKeyConstraint(
            ["change_request_id"], ["change_requests.id"], name=op.f("fk_change_request_blocks_change_request_id")
        ),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_change_request_blocks_resource_id")),
        sa.PrimaryKeyConstraint("change_request_id", "resource_id", "starts_at", name=op.f("pk_change_request_blocks")),
    )
    op.create_index(
        "ix_change_request_blocks_resource_ends_at", "change_request_blocks", ["resource_id", "ends_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_bookings_counter_of", "bookings")
    for table, column in (
        ("claims", "least_units"),
        ("bookings", "counter_of"),
        ("ledger_entries", "change_request_id"),
    ):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    op.drop_table("change_request_blocks")
    op.drop_table("change_request_claims")
    op.drop_table("change_requests")
