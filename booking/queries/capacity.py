"""Questions about capacity: what resources offer, and what bookings hold of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, bindparam, func, select
from sqlalchemy.orm import Session

from booking.domain.capacity import CapacityChange, Change, Standing, Steps, Stretch, offered
from booking.domain.change_requests import RequestState
from booking.domain.policies import Policy
from booking.domain.windows import Window, merged
from booking.models.bookings import Booking, Claim
from booking.models.capacity import CapacityChange as ChangeRow
from booking.models.capacity import HeldStep
from booking.models.change_requests import ChangeRequest as Request
from booking.models.change_requests import ChangeRequestBlock as Added
from booking.models.rows import AnyRow

CHANGES = (
    select(
        ChangeRow.resource_id, ChangeRow.kind, ChangeRow.units, ChangeRow.starts_at, ChangeRow.ends_at, ChangeRow.reason
    )
    .where(ChangeRow.resource_id.in_(bindparam("ids", expanding=True)))
    .order_by(ChangeRow.id)
)
SINCE = bindparam("since", type_=HeldStep.at.type)
HELD = (
    select(HeldStep.at, HeldStep.held)
    .where(
        HeldStep.resource_id == bindparam("resource_id"),
        HeldStep.at <= bindparam("until"),
        HeldStep.at
        >= func.coalesce(
            select(func.max(HeldStep.at))
            .where(HeldStep.resource_id == bindparam("resource_id"), HeldStep.at < SINCE)
            .scalar_subquery(),
            SINCE,
        ),
    )
    .order_by(HeldStep.at)
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a resource offers over time, its closures, and its policy, as of one `offer_version`."""

    version: int
    steps: Steps
    closures: tuple[CapacityChange, ...]
    policy: Policy


# An offer is parsed once in each process: every change of it raises the version that is read under the lock.
_known: WeakKeyDictionary[Engine, dict[int, Offer]] = WeakKeyDictionary()


def offers(connection: Connection, rows: Sequence[AnyRow]) -> dict[int, Offer]:
    """The offers of resource rows (id, offer_version, seats, policy)."""
    known = _known.setdefault(connection.engine, {})
    stale = [row for row in rows if row.id not in known or known[row.id].version != row.offer_version]
    if stale:
        changes = changes_by_resource(connection, [row.id for row in stale])
        for row in stale:
            own = changes.get(row.id, [])
            closures = tuple(change for change in own if change.kind is Change.CLOSED)
            steps = offered(own, row.seats or 0)
            known[row.id] = Offer(row.offer_version, steps, closures, Policy.read(row.policy))
    return {row.id: known[row.id] for row in rows}


def changes_by_resource(connection: Connection, ids: list[int]) -> dict[int, list[CapacityChange]]:
    """The capacity changes of several resources, by id and oldest first."""
    found: dict[int, list[CapacityChange]] = {}
    for row in connection.execute(CHANGES, {"ids": ids}):
        change = CapacityChange(Change(row.kind), row.units or 0, row.starts_at, row.ends_at, row.reason)
        found.setdefault(row.resource_id, []).append(change)
    return found


def changes_of(connection: Connection, resource_id: int) -> list[CapacityChange]:
    """The capacity changes of one resource, oldest first."""
    return changes_by_resource(connection, [resource_id]).get(resource_id, [])


def held(connection: Connection, resource_id: int, window: Window) -> Steps:
    """What bookings hold of a resource, from before the window's start up to and including its end."""
    rows = connection.execute(HELD, {"resource_id": resource_id, "since": window.start, "until": window.end})
    return Steps(tuple((row.at, row.held) for row in rows))


def held_around(connection: Connection, resource_id: int, windows: Iterable[Window]) -> list[Stretch]:
    """What bookings hold of a resource around several windows, far apart as they may be, and nothing between them."""
    return [Stretch(window, held(connection, resource_id, window)) for window in merged(windows)]


def standing(session: Session, resource_id: int, window: Window) -> list[Standing]:
    """What occupies a resource inside a window, for the choice of whom an outage displaces: claims and additions."""
    rows = session.execute(
        select(Claim.booking_id, Claim.units, Claim.starts_at, Claim.ends_at, Booking.created_at)
        .join(Booking, Booking.id == Claim.booking_id)
        .where(
            Claim.resource_id == resource_id,
            Claim.starts_at < window.end,
            Claim.ends_at > window.start,
            Claim.starts_at < Claim.ends_at,
        )
    )
    asked = session.execute(
        select(Request.booking_id, Added.units, Added.starts_at, Added.ends_at, Request.created_at)
        .join(Request, Request.id == Added.change_request_id)
        .where(
            Added.resource_id == resource_id,
            Request.state == RequestState.OPEN,
            Added.starts_at < window.end,
            Added.ends_at > window.start,
            Added.starts_at < Added.ends_at,
        )
    )
    return [*(_standing(row) for row in rows), *(_standing(row, addition=True) for row in asked)]


def _standing(row: AnyRow, *, addition: bool = False) -> Standing:
    window, admitted = Window(row.starts_at, row.ends_at), (row.created_at, row.booking_id)
    return Standing(row.booking_id, window, row.units, admitted, addition)
