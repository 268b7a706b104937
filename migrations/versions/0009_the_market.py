"""Vouchers, rates over time, and settled months."""

import sqlalchemy as sa
from alembic import op

import booking.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = booking.db.Instant(timezone=True)


def upgrade() -> None:
    # SQLite adds a column with its constraint in one statement; in a batch it would copy the table without its checks.
    op.execute(
        "ALTER TABLE grants ADD COLUMN subsidy_percent INTEGER CONSTRAINT ck_grants_voucher"
        " CHECK (subsidy_percent BETWEEN 1 AND 100 AND organisation_id IS NOT NULL OR subsidy_percent IS NULL)"
    )
    op.create_table(
        "rates",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("resource_id", IDENTITY, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("cents_per_unit_hour", sa.Integer(), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("set_by", sa.String(length=254), nullable=False),
        sa.CheckConstraint("cents_per_unit_hour >= 0", name=op.f("ck_rates_cents")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_rates_resource_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rates")),
        sa.UniqueConstraint("resource_id", "starts_at", name=op.f("uq_rates_resource_id_starts_at")),
    )
    op.create_table(
        "settlement_months",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("last_entry_id", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=False),
        sa.Column("closed_by", sa.String(length=254), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_settlement_months_window")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_months")),
        sa.UniqueConstraint("starts_at", name=op.f("uq_settlement_months_starts_at")),
    )
    _create_lines()


def _create_lines() -> None:
    amounts = ("booked", "measured", "refunded", "cents", "subsidy_cents", "own_cents")
    op.create_table(
        "settlement_lines",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("month_id", IDENTITY, nullable=False),
        sa.Column("operator_id", IDENTITY, nullable=False),
        sa.Column("funder_id", IDENTITY, nullable=True),
        sa.Column("team_id", IDENTITY, nullable=False),
        sa.Column("resource_id", IDENTITY, nullable=False),
        sa.Column("subsidy_percent", sa.Integer(), nullable=False),
        sa.Column("cents_per_unit_hour", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in amounts),
        sa.CheckConstraint("booked >= 0 AND measured >= 0 AND refunded >= 0", name=op.f("ck_settlement_lines_amounts")),
        sa.CheckConstraint("subsidy_cents + own_cents = cents", name=op.f("ck_settlement_lines_shares")),
        sa.CheckConstraint("subsidy_percent BETWEEN 0 AND 100", name=op.f("ck_settlement_lines_subsidy_percent")),
        sa.ForeignKeyConstraint(["funder_id"], ["organisations.id"], name=op.f("fk_settlement_lines_funder_id")),
        sa.ForeignKeyConstraint(["month_id"], ["settlement_months.id"], name=op.f("fk_settlement_lines_month_id")),
        sa.ForeignKeyConstraint(["operator_id"], ["organisations.id"], name=op.f("fk_settlement_lines_operator_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_settlement_lines_resource_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_settlement_lines_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_lines")),
    )
    with op.batch_alter_table("settlement_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_settlement_lines_month_id"), ["month_id"], unique=False)


def downgrade() -> None:
    for table in ("settlement_lines", "settlement_months", "rates"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_grants_voucher"), "grants", type_="check")
    op.execute("ALTER TABLE grants DROP COLUMN subsidy_percent")
