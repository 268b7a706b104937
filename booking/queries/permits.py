"""Questions about permits: those of a team, those of a dataset, those that wait for a steward."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from booking.domain.errors import NotFound
from booking.domain.permissions import Actor, may_steward
from booking.domain.permits import Permit, PermitState
from booking.models.permits import Permit as Row
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.models.teams import Team
from booking.queries.sights import of_team_or_steward

READ = (
    select(
        Row.id,
        Row.team_id,
        Team.slug.label("team"),
        Team.name.label("team_name"),
        Row.resource_id,
        Resource.slug.label("dataset"),
        Resource.name.label("dataset_name"),
        Resource.organisation_id,
        Row.purpose,
        Row.state,
        Row.asked_at,
        Row.asked_by,
        Row.until,
        Row.decided_at,
        Row.decided_by,
        Row.reason,
        Row.withdrawn_at,
    )
    .join(Team, Team.id == Row.team_id)
    .join(Resource, Resource.id == Row.resource_id)
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which permits are asked for; empty means any."""

    team: str = ""
    dataset: str = ""
    states: Collection[PermitState] = ()


def permits_listed(
    connection: Connection, actor: Actor, wanted: Wanted, *, before: int | None = None, limit: int, offset: int = 0
) -> Sequence[Permit]:
    """The permits that the actor may see and wants, the newest first: of own teams, and for data one looks after."""
    chosen = READ.where(of_team_or_steward(actor, Row.team_id)).order_by(Row.id.desc()).limit(limit).offset(offset)
    if wanted.team:
        chosen = chosen.where(Team.slug == wanted.team)
    if wanted.dataset:
        chosen = chosen.where(Resource.slug == wanted.dataset)
    if wanted.states:
        chosen = chosen.where(Row.state.in_([state.value for state in wanted.states]))
    if before is not None:
        chosen = chosen.where(Row.id < before)
    return [_permit(row) for row in connection.execute(chosen)]


def visible_permit(connection: Connection, permit_id: int, actor: Actor) -> Permit:
    """One permit for somebody who may see it; others hear that there is none."""
    permit = find_permit(connection, permit_id)
    if permit.team_id not in actor.teams and not may_steward(actor, permit.organisation_id):
        raise NotFound("permit")
    return permit


def find_permit(connection: Connection, permit_id: int) -> Permit:
    """One permit; NotFound where there is none."""
    row = connection.execute(READ.where(Row.id == permit_id)).one_or_none()
    if row is None:
        raise NotFound("permit")
    return _permit(row)


def lock_permit(session: Session, permit_id: int) -> Row:
    """A permit's row, locked; NotFound where there is none."""
    chosen = select(Row).where(Row.id == permit_id).with_for_update()
    row = session.scalars(chosen.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("permit")
    return row


def is_asked_for(connection: Connection, team_id: int, dataset_id: int) -> bool:
    """Whether a team waits for an answer about a dataset already."""
    waiting = select(Row.id).where(
        Row.team_id == team_id, Row.resource_id == dataset_id, Row.state == PermitState.ASKED.value
    )
    return connection.scalar(waiting.limit(1)) is not None


def ended(connection: Connection, now: datetime) -> list[int]:
    """Permits that have ended by themselves, and whose end was not noted yet."""
    chosen = select(Row.id).where(Row.state == PermitState.GRANTED.value, Row.until <= now, Row.expired_at.is_(None))
    return list(connection.scalars(chosen.order_by(Row.until, Row.id).limit(1_000)))


def _permit(row: AnyRow) -> Permit:
    return Permit(
        id=row.id,
        team_id=row.team_id,
        team=row.team,
        team_name=row.team_name,
        dataset_id=row.resource_id,
        dataset=row.dataset,
        dataset_name=row.dataset_name,
        organisation_id=row.organisation_id,
        purpose=row.purpose,
        state=PermitState(row.state),
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        until=row.until,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        reason=row.reason,
        withdrawn_at=row.withdrawn_at,
    )
