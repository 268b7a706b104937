"""Questions about outcomes: reports that are asked for, those that wait for a review, and published cases."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, false, or_, select, true

from booking.domain.errors import NotFound
from booking.domain.lifecycle import State
from booking.domain.outcomes import ASKED_WITHIN, Outcome, OutcomeState, Place, Report
from booking.domain.permissions import VISITOR, Actor, Role, may_administer, may_decide_team, may_see_outcome
from booking.domain.windows import Window
from booking.models.bookings import Booking, Claim
from booking.models.facilities import Facility
from booking.models.outcomes import Outcome as Row
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.models.scenarios import Scenario
from booking.models.teams import Team

MOST_ASKED = 500
"""So many teams are asked in one run of the job; the next goes on."""

READ = (
    select(
        Row,
        Team.slug.label("team"),
        Team.name.label("team_name"),
        Team.scenario_id,
        Scenario.slug.label("scenario"),
        Scenario.name.label("scenario_name"),
        Scenario.organisation_id,
        Booking.starts_at,
        Booking.ends_at,
    )
    .join(Team, Team.id == Row.team_id)
    .join(Scenario, Scenario.id == Team.scenario_id)
    .join(Booking, Booking.id == Row.booking_id)
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reports are asked for; empty means any. `regions` are those of the scenario or of a facility."""

    team: str = ""
    scenario: str = ""
    facility: str = ""
    regions: Collection[str] = ()
    states: Collection[OutcomeState] = ()
    teams: Collection[int] = ()


CASES = frozenset({OutcomeState.PUBLISHED})


def find_outcome(connection: Connection, outcome_id: int, actor: Actor) -> Outcome:
    """One report for somebody who may see it; others hear that there is none."""
    row = connection.execute(READ.where(Row.id == outcome_id)).one_or_none()
    if row is None:
        raise NotFound("outcome")
    (outcome,) = _outcomes(connection, [row])
    asked = outcome.state is OutcomeState.ASKED
    if not outcome.is_public and not may_see_outcome(actor, outcome.team_id, outcome.organisation_id, asked=asked):
        raise NotFound("outcome")
    return outcome


def lock_outcome(connection: Connection, outcome_id: int, actor: Actor) -> Outcome:
    """The same, locked; no other lock is taken after it but that of the audit log."""
    connection.execute(select(Row.id).where(Row.id == outcome_id).with_for_update())
    return find_outcome(connection, outcome_id, actor)


def outcomes_listed(
    connection: Connection, actor: Actor, wanted: Wanted, *, before: int | None = None, limit: int, offset: int = 0
) -> Sequence[Outcome]:
    """The reports that the actor may see and wants, the newest first: cases, own teams', and those to be reviewed."""
    chosen = READ.where(_seen(actor), *_conditions(wanted)).order_by(Row.id.desc()).limit(limit).offset(offset)
    if before is not None:
        chosen = chosen.where(Row.id < before)
    return _outcomes(connection, connection.execute(chosen).all())


def cases(connection: Connection, wanted: Wanted, *, limit: int = 20) -> Sequence[Outcome]:
    """The newest cases of a scenario, a team, a facility or a region, for its page."""
    return outcomes_listed(connection, VISITOR, replace(wanted, states=CASES), limit=limit)


def bookings_to_ask_about(connection: Connection, now: datetime) -> list[int]:
    """Completed bookings of the last fortnight whose teams were not asked yet, the oldest end first."""
    asked = select(Row.id).where(Row.booking_id == Booking.id).exists()
    ended = (Booking.state == State.COMPLETED.value, Booking.ended_at > now - ASKED_WITHIN, Booking.ended_at <= now)
    return list(
        connection.scalars(select(Booking.id).where(*ended, ~asked).order_by(Booking.ended_at).limit(MOST_ASKED))
    )


def is_asked_about(connection: Connection, booking_id: int) -> bool:
    """Whether there is a report of a booking already, whatever its state; the booking is locked."""
    connection.execute(select(Booking.id).where(Booking.id == booking_id).with_for_update())
    return connection.scalar(select(Row.id).where(Row.booking_id == booking_id)) is not None


