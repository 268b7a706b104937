"""Are bookings whole, on the grid, and where their history says; does access follow the clock?"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    bindparam,
    cast,
    exists,
    extract,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from booking.domain.lifecycle import MOVES, OPEN, State
from booking.domain.outbox import NOTICES
from booking.domain.rules import MOST_NAMED
from booking.domain.teams import GRACE
from booking.models.bookings import Booking, Claim, History
from booking.models.outbox import OutboxItem
from booking.models.resources import Resource
from booking.models.teams import Team
from booking.queries.breaches import Check, Rows, ask

OPEN_STATES = sorted(OPEN)
ENDED_STATES = sorted(set(State) - OPEN)
FIRST_STATES = (State.OFFERED, State.PENDING, State.CONFIRMED)
LATE = timedelta(hours=1)
"""How late the scheduler may be with taking back what has lost its basis; access is closed at once anyway."""

occupies = Claim.starts_at < Claim.ends_at


def _seconds(instant: Any) -> ColumnElement[int]:
    """Seconds since 1970."""
    return extract("epoch", instant)


WITHOUT_CLAIMS = (
    select(Booking.id).where(~exists().where(Claim.booking_id == Booking.id)).order_by(Booking.id)
)  # fmt: skip
WITHOUT_HISTORY = (
    select(Booking.id).where(~exists().where(History.booking_id == Booking.id)).order_by(Booking.id)
)  # fmt: skip


def _moves_untold() -> Select[*tuple[Any, ...]]:
    """Booking and instant at which more moves were written down than the outside is told of."""
    both = union_all(
        select(History.booking_id, History.at, literal(1).label("untold")),
        select(OutboxItem.booking_id, OutboxItem.created_at, literal(-1)).where(
            OutboxItem.destination == NOTICES, OutboxItem.booking_id.is_not(None)
        ),
    ).subquery()
    grouped = select(both.c.booking_id, both.c.at).group_by(both.c.booking_id, both.c.at)
    return grouped.having(func.sum(both.c.untold) > 0).order_by(both.c.booking_id, both.c.at)


def _off_grid() -> Select[*tuple[Any, ...]]:
    """Booking and resource; what has ended may have been booked on another grid."""
    step = Resource.grid_minutes * 60
    edges = (Booking.starts_at, Booking.ends_at, Claim.starts_at, Claim.ends_at)
    return (
        select(Claim.booking_id, Claim.resource_id)
        .join(Booking, Booking.id == Claim.booking_id)
        .join(Resource, Resource.id == Claim.resource_id)
        .where(Booking.state.in_(OPEN_STATES), or_(*(_seconds(edge) % step != 0 for edge in edges)))
        .order_by(Claim.booking_id, Claim.resource_id)
    )


def _misplaced() -> Select[*tuple[Any, ...]]:
    """Booking and resource occupied at another time than the booking's, or for longer than it lived.

    What is open occupies its whole window, or nothing while it waits; what has ended nothing past the grid step in
    which it ended.
    """
    inside = (Claim.starts_at >= Booking.starts_at) & (Claim.ends_at <= Booking.ends_at)
    whole = (Claim.starts_at == Booking.starts_at) & (Claim.ends_at == Booking.ends_at)
    step = Resource.grid_minutes * 60
    over = _seconds(Claim.ends_at) - _seconds(Booking.ended_at) <= step
    return (
        select(Claim.booking_id, Claim.resource_id)
        .join(Booking, Booking.id == Claim.booking_id)
        .join(Resource, Resource.id == Claim.resource_id)
        .where(
            or_(
                occupies & not_(inside),
                Booking.state.in_(OPEN_STATES) & not_(whole) & (occupies | (Booking.state != State.PENDING)),
                Booking.state.in_(ENDED_STATES) & occupies & not_(over),
            )
        )
        .order_by(Claim.booking_id, Claim.resource_id)
    )


def _moves() -> Select[*tuple[Any, ...]]:
    """Every move beside the one before it, and whether it is the last."""
    by_booking: dict[str, Any] = {"partition_by": History.booking_id, "order_by": History.id}
    return select(
        History.booking_id,
        History.from_state,
        History.to_state,
        func.lag(History.to_state).over(**by_booking).label("before"),
        func.lead(History.id).over(**by_booking).label("next_id"),
    )


def _illegal_moves() -> Select[*tuple[Any, ...]]:
    """Bookings with a move that the table has not, or that does not begin where the one before ended."""
    moves = _moves().subquery()
    legal = {f"{State(one)}>{other}" for one, others in MOVES.items() for other in others}
    legal |= {f"{one}>{one}" for one in OPEN} | {f">{one}" for one in FIRST_STATES}
    move = func.coalesce(moves.c.from_state, "") + cast(literal(">"), String) + moves.c.to_state
    chained = func.coalesce(moves.c.from_state, "") == func.coalesce(moves.c.before, "")
    wrong = or_(move.not_in(sorted(legal)), not_(chained))
    return select(moves.c.booking_id).distinct().where(wrong).order_by(moves.c.booking_id)


def _elsewhere() -> Select[*tuple[Any, ...]]:
    """Bookings whose last move does not end in their state."""
    moves = _moves().subquery()
    return (
        select(Booking.id)
        .join(moves, (moves.c.booking_id == Booking.id) & moves.c.next_id.is_(None))
        .where(moves.c.to_state != Booking.state)
        .order_by(Booking.id)
    )


UNENDED = (
    select(Booking.id).where(Booking.state.in_(ENDED_STATES) == Booking.ended_at.is_(None)).order_by(Booking.id)
)  # fmt: skip
MOVED_BY_NOBODY = select(History.booking_id).distinct().where(History.by == "").order_by(History.booking_id)

UNAPPROVED = (
    select(Claim.booking_id, Claim.resource_id)
    .join(Booking, Booking.id == Claim.booking_id)
    .where(Claim.approval == "waiting", Booking.state.in_((State.CONFIRMED, State.ACTIVE)))
    .order_by(Claim.booking_id, Claim.resource_id)
)
ANSWERED = (
    select(Booking.id)
    .where(
        Booking.state == State.PENDING,
        ~exists().where(Claim.booking_id == Booking.id, Claim.approval == "waiting"),
    )
    .order_by(Booking.id)
)
HELD_FOR_NOBODY = (
    select(Booking.id)
    .where(Booking.hold_until.is_not(None), Booking.state.not_in((State.OFFERED, State.PENDING)))
    .order_by(Booking.id)
)

ACTIVE_BEFORE_START = (
    select(Booking.id)
    .distinct()
    .join(History, History.booking_id == Booking.id)
    .where(History.to_state == State.ACTIVE, History.at < Booking.starts_at)
    .order_by(Booking.id)
)
RELEASED_EARLY = (
    select(Booking.id)
    .where(
        Booking.state == State.NO_SHOW,
        or_(
            Booking.check_in_until.is_(None),
            Booking.ended_at < Booking.check_in_until,
            Booking.checked_in_at.is_not(None),
        ),
    )
    .order_by(Booking.id)
)
CHECKED_IN_TOO_SOON = (
    select(Booking.id)
    .where(Booking.checked_in_at.is_not(None))
    .where(Booking.check_in_from.is_(None) | (Booking.checked_in_at < Booking.check_in_from))
    .order_by(Booking.id)
)


BASELESS = (
    select(Booking.id)
    .join(Team, Team.id == Booking.team_id)
    .where(
        Booking.state.in_(OPEN_STATES),
        or_(
            Team.approved_until.is_(None),
            (Team.approved_until < Booking.ends_at) & (Team.approved_until < bindparam("ended")),
            (Team.suspended_at < bindparam("given_up")) & (Booking.ends_at > bindparam("present")),
        ),
    )
    .order_by(Booking.id)
    .limit(MOST_NAMED + 1)
)


def _without_basis(connection: Connection, now: datetime) -> Rows:
    """Open bookings that go on although their team's approval has ended, or it has been suspended for a day."""
    ended = now - LATE
    return connection.execute(BASELESS, {"present": now, "ended": ended, "given_up": ended - GRACE}).all()


