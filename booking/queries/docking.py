"""Questions of the docking board: demands, proposals, offers and for whom they are, and what could serve a demand."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, extract, false, func, or_, select, true
from sqlalchemy.orm import aliased

from booking.domain.docking import STANDING, Demand, DemandState, NewDemand, NewOffer, Offer
from booking.domain.errors import NotFound
from booking.domain.permissions import OWNER_OF, Actor, may_administer, may_see_demands
from booking.domain.teams import GRACE
from booking.domain.windows import Window
from booking.models.bookings import Booking, Claim
from booking.models.docking import DockingDemand as Row
from booking.models.docking import DockingOffer as OfferRow
from booking.models.facilities import Facility
from booking.models.organisations import Organisation
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.models.teams import Team

Wanted = aliased(Resource)
DEMANDS = (
    select(Row, Team.slug, Team.name, Wanted.slug.label("dataset"), Wanted.name.label("dataset_name"))
    .join(Team, Team.id == Row.team_id)
    .outerjoin(Wanted, Wanted.id == Row.dataset_id)
)
OFFERS = (
    select(
        OfferRow,
        Resource.slug.label("resource"),
        Resource.name.label("resource_name"),
        Resource.kind.label("resource_kind"),
        func.coalesce(Resource.gpu_model, Resource.slug).label("choice"),
        Resource.organisation_id,
        func.coalesce(Facility.timezone, "UTC").label("timezone"),
        func.coalesce(Team.slug, "").label("team"),
        func.coalesce(Team.name, "").label("team_name"),
    )
    .join(Resource, Resource.id == OfferRow.resource_id)
    .outerjoin(Facility, Facility.id == Resource.facility_id)
    .outerjoin(Team, Team.id == OfferRow.team_id)
)
SUPPLIES = (
    select(
        Resource.id,
        Resource.kind,
        Resource.slug,
        Resource.name,
        Resource.organisation_id,
        Resource.version,
        Resource.grid_minutes,
        func.coalesce(Resource.gpu_model, Resource.slug).label("choice"),
        func.coalesce(Resource.gpu_memory_gib, 0).label("memory_gib"),
        func.coalesce(Facility.region, Organisation.region).label("region"),
        func.coalesce(Facility.timezone, "UTC").label("timezone"),
    )
    .join(Organisation, Organisation.id == Resource.organisation_id)
    .outerjoin(Facility, Facility.id == Resource.facility_id)
    .where(Resource.state == "published", or_(Resource.kind == "pool", Resource.seats.is_not(None)))
    .order_by(Resource.slug)
)
PROPOSED_STATES = select(Booking.id, Booking.state, Booking.hold_until)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which demands are asked for; empty means any. `proposed` are those with a booking that the asker may see."""

    team: str = ""
    states: Collection[DemandState] = ()
    proposed: bool = False


def find_demand(connection: Connection, demand_id: int) -> Demand:
    """One demand; NotFound where there is none."""
    row = connection.execute(DEMANDS.where(Row.id == demand_id)).one_or_none()
    if row is None:
        raise NotFound("demand")
    return _demand(row)


def lock_demand(connection: Connection, demand_id: int) -> Demand:
    """One demand, locked, always after resources, grants and booking."""
    connection.execute(select(Row.id).where(Row.id == demand_id).with_for_update())
    return find_demand(connection, demand_id)


def demands_standing(connection: Connection, team_id: int) -> list[NewDemand]:
    """What a team looks for."""
    wanted = DEMANDS.where(Row.team_id == team_id, Row.state.in_([state.value for state in STANDING]))
    return [_demand(row).asked for row in connection.execute(wanted)]


def demands_listed(
    connection: Connection, actor: Actor, wanted: Filter, *, before: int | None = None, limit: int, offset: int = 0
) -> list[Demand]:
    """The demands that an actor may see, the newest first, from the one before `before` on.

    Members see those of their teams, who looks after pools or datasets all of them.
    """
    chosen = DEMANDS.order_by(Row.id.desc()).limit(limit).offset(offset)
    chosen = chosen.where(_has_visible_booking(actor) if wanted.proposed else _seen(actor))
    if wanted.team:
        chosen = chosen.where(Team.slug == wanted.team)
    if wanted.states:
        chosen = chosen.where(Row.state.in_([state.value for state in wanted.states]))
    if before is not None:
        chosen = chosen.where(Row.id < before)
    return [_demand(row) for row in connection.execute(chosen)]


def ended_demands(connection: Connection, now: datetime) -> list[int]:
    """The open demands of which no window can begin any more, or whose team has lost its standing."""
    last_start = extract("epoch", Row.latest) - Row.seconds
    given_up = or_(Team.approved_until <= now, Team.suspended_at <= now - GRACE)
    wanted = select(Row.id).join(Team, Team.id == Row.team_id)
    over = or_(last_start < int(now.timestamp()), given_up)
    return list(connection.scalars(wanted.where(Row.state == "open", over).order_by(Row.latest, Row.id)))


def demand_of_booking(connection: Connection, booking_id: int) -> int | None:
    """The demand that a booking was proposed to; None for any other booking."""
    return connection.scalar(select(Row.id).where(Row.booking_id == booking_id))


def demand_of_entry(connection: Connection, entry_id: int) -> int | None:
    """The demand that stands for an entry of the wait list; None where none does."""
    standing = Row.state.in_([state.value for state in STANDING])
    return connection.scalar(select(Row.id).where(Row.entry_id == entry_id, standing).limit(1))


def find_offer(connection: Connection, offer_id: int, actor: Actor, now: datetime) -> Offer:
    """One offer that the actor may see; NotFound for any other."""
    chosen = OFFERS.where(OfferRow.id == offer_id, or_(_owned(actor), and_(_stands(now), _is_for(actor.teams))))
    row = connection.execute(chosen).one_or_none()
    if row is None:
        raise NotFound("offer")
    return _offer(row)