def team_of(connection: Connection, booking_id: int) -> int:
    """The team of a booking."""
    return connection.execute(select(Booking.team_id).where(Booking.id == booking_id)).scalar_one()


def had(connection: Connection, booking_id: int) -> tuple[str, int, int]:
    """What a booking had: `pool` or `dataset`, its unit-seconds, and how many of them are known to have been used.

    GPUs count where it had any, else seats. What was not measured counts as used.
    """
    rows = connection.execute(
        select(Resource.kind, Claim.units, Claim.starts_at, Claim.ends_at, Claim.measured_unit_seconds)
        .join(Resource, Resource.id == Claim.resource_id)
        .where(Claim.booking_id == booking_id)
    ).all()
    kind = "pool" if any(row.kind == "pool" for row in rows) else "dataset"
    booked = used = 0
    for row in rows:
        if row.kind == kind:
            whole = row.units * int((row.ends_at - row.starts_at).total_seconds())
            booked += whole
            used += whole if row.measured_unit_seconds is None else min(row.measured_unit_seconds, whole)
    return kind, booked, used


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.team:
        found.append(Team.slug == wanted.team)
    if wanted.teams:
        found.append(Row.team_id.in_(wanted.teams))
    if wanted.scenario:
        found.append(Scenario.slug == wanted.scenario)
    if wanted.facility:
        found.append(_was_at(Facility.slug == wanted.facility))
    if wanted.regions:
        found.append(or_(Scenario.region.in_(wanted.regions), _was_at(Facility.region.in_(wanted.regions))))
    if wanted.states:
        found.append(Row.state.in_([state.value for state in wanted.states]))
    return found


def _was_at(where: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(Claim.booking_id)
        .join(Resource, Resource.id == Claim.resource_id)
        .join(Facility, Facility.id == Resource.facility_id)
        .where(Claim.booking_id == Row.booking_id, where)
        .exists()
    )


def _seen(actor: Actor) -> ColumnElement[bool]:
    if may_administer(actor):
        return true()
    own = Row.team_id.in_(list(actor.teams)) if actor.teams else false()
    reviewed = true() if may_decide_team(actor) else Scenario.organisation_id.in_(
        actor.organisations(Role.SCENARIO_OWNER)
    )  # fmt: skip
    return or_(Row.state == OutcomeState.PUBLISHED.value, own, (Row.state != OutcomeState.ASKED.value) & reviewed)


def _outcomes(connection: Connection, rows: Sequence[AnyRow]) -> list[Outcome]:
    places = _places(connection, [row.booking_id for row in rows])
    return [
        Outcome(
            id=row.id,
            booking_id=row.booking_id,
            team_id=row.team_id,
            team=row.team,
            team_name=row.team_name,
            scenario_id=row.scenario_id,
            scenario=row.scenario,
            scenario_name=row.scenario_name,
            organisation_id=row.organisation_id,
            window=Window(row.starts_at, row.ends_at),
            kind=row.kind,
            booked_unit_seconds=row.booked_unit_seconds,
            state=OutcomeState(row.state),
            version=row.version,
            asked_at=row.asked_at,
            report=Report(row.title, row.results, row.used_unit_seconds, tuple(row.links)),
            places=tuple(places.get(row.booking_id, ())),
            submitted_at=row.submitted_at,
            decided_at=row.decided_at,
            decided_by=row.decided_by,
            reason=row.reason,
        )
        for row in rows
    ]


def _places(connection: Connection, booking_ids: Sequence[int]) -> dict[int, list[Place]]:
    if not booking_ids:
        return {}
    chosen = (
        select(Claim.booking_id, Facility.id, Facility.slug, Facility.name, Facility.region)
        .join(Resource, Resource.id == Claim.resource_id)
        .join(Facility, Facility.id == Resource.facility_id)
        .where(Claim.booking_id.in_(booking_ids))
        .distinct()
        .order_by(Facility.name, Facility.id)
    )
    found: defaultdict[int, list[Place]] = defaultdict(list)
    for row in connection.execute(chosen):
        found[row.booking_id].append(Place(row.id, row.slug, row.name, row.region))
    return dict(found)
