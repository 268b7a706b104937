"""What many bookings that wait for approval are judged against, in a number of statements that does not grow."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from booking.domain.bookings import Booking
from booking.domain.ledger import Entry, Line, still_held
from booking.domain.orders import Resource, Situation, Use
from booking.domain.windows import Window
from booking.models.bookings import Booking as BookingRow
from booking.models.bookings import Claim
from booking.models.grants import LedgerEntry
from booking.models.rows import AnyRow
from booking.queries import grants, resources, searches, teams
from booking.queries.bases import bases_of

USES = select(
    BookingRow.id,
    BookingRow.team_id,
    BookingRow.created_at,
    BookingRow.state,
    BookingRow.starts_at.label("booked_from"),
    BookingRow.ends_at.label("booked_until"),
    Claim.resource_id,
    Claim.units,
    Claim.starts_at,
    Claim.ends_at,
).join(Claim, Claim.booking_id == BookingRow.id)
USES_OF_MANY = USES.where(
    BookingRow.team_id.in_(bindparam("team_ids", expanding=True)),
    Claim.resource_id.in_(bindparam("resource_ids", expanding=True)),
    (BookingRow.ends_at > bindparam("since")) | (BookingRow.created_at > bindparam("recently")),
)
ENTRIES_OF_MANY = (
    select(
        LedgerEntry.booking_id,
        LedgerEntry.resource_id,
        LedgerEntry.kind,
        LedgerEntry.grant_id,
        LedgerEntry.period_start,
        LedgerEntry.unit_seconds,
    )
    .where(LedgerEntry.booking_id.in_(bindparam("booking_ids", expanding=True)))
    .order_by(LedgerEntry.id)
)
Uses = dict[tuple[int, int], list[AnyRow]]


def situations(connection: Connection, bookings: Sequence[Booking], now: datetime) -> dict[int, Situation]:
    """What each booking is judged against at this moment, its own share left out, by its id; read without locks."""
    if not bookings:
        return {}
    around = Window(min(one.window.start for one in bookings), max(one.window.end for one in bookings))
    claimed = {resource_id for one in bookings for resource_id in one.resource_ids}
    team_ids = {one.team_id for one in bookings}
    rows = resources.read_resources(connection, claimed)
    by_id = resources.resources_holding(connection, rows, searches.held_within(connection, claimed, around))
    known_teams = teams.teams_by_id(connection, team_ids)
    known_grants = grants.read_grants(connection, team_ids)
    held = _held_lines(connection, [one.id for one in bookings])
    uses = _uses(connection, team_ids, claimed, around, now)
    bases = bases_of(connection, rows, team_ids=team_ids, user_ids=[one.created_by or 0 for one in bookings])
    return {
        one.id: Situation(
            now=now,
            team=known_teams[one.team_id],
            resources=_around(one, by_id),
            grants=grants.without_held(known_grants.get(one.team_id, ()), held.get(one.id, ())),
            uses=_own_uses(one, uses, now),
            bases=bases.of(one.resource_ids, team_id=one.team_id, user_id=one.created_by or 0, now=now),
        )
        for one in bookings
    }


def _around(booking: Booking, by_id: dict[int, Resource]) -> dict[int, Resource]:
    """The claimed resources without what the booking itself occupies."""
    claimed = {resource_id: by_id[resource_id] for resource_id in booking.resource_ids}
    own = [(claim.resource_id, claim.occupied, claim.units) for claim in booking.claims if claim.occupied]
    return resources.without_own(claimed, own)


def _held_lines(connection: Connection, booking_ids: Sequence[int]) -> dict[int, list[Line]]:
    """What each booking holds on grants."""
    entries: defaultdict[tuple[int, int], list[tuple[Entry, Line]]] = defaultdict(list)
    for row in connection.execute(ENTRIES_OF_MANY, {"booking_ids": booking_ids}):
        line = Line(row.grant_id, row.period_start, row.unit_seconds)
        entries[row.booking_id, row.resource_id].append((Entry(row.kind), line))
    held: defaultdict[int, list[Line]] = defaultdict(list)
    for (booking_id, _resource_id), own in entries.items():
        held[booking_id] += still_held(own)
    return held


def _uses(connection: Connection, team_ids: set[int], claimed: set[int], around: Window, now: datetime) -> Uses:
    """The rows of use of some teams on some resources, by both."""
    found: defaultdict[tuple[int, int], list[AnyRow]] = defaultdict(list)
    wanted = {
        "team_ids": sorted(team_ids),
        "resource_ids": sorted(claimed),
        "since": around.start,
        "recently": now - teams.RECENT,
    }
    for row in connection.execute(USES_OF_MANY, wanted):
        found[row.team_id, row.resource_id].append(row)
    return found


def _own_uses(booking: Booking, uses: Uses, now: datetime) -> dict[int, Use]:
    """What the team uses of the claimed resources beside this booking."""
    return {
        resource_id: teams.summed_use(
            [row for row in uses.get((booking.team_id, resource_id), ()) if row.id != booking.id], now
        )
        for resource_id in booking.resource_ids
    }
