"""Questions about the votes on applications."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session

from booking.domain.editions import Rule
from booking.domain.permissions import Role
from booking.domain.votes import Answer, Ballot, Seat, Vote
from booking.models.editions import Edition
from booking.models.scenarios import Scenario
from booking.models.teams import Membership, Team, TeamVote
from booking.models.users import Role as RoleRow
from booking.models.users import User


def seat_of(session: Session, user_id: int) -> Seat | None:
    """For which department a person votes; None for who is no reviewer."""
    chosen = select(RoleRow.department, RoleRow.deputy)
    found = session.execute(chosen.where(RoleRow.user_id == user_id, RoleRow.role == Role.REVIEWER.value)).first()
    return Seat(found.department or "", found.deputy) if found else None


def own_organisations(session: Session, user_id: int) -> frozenset[int]:
    """The organisations that a person belongs to: by a role, or by a team."""
    by_role = select(RoleRow.organisation_id).where(
        RoleRow.user_id == user_id, RoleRow.organisation_id.is_not(None)
    )  # fmt: skip
    by_team = (
        select(Team.organisation_id)
        .join(Membership, Membership.team_id == Team.id)
        .where(Membership.user_id == user_id)
    )  # fmt: skip
    return frozenset(session.scalars(union(by_role, by_team)))


def rule_of(session: Session, scenario_id: int) -> Rule | None:
    """How the edition of a scenario decides on teams; None for one that stands in no list."""
    chosen = select(Edition.quorum, Edition.vote_days, Edition.deputy_days)
    row = session.execute(
        chosen.join(Scenario, Scenario.edition_id == Edition.id).where(Scenario.id == scenario_id)
    ).one_or_none()
    return Rule(*row) if row else None


def ballots_of(session: Session, team_ids: Collection[int]) -> dict[int, Ballot]:
    """By team: how it is voted on, with the votes so far, the first first."""
    votes: defaultdict[int, list[Vote]] = defaultdict(list)
    chosen = select(TeamVote, User.name).join(User, User.id == TeamVote.user_id).where(TeamVote.team_id.in_(team_ids))
    for row, name in session.execute(
        chosen.order_by(TeamVote.at, TeamVote.department).execution_options(populate_existing=True)
    ):
        answer = Answer(row.verb)
        votes[row.team_id].append(Vote(row.department, row.user_id, name, answer, row.reason, row.as_deputy, row.at))
    teams = session.execute(
        select(
            Team.id, Team.organisation_id, Scenario.organisation_id.label("owner"), Team.decide_by, Team.deputies_from,
            func.coalesce(Edition.quorum, 1).label("quorum"),
        )
        .join(Scenario, Scenario.id == Team.scenario_id)
        .outerjoin(Edition, Edition.id == Scenario.edition_id)
        .where(Team.id.in_(team_ids))
    )  # fmt: skip
    return {
        row.id: Ballot(
            row.quorum, frozenset({row.organisation_id, row.owner}), row.decide_by, row.deputies_from,
            tuple(votes[row.id]),
        )
        for row in teams
    }  # fmt: skip


def answer_of(session: Session, team_id: int) -> str:
    """What the applicants last answered to the reviewers."""
    return session.scalar(select(Team.answer).where(Team.id == team_id)) or ""


def due_applications(session: Session, now: datetime) -> Sequence[int]:
    """The applications whose deadline has passed undecided."""
    chosen = select(Team.id).where(Team.state == "applied", Team.decide_by <= now)
    return session.scalars(chosen.order_by(Team.decide_by, Team.id)).all()
