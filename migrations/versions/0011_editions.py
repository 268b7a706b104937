"""Editions of scenario lists with their entries, and the votes of departments on who applies to them."""

import sqlalchemy as sa
from alembic import op

import booking.db

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = booking.db.Instant(timezone=True)
STATES = "state IN ('draft', 'submitted', 'returned', 'declined', 'accepted', 'published', 'closed')"
# What is there already was published by itself, and says nothing of what is new here.
ADDED = (
    ("state", sa.String(length=10), "published"),
    ("reason", sa.Text(), ""),
    ("version", sa.Integer(), "1"),
    ("field", sa.String(length=80), ""),
    ("gpu_hours", sa.BigInteger(), "0"),
    ("gpu_models", sa.JSON(), "[]"),
    ("datasets", sa.JSON(), "[]"),
    ("skills", sa.JSON(), "[]"),
    ("contact", sa.String(length=200), ""),
    ("links", sa.JSON(), "[]"),
)
TEAM_STATES = "state IN ('applied', 'returned', 'approved', 'declined', 'suspended', 'expired')"
TEAM_STATES_BEFORE = "state IN ('applied', 'approved', 'declined', 'suspended', 'expired')"


def upgrade() -> None:
    _create_editions()
    _extend_scenarios()
    _add_votes()


def _extend_scenarios() -> None:
    with op.batch_alter_table("scenarios", schema=None) as batch_op:
        batch_op.add_column(sa.Column("edition_id", IDENTITY, nullable=True))
        batch_op.add_column(sa.Column("continues_id", IDENTITY, nullable=True))
        for name, kind, usual in ADDED:
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=usual))
    with op.batch_alter_table("scenarios", schema=None) as batch_op:
        for name, kind, _usual in ADDED:
            batch_op.alter_column(name, existing_type=kind, server_default=None)
        batch_op.create_check_constraint(op.f("ck_scenarios_state"), STATES)
        batch_op.create_check_constraint(op.f("ck_scenarios_gpu_hours"), "gpu_hours >= 0")
        batch_op.create_check_constraint(op.f("ck_scenarios_version"), "version > 0")
        batch_op.create_foreign_key(op.f("fk_scenarios_edition_id"), "editions", ["edition_id"], ["id"])
        batch_op.create_foreign_key(op.f("fk_scenarios_continues_id"), "scenarios", ["continues_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_scenarios_edition_id"), ["edition_id"], unique=False)
    op.create_table(
        "scenario_versions",
        sa.Column("scenario_id", IDENTITY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("replaced_at", INSTANT, nullable=False),
        sa.Column("replaced_by", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_scenario_versions_version")),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenarios.id"], name=op.f("fk_scenario_versions_scenario_id")),
        sa.PrimaryKeyConstraint("scenario_id", "version", name=op.f("pk_scenario_versions")),
    )


def _add_votes() -> None:
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deputy", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.alter_column("deputy", existing_type=sa.Boolean(), server_default=None)
    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answer", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("decide_by", INSTANT, nullable=True))
        batch_op.add_column(sa.Column("deputies_from", INSTANT, nullable=True))
        batch_op.drop_constraint(op.f("ck_teams_state"), type_="check")
        batch_op.create_check_constraint(op.f("ck_teams_state"), TEAM_STATES)
        batch_op.create_index("ix_teams_state_decide_by", ["state", "decide_by"], unique=False)
    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.alter_column("answer", existing_type=sa.Text(), server_default=None)
    op.create_table(
        "team_votes",
        sa.Column("team_id", IDENTITY, nullable=False),
        sa.Column("department", sa.String(length=200), nullable=False),
        sa.Column("user_id", IDENTITY, nullable=False),
        sa.Column("verb", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("as_deputy", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("verb IN ('approve', 'return', 'decline')", name=op.f("ck_team_votes_verb")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_votes_team_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_team_votes_user_id")),
        sa.PrimaryKeyConstraint("team_id", "department", name=op.f("pk_team_votes")),
    )


def _create_editions() -> None:
    op.create_table(
        "editions",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opens_at", INSTANT, nullable=False),
        sa.Column("publishes_at", INSTANT, nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("vote_days", sa.Integer(), nullable=False),
        sa.Column("deputy_days", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('planned', 'open', 'published', 'closed')", name=op.f("ck_editions_state")),
        sa.CheckConstraint("number > 0", name=op.f("ck_editions_number")),
        sa.CheckConstraint("opens_at <= publishes_at AND publishes_at < closes_at", name=op.f("ck_editions_times")),
        sa.CheckConstraint("quorum > 0", name=op.f("ck_editions_quorum")),
        sa.CheckConstraint("vote_days > 0", name=op.f("ck_editions_vote_days")),
        sa.CheckConstraint("deputy_days > 0 AND deputy_days < vote_days", name=op.f("ck_editions_deputy_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
        sa.UniqueConstraint("number", name=op.f("uq_editions_number")),
    )
    with op.batch_alter_table("editions", schema=None) as batch_op:
        batch_op.create_index("ix_editions_state", ["state"], unique=False)


def downgrade() -> None:
    op.drop_table("team_votes")
    op.execute("UPDATE teams SET state = 'applied' WHERE state = 'returned'")
    with op.batch_alter_table("teams", schema=None) as batch_op:
        batch_op.drop_index("ix_teams_state_decide_by")
        batch_op.drop_constraint(op.f("ck_teams_state"), type_="check")
        batch_op.create_check_constraint(op.f("ck_teams_state"), TEAM_STATES_BEFORE)
        for name in ("answer", "decide_by", "deputies_from"):
            batch_op.drop_column(name)
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.drop_column("deputy")
    op.drop_table("scenario_versions")
    with op.batch_alter_table("scenarios", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scenarios_edition_id"))
        batch_op.drop_constraint(op.f("fk_scenarios_continues_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_scenarios_edition_id"), type_="foreignkey")
        for name in ("state", "gpu_hours", "version"):
            batch_op.drop_constraint(op.f(f"ck_scenarios_{name}"), type_="check")
        for name, _kind, _usual in ADDED:
            batch_op.drop_column(name)
        batch_op.drop_column("continues_id")
        batch_op.drop_column("edition_id")
    op.drop_table("editions")
