"""Clusters: bindings of pools, pinned nodes, logins, measured use and drift."""

import sqlalchemy as sa
from alembic import op

import booking.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clusters",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_prefix", sa.String(length=20), nullable=False),
        sa.Column("created_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("version", sa.String(length=80), nullable=False),
        sa.Column("seen_at", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("silent_since", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("usage_until", booking.db.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_clusters_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clusters")),
        sa.UniqueConstraint("name", name=op.f("uq_clusters_name")),
    )
    with op.batch_alter_table("clusters", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_clusters_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "cluster_drifts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cluster_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("found_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("mended_at", booking.db.Instant(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('missing', 'different', 'left_over', 'stranger', 'account', 'node', 'usage')",
            name=op.f("ck_cluster_drifts_kind"),
        ),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=op.f("fk_cluster_drifts_cluster_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cluster_drifts")),
    )
    with op.batch_alter_table("cluster_drifts", schema=None) as batch_op:
        batch_op.create_index(
            "uq_cluster_drifts_open",
            ["cluster_id", "kind", "subject"],
            unique=True,
            postgresql_where=sa.text("mended_at IS NULL"),
            sqlite_where=sa.text("mended_at IS NULL"),
        )

    op.create_table(
        "cluster_logins",
        sa.Column("cluster_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("login", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=op.f("fk_cluster_logins_cluster_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_cluster_logins_user_id")),
        sa.PrimaryKeyConstraint("cluster_id", "user_id", name=op.f("pk_cluster_logins")),
    )
    with op.batch_alter_table("cluster_logins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cluster_logins_user_id"), ["user_id"], unique=False)
        batch_op.create_index("uq_cluster_logins_login", ["cluster_id", "login"], unique=True)

    op.create_table(
        "pool_bindings",
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cluster_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("partition", sa.String(length=63), nullable=False),
        sa.Column("gpus_per_node", sa.Integer(), nullable=False),
        sa.Column("bound_at", booking.db.Instant(timezone=True), nullable=False),
        sa.CheckConstraint("gpus_per_node BETWEEN 1 AND 64", name=op.f("ck_pool_bindings_gpus_per_node")),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=op.f("fk_pool_bindings_cluster_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_pool_bindings_resource_id")),
        sa.PrimaryKeyConstraint("resource_id", name=op.f("pk_pool_bindings")),
    )
    with op.batch_alter_table("pool_bindings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pool_bindings_cluster_id"), ["cluster_id"], unique=False)

    op.create_table(
        "cluster_nodes",
        sa.Column("cluster_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("usable", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=op.f("fk_cluster_nodes_cluster_id")),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["pool_bindings.resource_id"], name=op.f("fk_cluster_nodes_resource_id")
        ),
        sa.PrimaryKeyConstraint("cluster_id", "name", name=op.f("pk_cluster_nodes")),
    )
    with op.batch_alter_table("cluster_nodes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cluster_nodes_resource_id"), ["resource_id"], unique=False)

    op.create_table(
        "pinned_nodes",
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cluster_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_pinned_nodes_booking_id")),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=op.f("fk_pinned_nodes_cluster_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_pinned_nodes_resource_id")),
        sa.PrimaryKeyConstraint("booking_id", "cluster_id", "node", name=op.f("pk_pinned_nodes")),
    )
    with op.batch_alter_table("pinned_nodes", schema=None) as batch_op:
        batch_op.create_index("ix_pinned_nodes_node", ["cluster_id", "node"], unique=False)
        batch_op.create_index(batch_op.f("ix_pinned_nodes_resource_id"), ["resource_id"], unique=False)

    op.create_table(
        "usage_rows",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cluster_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("job", sa.String(length=80), nullable=False),
        sa.Column("account", sa.String(length=120), nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("gpus", sa.Integer(), nullable=False),
        sa.Column("started_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("imported_at", booking.db.Instant(timezone=True), nullable=False),
        sa.CheckConstraint("(booking_id IS NULL) = (resource_id IS NULL)", name=op.f("ck_usage_rows_claim")),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name=op.f("ck_usage_rows_times")),
        sa.CheckConstraint("gpus >= 0 AND seconds >= 0", name=op.f("ck_usage_rows_not_negative")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_usage_rows_booking_id")),
        sa.ForeignKeyConstraint(["cluster_id"], ["clusters.id"], name=op.f("fk_usage_rows_cluster_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_usage_rows_resource_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_rows")),
    )
    with op.batch_alter_table("usage_rows", schema=None) as batch_op:
        batch_op.create_index("ix_usage_rows_booking_id_resource_id", ["booking_id", "resource_id"], unique=False)
        batch_op.create_index("uq_usage_rows_job", ["cluster_id", "job", "started_at"], unique=True)

    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.add_column(sa.Column("settle_by", booking.db.Instant(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_claims_unsettled",
            ["settle_by"],
            unique=False,
            postgresql_where=sa.text("settle_by IS NOT NULL"),
            sqlite_where=sa.text("settle_by IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_index("ix_claims_unsettled", "claims")
    op.execute("ALTER TABLE claims DROP COLUMN settle_by")  # as it is: a copy of the table could not be undone further

    with op.batch_alter_table("usage_rows", schema=None) as batch_op:
        batch_op.drop_index("uq_usage_rows_job")
        batch_op.drop_index("ix_usage_rows_booking_id_resource_id")

    op.drop_table("usage_rows")
    with op.batch_alter_table("pinned_nodes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pinned_nodes_resource_id"))
        batch_op.drop_index("ix_pinned_nodes_node")

    op.drop_table("pinned_nodes")
    with op.batch_alter_table("cluster_nodes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cluster_nodes_resource_id"))

    op.drop_table("cluster_nodes")
    with op.batch_alter_table("pool_bindings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pool_bindings_cluster_id"))

    op.drop_table("pool_bindings")
    with op.batch_alter_table("cluster_logins", schema=None) as batch_op:
        batch_op.drop_index("uq_cluster_logins_login")
        batch_op.drop_index(batch_op.f("ix_cluster_logins_user_id"))

    op.drop_table("cluster_logins")
    with op.batch_alter_table("cluster_drifts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_cluster_drifts_open",
            postgresql_where=sa.text("mended_at IS NULL"),
            sqlite_where=sa.text("mended_at IS NULL"),
        )

    op.drop_table("cluster_drifts")
    with op.batch_alter_table("clusters", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_clusters_organisation_id"))

    op.drop_table("clusters")
