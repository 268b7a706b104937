"""Questions about teams as people apply for them, decide on them and look at them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import Session

from booking.domain.errors import NotFound
from booking.domain.lifecycle import OPEN
from booking.domain.permissions import Actor, may_see_team
from booking.domain.teams import GRACE, Member, Standing, Team, TeamState
from booking.models.bookings import Booking
from booking.models.organisations import Organisation
from booking.models.scenarios import Scenario
from booking.models.teams import Membership
from booking.models.teams import Team as TeamRow
from booking.models.users import User

# State and standing as people read them: a team, and its scenario and organisation by slug and name.
Described = tuple[TeamRow, str, str, str, str]

TEAMS: Select[*Described] = (
    select(TeamRow, Scenario.slug, Scenario.name, Organisation.slug, Organisation.name)
    .join(Scenario, Scenario.id == TeamRow.scenario_id)
    .join(Organisation, Organisation.id == TeamRow.organisation_id)
    .execution_options(populate_existing=True)
)
MEMBERS = (
    select(Membership.team_id, Membership.role, Membership.joined_at, User.id, User.email, User.name)
    .join(User, User.id == Membership.user_id)
    .order_by(Membership.role, User.name, User.id)
)


def find_team(session: Session, slug: str) -> Team:
    """A team with its members by slug; NotFound where there is none."""
    return _only(session, TEAMS.where(TeamRow.slug == slug))


def visible_team(session: Session, slug: str, actor: Actor) -> Team:
    """The same for somebody who may see it; others hear that there is none."""
    team = find_team(session, slug)
    if not may_see_team(actor, team.id, team.applied_by):
        raise NotFound("team")
    return team


def team_by_id(session: Session, team_id: int) -> Team:
    """A team with its members by number; NotFound where there is none."""
    return _only(session, TEAMS.where(TeamRow.id == team_id))


def teams_listed(
    session: Session,
    *,
    visible: Collection[int] | None,
    applied_by: int = 0,
    states: Collection[TeamState] = (),
    words: str = "",
    after: str = "",
    limit: int,
    offset: int = 0,
) -> list[Team]:
    """Teams with their members in the order of their slugs, from the one after `after`.

    `visible` are the ids that may be seen, None for all; what `applied_by` applied for is seen too. `words` are looked
    for in names and slugs.
    """
    chosen = TEAMS.where(TeamRow.slug > after).order_by(TeamRow.slug).limit(limit).offset(offset)
    if visible is not None:
        chosen = chosen.where(or_(TeamRow.id.in_(visible), TeamRow.applied_by == applied_by))
    if states:
        chosen = chosen.where(TeamRow.state.in_([state.value for state in states]))
    if words:
        sought = words.lower()
        chosen = chosen.where(
            func.lower(TeamRow.name).contains(sought, autoescape=True) | TeamRow.slug.contains(sought, autoescape=True)
        )
    return _described(session, session.execute(chosen).all())


def approved_teams(session: Session) -> Sequence[Row[str, str]]:
    """Slug and name of every approved team, by name, for a choice of one."""
    chosen = select(TeamRow.slug, TeamRow.name).where(TeamRow.state == TeamState.APPROVED.value)
    return session.execute(chosen.order_by(TeamRow.name, TeamRow.slug)).all()


def lock_team(session: Session, team_id: int) -> TeamRow:
    """A team's row, locked against others who change it or its members; NotFound where there is none.

    Bookings that name the team go on: they only need that it is there.
    """
    chosen = select(TeamRow).where(TeamRow.id == team_id).with_for_update(key_share=True)
    row = session.scalars(chosen.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("team")
    return row


def standing_of(row: TeamRow) -> Standing:
    """What a team's rights rest on."""
    return Standing(TeamState(row.state), row.approved_until, row.suspended_at)


def team_standing(session: Session, team_id: int) -> Standing:
    """What a team's rights rest on at this moment, whatever the session has read of it before."""
    chosen = select(TeamRow.state, TeamRow.approved_until, TeamRow.suspended_at).where(TeamRow.id == team_id)
    row = session.execute(chosen).one()
    return Standing(TeamState(row.state), row.approved_until, row.suspended_at)


def membership(session: Session, team_id: int, user_id: int) -> Membership | None:
    """A person's place in a team, if there is one."""
    chosen = select(Membership).where(Membership.team_id == team_id, Membership.user_id == user_id)
    return session.scalars(chosen.execution_options(populate_existing=True)).one_or_none()


def teams_of(session: Session, user_id: int) -> Sequence[int]:
    """The teams that a person is in."""
    return session.scalars(
        select(Membership.team_id).where(Membership.user_id == user_id).order_by(Membership.team_id)
    ).all()


def leads_besides(session: Session, team_id: int, user_id: int) -> int:
    """How many people lead a team apart from one; closed accounts lead nothing."""
    chosen = (
        select(func.count())
        .select_from(Membership)
        .join(User, User.id == Membership.user_id)
        .where(Membership.team_id == team_id, Membership.role == "lead", Membership.user_id != user_id, User.active)
    )
    return session.scalar(chosen) or 0


def ended_approvals(session: Session, now: datetime) -> Sequence[int]:
    """The teams whose approval has ended without anybody noting it."""
    chosen = select(TeamRow.id).where(TeamRow.state == TeamState.APPROVED.value, TeamRow.approved_until <= now)
    return session.scalars(chosen.order_by(TeamRow.approved_until, TeamRow.id)).all()


def without_basis(session: Session, now: datetime) -> Sequence[int]:
    """The bookings that their team's standing carries no further; each is to be looked at again under its locks."""
    suspended, ended = TeamRow.suspended_at <= now - GRACE, TeamRow.approved_until <= now
    chosen = (
        select(Booking.id)
        .join(TeamRow, TeamRow.id == Booking.team_id)
        .where(
            suspended | ended,  # said of the teams alone too, so that only their bookings are looked at
            Booking.state.in_([state.value for state in OPEN]),
            (suspended & (Booking.ends_at > TeamRow.suspended_at))
            | (ended & (Booking.ends_at > TeamRow.approved_until)),
        )
        .order_by(Booking.starts_at, Booking.id)
    )
    return session.scalars(chosen).all()


def _only(session: Session, chosen: Select[*Described]) -> Team:
    rows = session.execute(chosen).all()
    if not rows:
        raise NotFound("team")
    return _described(session, rows)[0]


def _described(session: Session, rows: Iterable[Row[*Described]]) -> list[Team]:
    rows = list(rows)
    members = _members(session, [row[0].id for row in rows])
    return [
        Team(
            id=team.id,
            slug=team.slug,
            name=team.name,
            standing=standing_of(team),
            scenario=scenario,
            scenario_name=scenario_name,
            organisation=organisation,
            organisation_name=organisation_name,
            reason=team.reason,
            applied_at=team.applied_at,
            applied_by=team.applied_by,
            decided_at=team.decided_at,
            members=tuple(members[team.id]),
        )
        for team, scenario, scenario_name, organisation, organisation_name in rows
    ]


def _members(session: Session, team_ids: Collection[int]) -> defaultdict[int, list[Member]]:
    """By team: its people, leads first ("lead" sorts before "member"), then by name."""
    found: defaultdict[int, list[Member]] = defaultdict(list)
    for row in session.execute(MEMBERS.where(Membership.team_id.in_(team_ids))):
        found[row.team_id].append(Member(row.id, row.email, row.name, row.role, row.joined_at))
    return found
