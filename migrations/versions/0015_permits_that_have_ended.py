"""When the end of a permit was noted."""

import sqlalchemy as sa
from alembic import op

import booking.db

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("permits", sa.Column("expired_at", booking.db.Instant(), nullable=True))


def downgrade() -> None:
    op.drop_column("permits", "expired_at")
