"""Activities with places, who takes part in them, courses and who has completed them."""

import sqlalchemy as sa
from alembic import op

import booking.db

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = booking.db.Instant(timezone=True)
KINDS = "kind IN ('contest', 'roadshow', 'matchmaking', 'demonstration'{})"


def upgrade() -> None:
    _create_courses()
    _create_completions()
    _widen_activities()
    _create_enrolments()


def _create_courses() -> None:
    op.create_table(
        "courses",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", IDENTITY, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("valid_days > 0", name=op.f("ck_courses_valid_days")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_courses_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courses")),
        sa.UniqueConstraint("slug", name=op.f("uq_courses_slug")),
    )
    op.create_index(op.f("ix_courses_organisation_id"), "courses", ["organisation_id"])


def _create_completions() -> None:
    op.create_table(
        "completions",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("course_id", IDENTITY, nullable=False),
        sa.Column("user_id", IDENTITY, nullable=False),
        sa.Column("completed_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("recorded_by", sa.String(length=254), nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("expires_at > completed_at", name=op.f("ck_completions_expires_at")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_completions_course_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_completions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_completions")),
    )
    op.create_index(op.f("ix_completions_course_id"), "completions", ["course_id"])
    op.create_index("ix_completions_user_course", "completions", ["user_id", "course_id"])


def _widen_activities() -> None:
    with op.batch_alter_table("activities") as batch:
        batch.drop_constraint(op.f("ck_activities_kind"), type_="check")
        batch.add_column(sa.Column("places", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("enrol_until", INSTANT, nullable=True))
        batch.add_column(sa.Column("cancelled_at", INSTANT, nullable=True))
        batch.add_column(sa.Column("course_id", IDENTITY, nullable=True))
        batch.add_column(sa.Column("team_id", IDENTITY, nullable=True))
        batch.create_check_constraint(op.f("ck_activities_kind"), KINDS.format(", 'training'"))
        batch.create_check_constraint(op.f("ck_activities_course"), "(kind = 'training') = (course_id IS NOT NULL)")
        batch.create_check_constraint(op.f("ck_activities_places"), "places > 0")
        batch.create_check_constraint(op.f("ck_activities_enrol_until"), "enrol_until <= starts_at")
        batch.create_foreign_key(op.f("fk_activities_course_id"), "courses", ["course_id"], ["id"])
        batch.create_foreign_key(op.f("fk_activities_team_id"), "teams", ["team_id"], ["id"])
        batch.create_index(op.f("ix_activities_course_id"), ["course_id"])
        batch.create_index(op.f("ix_activities_team_id"), ["team_id"])


def _create_enrolments() -> None:
    op.create_table(
        "enrolments",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("activity_id", IDENTITY, nullable=False),
        sa.Column("user_id", IDENTITY, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("enrolled_at", INSTANT, nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=True),
        sa.Column("joined_team", sa.Boolean(), nullable=False),
        sa.CheckConstraint("state IN ('enrolled', 'waiting', 'left')", name=op.f("ck_enrolments_state")),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_enrolments_activity_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_enrolments_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolments")),
        sa.UniqueConstraint("activity_id", "user_id", name=op.f("uq_enrolments_activity_id_user_id")),
    )
    op.create_index("ix_enrolments_activity_state", "enrolments", ["activity_id", "state", "enrolled_at"])
    op.create_index("ix_enrolments_user", "enrolments", ["user_id"])


def downgrade() -> None:
    op.drop_table("enrolments")
    op.execute("DELETE FROM activities WHERE kind = 'training'")
    with op.batch_alter_table("activities") as batch:
        for name in ("course", "places", "enrol_until", "kind"):
            batch.drop_constraint(op.f(f"ck_activities_{name}"), type_="check")
        for name in ("course_id", "team_id"):
            batch.drop_constraint(op.f(f"fk_activities_{name}"), type_="foreignkey")
            batch.drop_index(op.f(f"ix_activities_{name}"))
        for name in ("places", "enrol_until", "cancelled_at", "course_id", "team_id"):
            batch.drop_column(name)
        batch.create_check_constraint(op.f("ck_activities_kind"), KINDS.format(""))
    op.drop_table("completions")
    op.drop_table("courses")
