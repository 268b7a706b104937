"""Series of bookings."""

import sqlalchemy as sa
from alembic import op

import booking.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OF_A_SERIES = sa.text("series_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("exceptions", sa.JSON(), nullable=False),
        sa.Column("additions", sa.JSON(), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("local_start", sa.DateTime(), nullable=False),
        sa.Column("local_end", sa.DateTime(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("local_start < local_end", name=op.f("ck_series_times")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_series_created_by")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_series_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    op.create_index(op.f("ix_series_team_id"), "series", ["team_id"], unique=False)
    op.create_table(
        "series_claims",
        sa.Column("series_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_series_claims_units")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_series_claims_resource_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_series_claims_series_id")),
        sa.PrimaryKeyConstraint("series_id", "resource_id", name=op.f("pk_series_claims")),
    )
    # Columns with their constraints, as both engines take them: SQLite would otherwise copy the whole table, which it
    # cannot put in the place of one that others refer to.
    number = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    instant = "TIMESTAMP WITH TIME ZONE" if op.get_bind().dialect.name == "postgresql" else "DATETIME"
    for column in (
        f"series_id {number} CONSTRAINT fk_bookings_series_id REFERENCES series (id)",
        "occurrence DATE CONSTRAINT ck_bookings_occurrence CHECK ((series_id IS NULL) = (occurrence IS NULL))",
        f"apart_since {instant}"
        " CONSTRAINT ck_bookings_apart_since CHECK (apart_since IS NULL OR series_id IS NOT NULL)",
    ):
        op.execute(f"ALTER TABLE bookings ADD COLUMN {column}")
    op.create_index(
        "uq_bookings_series_occurrence",
        "bookings",
        ["series_id", "occurrence"],
        unique=True,
        postgresql_where=OF_A_SERIES,
        sqlite_where=OF_A_SERIES,
    )


def downgrade() -> None:
    op.drop_index("uq_bookings_series_occurrence", "bookings")
    for column in ("apart_since", "occurrence", "series_id"):
        op.execute(f"ALTER TABLE bookings DROP COLUMN {column}")
    op.drop_table("series_claims")
    op.drop_index(op.f("ix_series_team_id"), "series")
    op.drop_table("series")
