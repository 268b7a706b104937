"""Questions before demo data is added: who is here already, and what a crash has left to do."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.models.activities import Activity, Enrolment
from booking.models.bookings import Booking
from booking.models.capacity import CapacityChange
from booking.models.docking import DockingDemand, DockingOffer
from booking.models.grants import Grant
from booking.models.outcomes import Outcome
from booking.models.resources import Resource
from booking.models.settlements import Rate
from booking.models.teams import Team
from booking.models.users import User

OURS = "@localhost"
"""The ending of accounts that commands made for themselves and nobody can open."""


def accounts_besides(session: Session, emails: Collection[str]) -> int:
    """How many accounts of people there are apart from some."""
    found = session.scalars(select(User.email).where(User.email.not_in(emails)))
    return sum(not email.endswith(OURS) for email in found)


def known_accounts(session: Session, emails: Collection[str]) -> set[str]:
    """Which of these addresses have an account."""
    return set(session.scalars(select(User.email).where(User.email.in_(emails))))


def offers_anything(session: Session, slug: str) -> bool:
    """Whether capacity was ever published for a resource."""
    chosen = select(CapacityChange.id).join(Resource, Resource.id == CapacityChange.resource_id)
    return session.scalars(chosen.where(Resource.slug == slug).limit(1)).first() is not None


def resource_id(session: Session, slug: str) -> int:
    """The id of a pool or dataset that exists."""
    return session.scalars(select(Resource.id).where(Resource.slug == slug)).one()


def team_id(session: Session, slug: str) -> int:
    """The id of a team that exists."""
    return session.scalars(select(Team.id).where(Team.slug == slug)).one()


def granted_kinds(session: Session, team: int) -> set[str | None]:
    """For which kinds a team has been given quota."""
    return set(session.scalars(select(Grant.kind).where(Grant.team_id == team)))


def has_rate(session: Session, resource: int) -> bool:
    """Whether it was ever said what a resource costs."""
    return session.scalars(select(Rate.id).where(Rate.resource_id == resource).limit(1)).first() is not None


def has_voucher(session: Session, team: int) -> bool:
    """Whether a team was ever given a voucher."""
    chosen = select(Grant.id).where(Grant.team_id == team, Grant.subsidy_percent.is_not(None))
    return session.scalars(chosen.limit(1)).first() is not None


def has_looked(session: Session, team: int) -> bool:
    """Whether a team ever had a demand on the docking board."""
    chosen = select(DockingDemand.id).where(DockingDemand.team_id == team)
    return session.scalars(chosen.limit(1)).first() is not None


def was_offered(session: Session, resource: int) -> bool:
    """Whether a resource was ever offered on the docking board."""
    chosen = select(DockingOffer.id).where(DockingOffer.resource_id == resource)
    return session.scalars(chosen.limit(1)).first() is not None


def has_people(session: Session, activity: str) -> bool:
    """Whether anybody ever took part in an activity."""
    chosen = select(Enrolment.id).join(Activity, Activity.id == Enrolment.activity_id)
    return session.scalars(chosen.where(Activity.slug == activity).limit(1)).first() is not None


def has_reported(session: Session, team: int) -> bool:
    """Whether a team was ever asked what came of a booking."""
    return session.scalars(select(Outcome.id).where(Outcome.team_id == team).limit(1)).first() is not None


def has_booked(session: Session, team: int, purpose: str = "") -> bool:
    """Whether a team ever had a booking, of one purpose where that is said."""
    chosen = select(Booking.id).where(Booking.team_id == team)
    if purpose:
        chosen = chosen.where(Booking.purpose == purpose)
    return session.scalars(chosen.limit(1)).first() is not None
