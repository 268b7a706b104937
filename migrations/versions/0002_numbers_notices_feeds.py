"""Utilisation by day, refused wishes, notices, feeds, and a chain over the audit log."""

import hashlib
import json
from datetime import UTC

import sqlalchemy as sa
from alembic import op

import booking.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ENTRIES = sa.table(
    "audit_entries",
    sa.column("id", sa.BigInteger),
    sa.column("at", booking.db.Instant(timezone=True)),
    sa.column("by", sa.String),
    sa.column("act", sa.String),
    sa.column("subject", sa.String),
    sa.column("details", sa.JSON),
    sa.column("previous", sa.String),
    sa.column("hash", sa.String),
)
HEADS = sa.table(
    "audit_heads", sa.column("id", sa.Integer), sa.column("entries", sa.BigInteger), sa.column("hash", sa.String)
)


def upgrade() -> None:
    op.create_table(
        "audit_heads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_heads_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_heads")),
    )
    op.create_table(
        "digest_settings",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("digested_at", booking.db.Instant(timezone=True), nullable=True),
        sa.CheckConstraint("hour BETWEEN 0 AND 23", name=op.f("ck_digest_settings_hour")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_digest_settings_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_digest_settings")),
    )
    op.create_table(
        "notice_preferences",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("way", sa.String(length=6), nullable=False),
        sa.CheckConstraint("way IN ('mail', 'digest', 'page')", name=op.f("ck_notice_preferences_way")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notice_preferences_user_id")),
        sa.PrimaryKeyConstraint("user_id", "event", name=op.f("pk_notice_preferences")),
    )
    op.create_table(
        "received_notices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("way", sa.String(length=6), nullable=False),
        sa.Column("at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("read_at", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("digested_at", booking.db.Instant(timezone=True), nullable=True),
        sa.CheckConstraint("digested_at IS NULL OR way = 'digest'", name=op.f("ck_received_notices_digested")),
        sa.CheckConstraint("way IN ('mail', 'digest', 'page')", name=op.f("ck_received_notices_way")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_received_notices_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_notices")),
    )
    with op.batch_alter_table("received_notices", schema=None) as batch_op:
        batch_op.create_index("ix_received_notices_at", ["at"], unique=False)
        batch_op.create_index(
            "ix_received_notices_undigested",
            ["user_id", "id"],
            unique=False,
            postgresql_where=sa.text("way = 'digest' AND digested_at IS NULL"),
            sqlite_where=sa.text("way = 'digest' AND digested_at IS NULL"),
        )
        batch_op.create_index(
            "ix_received_notices_unread",
            ["user_id"],
            unique=False,
            postgresql_where=sa.text("read_at IS NULL"),
            sqlite_where=sa.text("read_at IS NULL"),
        )
        batch_op.create_index("ix_received_notices_user_id_id", ["user_id", "id"], unique=False)

    op.create_table(
        "feeds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("created_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("revoked_at", booking.db.Instant(timezone=True), nullable=True),
        sa.CheckConstraint("(team_id IS NULL) <> (resource_id IS NULL)", name=op.f("ck_feeds_subject")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_feeds_resource_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_feeds_team_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_feeds_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("key", name=op.f("uq_feeds_key")),
    )
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feeds_user_id"), ["user_id"], unique=False)

    op.create_table(
        "refused_wishes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("starts_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("ends_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("codes", sa.String(length=500), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("last_at", booking.db.Instant(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_refused_wishes_window")),
        sa.CheckConstraint("units > 0 AND times > 0", name=op.f("ck_refused_wishes_numbers")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_refused_wishes_resource_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_refused_wishes_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_wishes")),
    )
    with op.batch_alter_table("refused_wishes", schema=None) as batch_op:
        batch_op.create_index("ix_refused_wishes_last_at", ["last_at"], unique=False)
        batch_op.create_index(
            "uq_refused_wishes_wish", ["resource_id", "team_id", "starts_at", "ends_at", "units"], unique=True
        )

    op.create_table(
        "utilisation_days",
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("ends_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.Column("booked", sa.BigInteger(), nullable=False),
        sa.Column("published_hours", sa.JSON(), nullable=False),
        sa.Column("booked_hours", sa.JSON(), nullable=False),
        sa.CheckConstraint("published >= 0 AND booked >= 0", name=op.f("ck_utilisation_days_amounts")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_utilisation_days_window")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_utilisation_days_resource_id")),
        sa.PrimaryKeyConstraint("resource_id", "day", name=op.f("pk_utilisation_days")),
    )
    with op.batch_alter_table("utilisation_days", schema=None) as batch_op:
        batch_op.create_index("ix_utilisation_days_day", ["day"], unique=False)

    op.create_table(
        "utilisation_rolls",
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rolled_until", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("offer_version", sa.BigInteger(), nullable=False),
        sa.Column("history_id", sa.BigInteger(), nullable=False),
        sa.Column("rolled_at", booking.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_utilisation_rolls_resource_id")),
        sa.PrimaryKeyConstraint("resource_id", name=op.f("pk_utilisation_rolls")),
    )
    op.create_table(
        "utilisation_shares",
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booked", sa.BigInteger(), nullable=False),
        sa.Column("checked_in", sa.BigInteger(), nullable=False),
        sa.Column("no_show", sa.BigInteger(), nullable=False),
        sa.Column("measured", sa.BigInteger(), nullable=False),
        sa.Column("measured_of", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("booked > 0", name=op.f("ck_utilisation_shares_booked")),
        sa.CheckConstraint(
            "checked_in >= 0 AND no_show >= 0 AND checked_in + no_show <= booked",
            name=op.f("ck_utilisation_shares_parts"),
        ),
        sa.CheckConstraint(
            "measured >= 0 AND measured_of BETWEEN 0 AND booked", name=op.f("ck_utilisation_shares_measured")
        ),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_utilisation_shares_resource_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_utilisation_shares_team_id")),
        sa.PrimaryKeyConstraint("resource_id", "day", "team_id", name=op.f("pk_utilisation_shares")),
    )
    with op.batch_alter_table("utilisation_shares", schema=None) as batch_op:
        batch_op.create_index("ix_utilisation_shares_team_day", ["team_id", "day"], unique=False)

    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("previous", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("hash", sa.String(length=64), nullable=True))
    _chain()
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.alter_column("previous", existing_type=sa.String(length=64), nullable=False)
        batch_op.alter_column("hash", existing_type=sa.String(length=64), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_audit_entries_hash"), ["hash"])


def _chain() -> None:
    """Give the entries that are there already their places in the chain, in the order of their ids."""
    connection = op.get_bind()
    before, count = "0" * 64, 0
    rows = connection.execute(sa.select(ENTRIES).order_by(ENTRIES.c.id)).all()
    for row in rows:
        words = [before, row.at.astimezone(UTC).isoformat(), row.by, row.act, row.subject, row.details]
        text = json.dumps(words, sort_keys=True, separators=(",", ":"))
        after = hashlib.sha256(text.encode()).hexdigest()
        changed = sa.update(ENTRIES).where(ENTRIES.c.id == row.id).values(previous=before, hash=after)
        connection.execute(changed)
        before, count = after, count + 1
    if count:
        connection.execute(sa.insert(HEADS).values(id=1, entries=count, hash=before))


def downgrade() -> None:
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_audit_entries_hash"), type_="unique")
        batch_op.drop_column("hash")
        batch_op.drop_column("previous")

    with op.batch_alter_table("utilisation_shares", schema=None) as batch_op:
        batch_op.drop_index("ix_utilisation_shares_team_day")

    op.drop_table("utilisation_shares")
    op.drop_table("utilisation_rolls")
    with op.batch_alter_table("utilisation_days", schema=None) as batch_op:
        batch_op.drop_index("ix_utilisation_days_day")

    op.drop_table("utilisation_days")
    with op.batch_alter_table("refused_wishes", schema=None) as batch_op:
        batch_op.drop_index("uq_refused_wishes_wish")
        batch_op.drop_index("ix_refused_wishes_last_at")

    op.drop_table("refused_wishes")
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feeds_user_id"))

    op.drop_table("feeds")
    with op.batch_alter_table("received_notices", schema=None) as batch_op:
        batch_op.drop_index("ix_received_notices_user_id_id")
        batch_op.drop_index(
            "ix_received_notices_unread",
            postgresql_where=sa.text("read_at IS NULL"),
            sqlite_where=sa.text("read_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_received_notices_undigested",
            postgresql_where=sa.text("way = 'digest' AND digested_at IS NULL"),
            sqlite_where=sa.text("way = 'digest' AND digested_at IS NULL"),
        )
        batch_op.drop_index("ix_received_notices_at")

    op.drop_table("received_notices")
    op.drop_table("notice_preferences")
    op.drop_table("digest_settings")
    op.drop_table("audit_heads")
