"""Do datasets go to whom they may: in windows, under permits, by terms that there are?"""

from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, exists, func, or_, select

from booking.domain.lifecycle import State
from booking.domain.permits import Sensitivity
from booking.models.bookings import Booking, Claim
from booking.models.gateway import DataAccess
from booking.models.permits import Permit
from booking.models.resources import Resource
from booking.models.terms import TermsAcceptance, TermsVersion
from booking.queries.breaches import Check, Rows, ask
from booking.queries.breaches.bookings import LATE, OPEN_STATES

ONCE_GRANTED = ("granted", "withdrawn")
SENT = DataAccess.status < 300

OUTSIDE: Select[*tuple[Any, ...]] = (
    select(DataAccess.id)
    .join(Booking, Booking.id == DataAccess.booking_id)
    .where(
        SENT,
        or_(
            DataAccess.at < Booking.starts_at,
            DataAccess.at >= Booking.ends_at,
            DataAccess.at > Booking.ended_at,
        ),
    )
    .order_by(DataAccess.id)
)
OF_ANOTHER: Select[*tuple[Any, ...]] = (
    select(DataAccess.id)
    .join(Booking, Booking.id == DataAccess.booking_id)
    .where(
        or_(
            DataAccess.team_id != Booking.team_id,
            ~exists().where(Claim.booking_id == DataAccess.booking_id, Claim.resource_id == DataAccess.resource_id),
        )
    )
    .order_by(DataAccess.id)
)
UNBOOKED: Select[*tuple[Any, ...]] = (
    select(DataAccess.id)
    .join(Resource, Resource.id == DataAccess.resource_id)
    .where(SENT, DataAccess.booking_id.is_(None), DataAccess.at > Resource.withdrawn_at)
    .order_by(DataAccess.id)
)
NEVER_PERMITTED: Select[*tuple[Any, ...]] = (
    select(Booking.id)
    .distinct()
    .join(Claim, Claim.booking_id == Booking.id)
    .join(Resource, Resource.id == Claim.resource_id)
    .where(
        Booking.state.in_(OPEN_STATES),
        Resource.sensitivity == Sensitivity.RESTRICTED.value,
        ~exists().where(
            Permit.team_id == Booking.team_id,
            Permit.resource_id == Resource.id,
            Permit.state.in_(ONCE_GRANTED),
            Permit.until >= Booking.ends_at,
            or_(Permit.withdrawn_at.is_(None), Permit.withdrawn_at > bindparam("ended")),
        ),
    )
    .order_by(Booking.id)
)
OF_WITHDRAWN: Select[*tuple[Any, ...]] = (
    select(Booking.id)
    .distinct()
    .join(Claim, Claim.booking_id == Booking.id)
    .join(Resource, Resource.id == Claim.resource_id)
    .where(
        Booking.state.in_((State.CONFIRMED, State.ACTIVE)),
        Resource.withdrawn_at < bindparam("ended"),
        Booking.ends_at > bindparam("now"),
    )
    .order_by(Booking.id)
)
TOO_EARLY: Select[*tuple[Any, ...]] = (
    select(TermsAcceptance.user_id, TermsVersion.resource_id, TermsVersion.number)
    .join(TermsVersion, TermsVersion.id == TermsAcceptance.terms_version_id)
    .where(TermsAcceptance.at < TermsVersion.published_at)
    .order_by(TermsAcceptance.user_id, TermsVersion.id)
)
UNKNOWN: Select[*tuple[Any, ...]] = (
    select(TermsAcceptance.user_id, TermsAcceptance.terms_version_id)
    .where(~exists().where(TermsVersion.id == TermsAcceptance.terms_version_id))
    .order_by(TermsAcceptance.user_id, TermsAcceptance.terms_version_id)
)


def _gaps() -> Select[*tuple[Any, ...]]:
    """Datasets whose versions have gaps in their numbers, or take effect in another order."""
    of_one: dict[str, Any] = {"partition_by": TermsVersion.resource_id, "order_by": TermsVersion.number}
    rows = select(
        TermsVersion.resource_id,
        TermsVersion.number,
        TermsVersion.effective_at,
        func.row_number().over(**of_one).label("place"),
        func.lag(TermsVersion.effective_at).over(**of_one).label("before"),
    ).subquery()
    wrong = or_(rows.c.number != rows.c.place, and_(rows.c.before.is_not(None), rows.c.effective_at < rows.c.before))
    return select(rows.c.resource_id).distinct().where(wrong).order_by(rows.c.resource_id)


def _without_permit(connection: Connection, now: Any) -> Rows:
    return connection.execute(NEVER_PERMITTED, {"ended": now - LATE}).all()


def _of_withdrawn(connection: Connection, now: Any) -> Rows:
    return connection.execute(OF_WITHDRAWN, {"ended": now - LATE, "now": now}).all()


CHECKS = (
    Check(7, "files sent outside the window of their booking", ask(OUTSIDE)),
    Check(7, "files sent for a booking of another team or dataset", ask(OF_ANOTHER)),
    Check(7, "files sent of a withdrawn dataset", ask(UNBOOKED)),
    Check(8, "open bookings of restricted data without a permit", _without_permit),
    Check(8, "bookings of withdrawn data", _of_withdrawn),
    Check(8, "terms accepted before there were any (person/dataset/version)", ask(TOO_EARLY)),
    Check(8, "unknown terms accepted (person/version)", ask(UNKNOWN)),
    Check(8, "datasets whose terms are not in order", ask(_gaps())),
)
