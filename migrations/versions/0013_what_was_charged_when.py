"""An index of what was charged and refunded when, for the settlement of months."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CHARGED = "kind IN ('charge', 'refund')"


def upgrade() -> None:
    op.create_index(
        "ix_ledger_entries_charged_at",
        "ledger_entries",
        ["at"],
        unique=False,
        postgresql_where=sa.text(CHARGED),
        sqlite_where=sa.text(CHARGED),
    )


def downgrade() -> None:
    op.drop_index("ix_ledger_entries_charged_at", table_name="ledger_entries")
