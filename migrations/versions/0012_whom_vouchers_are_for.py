"""Whom vouchers are for: the kinds and regions of organisations whose teams they may go to."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # One by one, so that SQLite does not copy the table, which would put the check of the share out of its column.
    op.add_column("grants", sa.Column("eligible_kinds", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("grants", sa.Column("eligible_regions", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("grants", "eligible_regions")
    op.drop_column("grants", "eligible_kinds")
