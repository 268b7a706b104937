"""What verbs share about change requests inside their transactions: holding what is added, and letting it go."""

from datetime import datetime

from booking.changes import bookings as booking_changes
from booking.changes import change_requests as changes
from booking.changes.change_requests import Asked
from booking.domain.additions import addition, draw_addition, is_growth
from booking.domain.bookings import Change
from booking.domain.capacity import NOTHING
from booking.domain.change_requests import RequestState
from booking.domain.errors import Conflict
from booking.domain.permissions import Actor
from booking.domain.refusals import Code, Refusal, Refused
from booking.queries import grants, resources
from booking.services.holdings import Locked, let_go


def ask(held: Locked, change: Change, *, actor: Actor, now: datetime) -> None:
    """Ask the owners for a growth of a confirmed or running booking, and hold what it adds meanwhile.

    A request that was open ends with it. Conflict where the change is no plain growth, Refused where no grant has room
    beside what the booking holds.
    """
    booking, order = held.booking, change.order
    _must_be_addition(held, change)
    blocks = addition(order, booking.order())
    let_go(held, RequestState.WITHDRAWN, now=now, by=actor.email, reason="another change was asked for")

    by_id = resources.resources_holding(held.connection, held.rows, {row.id: NOTHING for row in held.rows})
    own = grants.without_held(held.grants, held.requested_lines())
    lines, missing = draw_addition(blocks, by_id, own)
    if missing and change.decision.holds:
        raise Refused([_no_quota_beside(missing)])
    changes.ask(
        held.connection,
        booking.id,
        Asked(order, change.decision, blocks, lines),
        held.levels_around(blocks),
        now=now,
        by=actor.email,
        user_id=actor.user_id,
    )
    booking_changes.notify(held.connection, booking.id, "change_requested", now=now, by=actor.email)


def _must_be_addition(held: Locked, change: Change) -> None:
    if is_growth(change.order, held.booking.order()):
        return
    names = {row.id: row.slug for row in held.rows}
    raise Conflict(
        "The owner of %(resources)s has to approve what this adds, and it gives up a part of the booking too."
        " Keep all that is booked and ask for more of it, or give the part up first; or book the addition apart.",
        {"resources": ", ".join(names[resource_id] for resource_id in sorted(change.decision.approvals))},
    )


def _no_quota_beside(missing: int) -> Refusal:
    return Refusal(
        Code.QUOTA_EXCEEDED,
        "No grant has room for what this adds beside what the booking holds already: %(missing_hours)s hours are"
        " missing. Ask for less, or for a grant.",
        "ends_at",
        {"missing_unit_seconds": missing},
    )
