"""Tables of the spine."""

import sqlalchemy as sa
from alembic import op

import booking.db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entries_subject", ["subject", "id"], unique=False)

    op.create_table(
        "downtimes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("ends_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_downtimes_window")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_downtimes")),
    )
    op.create_table(
        "heartbeats",
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.CheckConstraint("part IN ('leader', 'web')", name=op.f("ck_heartbeats_part")),
        sa.PrimaryKeyConstraint("part", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "job_runs",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("started_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("leader", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_runs")),
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("created_at", booking.db.Instant(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('enterprise', 'university', 'institute', 'government', 'intermediary')",
            name=op.f("ck_organisations_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("slug", name=op.f("uq_organisations_slug")),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("at", booking.db.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failures")),
    )
    with op.batch_alter_table("sign_in_failures", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_failures_email_at", ["email", "at"], unique=False)

    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("session_key", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("confirmed_at", booking.db.Instant(timezone=True), nullable=True),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_users_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "activities",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("starts_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("ends_at", booking.db.Instant(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('contest', 'roadshow', 'matchmaking', 'demonstration')", name=op.f("ck_activities_kind")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_activities_window")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_activities_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
        sa.UniqueConstraint("slug", name=op.f("uq_activities_slug")),
    )
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activities_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "facilities",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", booking.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_facilities_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facilities")),
        sa.UniqueConstraint("slug", name=op.f("uq_facilities_slug")),
    )
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_facilities_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_facilities_region"), ["region"], unique=False)

    op.create_table(
        "roles",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(organisation_id IS NULL) = (role IN ('administrator', 'reviewer'))", name=op.f("ck_roles_scope")
        ),
        sa.CheckConstraint(
            "role IN ('operator', 'steward', 'scenario_owner', 'funder', 'reviewer', 'administrator')",
            name=op.f("ck_roles_role"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_roles_organisation_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_roles_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
    )
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roles_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(
            "uq_roles_organisation",
            ["user_id", "role", "organisation_id"],
            unique=True,
            postgresql_where=sa.text("organisation_id IS NOT NULL"),
            sqlite_where=sa.text("organisation_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_roles_platform",
            ["user_id", "role"],
            unique=True,
            postgresql_where=sa.text("organisation_id IS NULL"),
            sqlite_where=sa.text("organisation_id IS NULL"),
        )

    op.create_table(
        "scenarios",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("published_at", booking.db.Instant(timezone=True), nullable=True),
        sa.CheckConstraint(
            "category IN ('economy', 'society', 'research', 'events')", name=op.f("ck_scenarios_category")
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_scenarios_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenarios")),
        sa.UniqueConstraint("slug", name=op.f("uq_scenarios_slug")),
    )
    with op.batch_alter_table("scenarios", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scenarios_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "tokens",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("created_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("expires_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("revoked_at", booking.db.Instant(timezone=True), nullable=True),
        sa.CheckConstraint("scope IN ('read', 'write')", name=op.f("ck_tokens_scope")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tokens_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")),
    )
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tokens_user_id"), ["user_id"], unique=False)

    op.create_table(
        "resources",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("facility_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("how_to_use", sa.Text(), nullable=False),
        sa.Column("grid_minutes", sa.Integer(), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("offer_version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("gpu_model", sa.String(length=80), nullable=True),
        sa.Column("gpu_memory_gib", sa.Integer(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("licence", sa.String(length=200), nullable=True),
        sa.Column("access", sa.String(length=8), nullable=True),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("source_version", sa.String(length=80), nullable=True),
        sa.Column("croissant", sa.JSON(), nullable=True),
        sa.CheckConstraint("access <> 'onsite' OR facility_id IS NOT NULL", name=op.f("ck_resources_onsite")),
        sa.CheckConstraint(
            "kind <> 'dataset' OR access IN ('open', 'gateway', 'onsite')", name=op.f("ck_resources_dataset_access")
        ),
        sa.CheckConstraint(
            "kind <> 'pool' OR (facility_id IS NOT NULL AND gpu_model IS NOT NULL)", name=op.f("ck_resources_pool")
        ),
        sa.CheckConstraint("kind <> 'pool' OR seats IS NULL", name=op.f("ck_resources_pool_seats")),
        sa.CheckConstraint("kind IN ('pool', 'dataset')", name=op.f("ck_resources_kind")),
        sa.CheckConstraint("state IN ('draft', 'published', 'retired')", name=op.f("ck_resources_state")),
        sa.CheckConstraint("grid_minutes BETWEEN 1 AND 1440", name=op.f("ck_resources_grid")),
        sa.CheckConstraint("seats >= 0", name=op.f("ck_resources_seats")),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.id"], name=op.f("fk_resources_facility_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_resources_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resources")),
        sa.UniqueConstraint("slug", name=op.f("uq_resources_slug")),
    )
    with op.batch_alter_table("resources", schema=None) as batch_op:
        batch_op.create_index("ix_resources_facility_kind_state", ["facility_id", "kind", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_resources_gpu_model"), ["gpu_model"], unique=False)
        batch_op.create_index("ix_resources_kind_state", ["kind", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_resources_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_resources_source_url"), ["source_url"], unique=False)

    op.create_table(
        "teams",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("scenario_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("applied_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("applied_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("approved_until", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("suspended_at", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("strikes_until", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("warned_at", booking.db.Instant(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'suspended') = (suspended_at IS NOT NULL)", name=op.f("ck_teams_suspension_dated")
        ),
        sa.CheckConstraint("state <> 'approved' OR approved_until IS NOT NULL", name=op.f("ck_teams_approval_ends")),
        sa.CheckConstraint(
            "state IN ('applied', 'approved', 'declined', 'suspended', 'expired')", name=op.f("ck_teams_state")
        ),
        sa.ForeignKeyConstraint(["applied_by"], ["users.id"], name=op.f("fk_teams_applied_by")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_teams_organisation_id")),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenarios.id"], name=op.f("fk_teams_scenario_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("slug", name=op.f("uq_teams_slug")),
    )
    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_teams_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_teams_scenario_id"), ["scenario_id"], unique=False)
        batch_op.create_index("ix_teams_state_approved_until", ["state", "approved_until"], unique=False)

    op.create_table(
        "bookings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("starts_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("ends_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("hold_until", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("check_in_from", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("check_in_until", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("checked_in_at", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("ended_at", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("reminded_at", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit_seconds", sa.BigInteger(), nullable=False),
        sa.Column("created_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "state IN ('offered', 'pending', 'confirmed', 'active', 'completed', 'cancelled', "
            "'declined', 'expired', 'no_show', 'revoked')",
            name=op.f("ck_bookings_state"),
        ),
        sa.CheckConstraint("hold_until IS NULL OR hold_until <= starts_at", name=op.f("ck_bookings_hold_until")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_bookings_window")),
        sa.CheckConstraint("unit_seconds > 0", name=op.f("ck_bookings_unit_seconds")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_bookings_created_by")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_bookings_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
    )
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.create_index(
            "ix_bookings_active_ends_at",
            ["ends_at"],
            unique=False,
            postgresql_where=sa.text("state = 'active'"),
            sqlite_where=sa.text("state = 'active'"),
        )
        batch_op.create_index(
            "ix_bookings_confirmed_check_in",
            ["check_in_until"],
            unique=False,
            postgresql_where=sa.text("state = 'confirmed'"),
            sqlite_where=sa.text("state = 'confirmed'"),
        )
        batch_op.create_index(
            "ix_bookings_confirmed_starts_at",
            ["starts_at"],
            unique=False,
            postgresql_where=sa.text("state = 'confirmed'"),
            sqlite_where=sa.text("state = 'confirmed'"),
        )
        batch_op.create_index(
            "ix_bookings_offered_hold_until",
            ["hold_until"],
            unique=False,
            postgresql_where=sa.text("state = 'offered'"),
            sqlite_where=sa.text("state = 'offered'"),
        )
        batch_op.create_index(
            "ix_bookings_pending_hold_until",
            ["hold_until"],
            unique=False,
            postgresql_where=sa.text("state = 'pending'"),
            sqlite_where=sa.text("state = 'pending'"),
        )
        batch_op.create_index("ix_bookings_team_starts_at", ["team_id", "starts_at"], unique=False)

    op.create_table(
        "capacity_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("units", sa.Integer(), nullable=True),
        sa.Column("starts_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("ends_at", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("(kind = 'closed') = (units IS NULL)", name=op.f("ck_capacity_changes_closed_units")),
        sa.CheckConstraint("kind IN ('supply', 'outage', 'closed')", name=op.f("ck_capacity_changes_kind")),
        sa.CheckConstraint("starts_at <= ends_at", name=op.f("ck_capacity_changes_window")),
        sa.CheckConstraint("units > 0", name=op.f("ck_capacity_changes_units")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_capacity_changes_created_by")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_capacity_changes_resource_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacity_changes")),
    )
    with op.batch_alter_table("capacity_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_capacity_changes_resource_id"), ["resource_id"], unique=False)

    op.create_table(
        "grants",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organisation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=True),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("facility_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("starts_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("ends_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("charged", sa.BigInteger(), nullable=False),
        sa.Column("cap_unit_seconds", sa.BigInteger(), nullable=True),
        sa.Column("cap_per", sa.String(length=8), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("expired_at", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("warned_at", booking.db.Instant(timezone=True), nullable=True),
        sa.CheckConstraint("cap_per IN ('week', 'month')", name=op.f("ck_grants_cap_per")),
        sa.CheckConstraint("kind IN ('pool', 'dataset')", name=op.f("ck_grants_kind")),
        sa.CheckConstraint("(cap_unit_seconds IS NULL) = (cap_per IS NULL)", name=op.f("ck_grants_cap")),
        sa.CheckConstraint(
            "(kind IS NOT NULL AND resource_id IS NULL AND facility_id IS NULL) OR (kind IS "
            "NULL AND resource_id IS NOT NULL AND facility_id IS NULL) OR (kind IS NULL AND "
            "resource_id IS NULL AND facility_id IS NOT NULL)",
            name=op.f("ck_grants_scope"),
        ),
        sa.CheckConstraint("cap_unit_seconds >= 0", name=op.f("ck_grants_cap_amount")),
        sa.CheckConstraint(
            "held >= 0 AND charged >= 0 AND held + charged <= amount", name=op.f("ck_grants_never_overspent")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_grants_window")),
        sa.ForeignKeyConstraint(["facility_id"], ["facilities.id"], name=op.f("fk_grants_facility_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_grants_organisation_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_grants_resource_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_grants_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index("ix_grants_ends_at", ["ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_grants_facility_id"), ["facility_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grants_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_grants_resource_id"), ["resource_id"], unique=False)
        batch_op.create_index("ix_grants_team_ends_at", ["team_id", "ends_at"], unique=False)

    op.create_table(
        "held_steps",
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.CheckConstraint("held >= 0", name=op.f("ck_held_steps_held")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_held_steps_resource_id")),
        sa.PrimaryKeyConstraint("resource_id", "at", name=op.f("pk_held_steps")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "memberships",
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("joined_at", booking.db.Instant(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('lead', 'member')", name=op.f("ck_memberships_role")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_memberships_team_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id")),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_memberships")),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_memberships_user_id"), ["user_id"], unique=False)

    op.create_table(
        "booking_history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("from_state", sa.String(length=10), nullable=True),
        sa.Column("to_state", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_booking_history_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_history")),
    )
    with op.batch_alter_table("booking_history", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_history_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "claims",
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("starts_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("ends_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("unit_seconds", sa.BigInteger(), nullable=False),
        sa.Column("weight_percent", sa.Integer(), nullable=False),
        sa.Column("cancel_cutoff_minutes", sa.Integer(), nullable=False),
        sa.Column("late_cancel_percent", sa.Integer(), nullable=False),
        sa.Column("charge", sa.String(length=8), nullable=False),
        sa.Column("min_charge_percent", sa.Integer(), nullable=False),
        sa.Column("measured_unit_seconds", sa.BigInteger(), nullable=True),
        sa.Column("approval", sa.String(length=8), nullable=False),
        sa.CheckConstraint("approval IN ('none', 'waiting', 'given')", name=op.f("ck_claims_approval")),
        sa.CheckConstraint("charge IN ('booked', 'measured')", name=op.f("ck_claims_charge")),
        sa.CheckConstraint("late_cancel_percent BETWEEN 0 AND 100", name=op.f("ck_claims_late_share")),
        sa.CheckConstraint("starts_at <= ends_at", name=op.f("ck_claims_occupied")),
        sa.CheckConstraint("units > 0", name=op.f("ck_claims_units")),
        sa.CheckConstraint("weight_percent >= 0 AND weight_percent % 5 = 0", name=op.f("ck_claims_weight")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_claims_booking_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_claims_resource_id")),
        sa.PrimaryKeyConstraint("booking_id", "resource_id", name=op.f("pk_claims")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.create_index("ix_claims_resource_ends_at", ["resource_id", "ends_at"], unique=False)
        batch_op.create_index(
            "ix_claims_waiting",
            ["resource_id"],
            unique=False,
            postgresql_where=sa.text("approval = 'waiting'"),
            sqlite_where=sa.text("approval = 'waiting'"),
        )

    op.create_table(
        "displacements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("capacity_change_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("resolved_at", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("resolution", sa.String(length=8), nullable=True),
        sa.CheckConstraint(
            "resolution IN ('move', 'reduce', 'revoke', 'restored', 'ended')", name=op.f("ck_displacements_resolution")
        ),
        sa.CheckConstraint("(resolved_at IS NULL) = (resolution IS NULL)", name=op.f("ck_displacements_resolved")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_displacements_booking_id")),
        sa.ForeignKeyConstraint(
            ["capacity_change_id"], ["capacity_changes.id"], name=op.f("fk_displacements_capacity_change_id")
        ),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_displacements_resource_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_displacements")),
    )
    with op.batch_alter_table("displacements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_displacements_resource_id"), ["resource_id"], unique=False)
        batch_op.create_index(
            "uq_displacements_open",
            ["booking_id", "resource_id"],
            unique=True,
            postgresql_where=sa.text("resolved_at IS NULL"),
            sqlite_where=sa.text("resolved_at IS NULL"),
        )

    op.create_table(
        "grant_periods",
        sa.Column("grant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_grant_periods_used")),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_grant_periods_grant_id")),
        sa.PrimaryKeyConstraint("grant_id", "starts_at", name=op.f("pk_grant_periods")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("body_digest", sa.String(length=64), nullable=False),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", booking.db.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_idempotency_keys_booking_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_idempotency_keys_user_id")),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_idempotency_keys")),
    )
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_keys_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_idempotency_keys_created_at"), ["created_at"], unique=False)

    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("grant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("resource_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("unit_seconds", sa.BigInteger(), nullable=False),
        sa.Column("period_start", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(booking_id IS NULL) = (kind IN ('grant', 'cut', 'expire'))", name=op.f("ck_ledger_entries_booked")
        ),
        sa.CheckConstraint(
            "kind IN ('grant', 'cut', 'hold', 'release', 'charge', 'refund', 'expire')",
            name=op.f("ck_ledger_entries_kind"),
        ),
        sa.CheckConstraint("(booking_id IS NULL) = (resource_id IS NULL)", name=op.f("ck_ledger_entries_claim")),
        sa.CheckConstraint("unit_seconds >= 0", name=op.f("ck_ledger_entries_unit_seconds")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_ledger_entries_booking_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["grants.id"], name=op.f("fk_ledger_entries_grant_id")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_ledger_entries_resource_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
    )
    with op.batch_alter_table("ledger_entries", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_entries_booking_id_id", ["booking_id", "id"], unique=False)
        batch_op.create_index("ix_ledger_entries_grant_id_id", ["grant_id", "id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stable_id", sa.String(length=36), nullable=False),
        sa.Column("destination", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("due_at", booking.db.Instant(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("leased_until", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("delivered_at", booking.db.Instant(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name=op.f("ck_outbox_delivered")),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'parked')", name=op.f("ck_outbox_state")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_outbox_booking_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("stable_id", name=op.f("uq_outbox_stable_id")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(
            "ix_outbox_due",
            ["due_at", "id"],
            unique=False,
            postgresql_where=sa.text("state = 'waiting'"),
            sqlite_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(
            "ix_outbox_undelivered",
            ["destination", "subject", "id"],
            unique=False,
            postgresql_where=sa.text("state <> 'delivered'"),
            sqlite_where=sa.text("state <> 'delivered'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_undelivered",
            postgresql_where=sa.text("state <> 'delivered'"),
            sqlite_where=sa.text("state <> 'delivered'"),
        )
        batch_op.drop_index(
            "ix_outbox_due", postgresql_where=sa.text("state = 'waiting'"), sqlite_where=sa.text("state = 'waiting'")
        )
        batch_op.drop_index(batch_op.f("ix_outbox_booking_id"))

    op.drop_table("outbox")
    with op.batch_alter_table("ledger_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_ledger_entries_grant_id_id")
        batch_op.drop_index("ix_ledger_entries_booking_id_id")

    op.drop_table("ledger_entries")
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_keys_created_at"))
        batch_op.drop_index(batch_op.f("ix_idempotency_keys_booking_id"))

    op.drop_table("idempotency_keys")
    op.drop_table("grant_periods")
    with op.batch_alter_table("displacements", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_displacements_open",
            postgresql_where=sa.text("resolved_at IS NULL"),
            sqlite_where=sa.text("resolved_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_displacements_resource_id"))

    op.drop_table("displacements")
    with op.batch_alter_table("claims", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_claims_waiting",
            postgresql_where=sa.text("approval = 'waiting'"),
            sqlite_where=sa.text("approval = 'waiting'"),
        )
        batch_op.drop_index("ix_claims_resource_ends_at")

    op.drop_table("claims")
    with op.batch_alter_table("booking_history", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_history_booking_id"))

    op.drop_table("booking_history")
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_memberships_user_id"))

    op.drop_table("memberships")
    op.drop_table("held_steps")
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.drop_index("ix_grants_team_ends_at")
        batch_op.drop_index(batch_op.f("ix_grants_resource_id"))
        batch_op.drop_index(batch_op.f("ix_grants_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_grants_facility_id"))
        batch_op.drop_index("ix_grants_ends_at")

    op.drop_table("grants")
    with op.batch_alter_table("capacity_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_capacity_changes_resource_id"))

    op.drop_table("capacity_changes")
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.drop_index("ix_bookings_team_starts_at")
        batch_op.drop_index(
            "ix_bookings_pending_hold_until",
            postgresql_where=sa.text("state = 'pending'"),
            sqlite_where=sa.text("state = 'pending'"),
        )
        batch_op.drop_index(
            "ix_bookings_offered_hold_until",
            postgresql_where=sa.text("state = 'offered'"),
            sqlite_where=sa.text("state = 'offered'"),
        )
        batch_op.drop_index(
            "ix_bookings_confirmed_starts_at",
            postgresql_where=sa.text("state = 'confirmed'"),
            sqlite_where=sa.text("state = 'confirmed'"),
        )
        batch_op.drop_index(
            "ix_bookings_confirmed_check_in",
            postgresql_where=sa.text("state = 'confirmed'"),
            sqlite_where=sa.text("state = 'confirmed'"),
        )
        batch_op.drop_index(
            "ix_bookings_active_ends_at",
            postgresql_where=sa.text("state = 'active'"),
            sqlite_where=sa.text("state = 'active'"),
        )

    op.drop_table("bookings")
    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.drop_index("ix_teams_state_approved_until")
        batch_op.drop_index(batch_op.f("ix_teams_scenario_id"))
        batch_op.drop_index(batch_op.f("ix_teams_organisation_id"))

    op.drop_table("teams")
    with op.batch_alter_table("resources", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resources_source_url"))
        batch_op.drop_index(batch_op.f("ix_resources_organisation_id"))
        batch_op.drop_index("ix_resources_kind_state")
        batch_op.drop_index(batch_op.f("ix_resources_gpu_model"))
        batch_op.drop_index("ix_resources_facility_kind_state")

    op.drop_table("resources")
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tokens_user_id"))

    op.drop_table("tokens")
    with op.batch_alter_table("scenarios", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scenarios_organisation_id"))

    op.drop_table("scenarios")
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_roles_platform",
            postgresql_where=sa.text("organisation_id IS NULL"),
            sqlite_where=sa.text("organisation_id IS NULL"),
        )
        batch_op.drop_index(
            "uq_roles_organisation",
            postgresql_where=sa.text("organisation_id IS NOT NULL"),
            sqlite_where=sa.text("organisation_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_roles_organisation_id"))

    op.drop_table("roles")
    with op.batch_alter_table("facilities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_facilities_region"))
        batch_op.drop_index(batch_op.f("ix_facilities_organisation_id"))

    op.drop_table("facilities")
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activities_organisation_id"))

    op.drop_table("activities")
    op.drop_table("users")
    with op.batch_alter_table("sign_in_failures", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_failures_email_at")

    op.drop_table("sign_in_failures")
    op.drop_table("organisations")
    op.drop_table("job_runs")
    op.drop_table("heartbeats")
    op.drop_table("downtimes")
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entries_subject")

    op.drop_table("audit_entries")