CHECKS = (
    Check(3, "bookings without a claim", ask(WITHOUT_CLAIMS)),
    Check(3, "bookings without a history", ask(WITHOUT_HISTORY)),
    Check(4, "open bookings off the grid (booking/resource)", ask(_off_grid())),
    Check(4, "claims that occupy another time than their booking's (booking/resource)", ask(_misplaced())),
    Check(5, "bookings that moved against the table", ask(_illegal_moves())),
    Check(5, "bookings whose state is not where their history ends", ask(_elsewhere())),
    Check(5, "bookings with an end but not ended, or the reverse", ask(UNENDED)),
    Check(5, "moves by nobody", ask(MOVED_BY_NOBODY)),
    Check(6, "bookings confirmed without an owner's approval (booking/resource)", ask(UNAPPROVED)),
    Check(6, "bookings that wait for nobody's approval", ask(ANSWERED)),
    Check(6, "deadlines of bookings that wait for no answer", ask(HELD_FOR_NOBODY)),
    Check(7, "bookings active before their start", ask(ACTIVE_BEFORE_START)),
    Check(7, "bookings released as no-shows too early", ask(RELEASED_EARLY)),
    Check(7, "bookings checked in before check-in opened", ask(CHECKED_IN_TOO_SOON)),
    Check(8, "open bookings of teams without approval", _without_basis),
    Check(9, "moves that nobody is told of (booking/instant)", ask(_moves_untold())),
)