def lock_offer(connection: Connection, offer_id: int) -> None:
    """Lock an offer against others who withdraw it."""
    connection.execute(select(OfferRow.id).where(OfferRow.id == offer_id).with_for_update())


def offers_listed(
    connection: Connection, actor: Actor, now: datetime, *, before: int | None = None, limit: int, offset: int = 0
) -> list[Offer]:
    """The offers that stand and that the actor may see, the newest first.

    Everybody sees what is for everybody, teams what is for them, and operators their own.
    """
    chosen = OFFERS.where(_stands(now), or_(_is_for(actor.teams), _owned(actor)))
    if before is not None:
        chosen = chosen.where(OfferRow.id < before)
    rows = connection.execute(chosen.order_by(OfferRow.id.desc()).limit(limit).offset(offset))
    return [_offer(row) for row in rows]


def offers_to(connection: Connection, team_id: int, actor: Actor, now: datetime, *, limit: int) -> list[Offer]:
    """The offers that stand for a team, as far as the actor may see them."""
    seen = or_(_is_for(actor.teams), _owned(actor))
    chosen = OFFERS.where(_stands(now), _is_for([team_id]), seen, Resource.state == "published")
    return [_offer(row) for row in connection.execute(chosen.order_by(OfferRow.id.desc()).limit(limit))]


def supplies(connection: Connection) -> dict[str, AnyRow]:
    """Everything published that takes bookings, by slug: what it is, where, and whose."""
    return {row.slug: row for row in connection.execute(SUPPLIES)}


def booking_states(connection: Connection, demands: Collection[Demand]) -> dict[int, AnyRow]:
    """State and deadline of the bookings proposed to demands, by id."""
    ids = sorted({one.booking_id for one in demands if one.booking_id is not None})
    return {row.id: row for row in connection.execute(PROPOSED_STATES.where(Booking.id.in_(ids)))} if ids else {}


def _demand(row: AnyRow) -> Demand:
    asked = NewDemand(
        team_id=row.team_id,
        units=row.units,
        seconds=row.seconds,
        span=Window(row.earliest, row.latest),
        gpu_models=tuple(row.gpu_models),
        dataset_id=row.dataset_id,
        regions=tuple(row.regions),
        memory_gib=row.memory_gib,
        note=row.note,
    )
    return Demand(
        id=row.id,
        team=row.slug,
        team_name=row.name,
        state=DemandState(row.state),
        asked=asked,
        dataset=row.dataset or "",
        dataset_name=row.dataset_name or "",
        booking_id=row.booking_id,
        entry_id=row.entry_id,
        created_at=row.created_at,
        created_by=row.created_by,
        closed_at=row.closed_at,
        reason=row.reason,
    )


def _offer(row: AnyRow) -> Offer:
    offered = NewOffer(
        resource_id=row.resource_id,
        units=row.units,
        span=Window(row.starts_at, row.ends_at),
        until=row.until,
        region=row.region or "",
        kind=row.kind or "",
        team_id=row.team_id,
        note=row.note,
    )
    return Offer(
        id=row.id,
        offered=offered,
        resource=row.resource,
        resource_name=row.resource_name,
        resource_kind=row.resource_kind,
        choice=row.choice,
        organisation_id=row.organisation_id,
        timezone=row.timezone,
        team=row.team,
        team_name=row.team_name,
        created_at=row.created_at,
        withdrawn_at=row.withdrawn_at,
    )


def _stands(now: datetime) -> ColumnElement[bool]:
    return and_(OfferRow.withdrawn_at.is_(None), OfferRow.until > now)


def _is_for(team_ids: Collection[int]) -> ColumnElement[bool]:
    """Whether an offer is for everybody, or for one of some teams."""
    everybody = and_(OfferRow.team_id.is_(None), OfferRow.region.is_(None), OfferRow.kind.is_(None))
    if not team_ids:
        return everybody
    such = (
        select(Team.id)
        .join(Organisation, Organisation.id == Team.organisation_id)
        .where(
            Team.id.in_(sorted(team_ids)),
            OfferRow.team_id.is_(None),
            or_(OfferRow.region.is_(None), OfferRow.region == Organisation.region),
            or_(OfferRow.kind.is_(None), OfferRow.kind == Organisation.kind),
        )
        .correlate(OfferRow)
    )
    return or_(everybody, OfferRow.team_id.in_(sorted(team_ids)), such.exists())


def _owned(actor: Actor) -> ColumnElement[bool]:
    if may_administer(actor):
        return true()
    owned = [
        and_(Resource.kind == kind, Resource.organisation_id.in_(sorted(actor.organisations(role))))
        for kind, role in OWNER_OF.items()
        if actor.organisations(role)
    ]
    return or_(*owned) if owned else false()


def _seen(actor: Actor) -> ColumnElement[bool]:
    if may_see_demands(actor):
        return true()
    return _of_teams(actor)


def _of_teams(actor: Actor) -> ColumnElement[bool]:
    return Row.team_id.in_(sorted(actor.teams)) if actor.teams else false()


def _has_visible_booking(actor: Actor) -> ColumnElement[bool]:
    """Whether a demand has a booking, proposed or taken, of the actor's teams or of what the actor looks after."""
    claims = (
        select(Claim.booking_id)
        .join(Resource, Resource.id == Claim.resource_id)
        .where(Claim.booking_id == Row.booking_id, _owned(actor))
        .correlate(Row)
    )
    return and_(Row.booking_id.is_not(None), or_(_of_teams(actor), claims.exists()))
