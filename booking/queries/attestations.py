"""Questions about attestations: what teams owe, what they have given, and who is to be told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select
from sqlalchemy.orm import Session

from booking.domain.attestations import ASKED_WITHIN, REMINDED_BEFORE, Attestation
from booking.domain.errors import NotFound
from booking.domain.lifecycle import State
from booking.domain.notices import Line, Notice
from booking.domain.permissions import Actor, may_steward
from booking.domain.windows import Window
from booking.models.attestations import Attestation as Row
from booking.models.bookings import Booking, Claim
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.models.teams import Team
from booking.queries.sights import of_team_or_steward

MOST = 500
"""So many are asked, or reminded, in one run of a job; the next goes on."""

HAD_ACCESS = (State.COMPLETED.value, State.REVOKED.value)
READ = (
    select(
        Row,
        Team.slug.label("team"),
        Team.name.label("team_name"),
        Resource.slug.label("dataset"),
        Resource.name.label("dataset_name"),
        Resource.organisation_id,
        Booking.starts_at,
        Booking.ends_at,
    )
    .join(Team, Team.id == Row.team_id)
    .join(Resource, Resource.id == Row.resource_id)
    .join(Booking, Booking.id == Row.booking_id)
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which attestations are asked for; empty means any, `given` None both those given and those owed."""

    team: str = ""
    dataset: str = ""
    given: bool | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A window of a dataset that is over, of which nobody was asked yet."""

    booking_id: int
    resource_id: int
    team_id: int
    ended_at: datetime
    days: int


def find_attestation(connection: Connection, attestation_id: int, actor: Actor) -> Attestation:
    """One for its team or the stewards of its data; others hear that there is none."""
    row = connection.execute(READ.where(Row.id == attestation_id)).one_or_none()
    if row is None or not (row.team_id in actor.teams or may_steward(actor, row.organisation_id)):
        raise NotFound("attestation")
    return _attestation(row)


def lock_attestation(connection: Connection, attestation_id: int, actor: Actor) -> Attestation:
    """The same, locked; no other lock is taken after it but that of the audit log."""
    connection.execute(select(Row.id).where(Row.id == attestation_id).with_for_update())
    return find_attestation(connection, attestation_id, actor)


def attestations_listed(
    connection: Connection, actor: Actor, wanted: Wanted, *, before: int | None = None, limit: int, offset: int = 0
) -> Sequence[Attestation]:
    """What one's teams owe or have given, and the same of data that one looks after, the newest first."""
    chosen = READ.where(of_team_or_steward(actor, Row.team_id)).order_by(Row.id.desc()).limit(limit).offset(offset)
    if wanted.team:
        chosen = chosen.where(Team.slug == wanted.team)
    if wanted.dataset:
        chosen = chosen.where(Resource.slug == wanted.dataset)
    if wanted.given is not None:
        chosen = chosen.where(Row.attested_at.is_not(None) if wanted.given else Row.attested_at.is_(None))
    if before is not None:
        chosen = chosen.where(Row.id < before)
    return [_attestation(row) for row in connection.execute(chosen)]


def windows_to_ask_about(connection: Connection, now: datetime) -> list[Ended]:
    """Windows of the last month of datasets that want their deletion attested, and that nobody was asked about."""
    asked = select(Row.id).where(Row.booking_id == Claim.booking_id, Row.resource_id == Claim.resource_id).exists()
    rows = connection.execute(
        select(Claim.booking_id, Claim.resource_id, Booking.team_id, Booking.ended_at, Resource.deletion_days)
        .join(Resource, Resource.id == Claim.resource_id)
        .join(Booking, Booking.id == Claim.booking_id)
        .where(
            Resource.deletion_days.is_not(None),
            Claim.ends_at > now - ASKED_WITHIN,
            Booking.state.in_(HAD_ACCESS),
            Booking.ended_at > Booking.starts_at,
            Booking.ended_at > now - ASKED_WITHIN,
            Booking.ended_at <= now,
            ~asked,
        )
        .order_by(Booking.ended_at, Claim.booking_id, Claim.resource_id)
        .limit(MOST)
    )
    return [Ended(row.booking_id, row.resource_id, row.team_id, row.ended_at, row.deletion_days) for row in rows]


def is_asked_about(connection: Connection, booking_id: int, resource_id: int) -> bool:
    """Whether somebody was asked about a window already; its booking is locked."""
    connection.execute(select(Booking.id).where(Booking.id == booking_id).with_for_update())
    known = select(Row.id).where(Row.booking_id == booking_id, Row.resource_id == resource_id)
    return connection.scalar(known) is not None


def owed_soon(connection: Connection, now: datetime) -> list[int]:
    """What is owed and due within two days, or late, and of which that was not said yet."""
    unsaid = or_(Row.reminded_at.is_(None), (Row.due_at <= now) & (Row.reminded_at < Row.due_at))
    chosen = select(Row.id).where(Row.attested_at.is_(None), Row.due_at <= now + REMINDED_BEFORE, unsaid)
    return list(connection.scalars(chosen.order_by(Row.due_at).limit(MOST)))


def told_of(session: Session, ids: Collection[int]) -> dict[int, tuple[int, Notice]]:
    """By attestation: its team, and the notice about it without an event."""
    found = {}
    for row in session.connection().execute(READ.where(Row.id.in_(ids))):
        notice = Notice(
            event="",
            about=str(row.id),
            team=row.team_name,
            team_slug=row.team,
            lines=(Line(1, "dataset", row.dataset_name),),
            window=Window(row.starts_at, row.ends_at),
            deadline=row.due_at,
        )
        found[row.id] = (row.team_id, notice)
    return found


def _attestation(row: AnyRow) -> Attestation:
    return Attestation(
        id=row.id,
        booking_id=row.booking_id,
        team_id=row.team_id,
        team=row.team,
        team_name=row.team_name,
        dataset_id=row.resource_id,
        dataset=row.dataset,
        dataset_name=row.dataset_name,
        organisation_id=row.organisation_id,
        window=Window(row.starts_at, row.ends_at),
        asked_at=row.asked_at,
        due_at=row.due_at,
        attested_at=row.attested_at,
        attested_by=row.attested_by,
        statement=row.statement,
    )
