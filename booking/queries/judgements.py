"""What many bookings that wait for approval are judged against, in a number of statements that does not grow."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from booking.domain.bookings import Booking
from booking.domain.ledger import Entry, Line, still_held
from booking.domain.orders import Order, Resource, Situation, Use
from booking.domain.windows import Window
from booking.models.rows import AnyRow
from booking.queries import grants, resources, searches, teams
from booking.queries.bases import bases_of
from booking.queries.situations import courses_of


def situations(connection: Connection, bookings: Sequence[Booking], now: datetime) -> dict[int, Situation]:
    """What each booking is judged against at this moment, its own share left out, by its id; read without locks.

    A booking with a change request is judged as what it is to become.
    """
    if not bookings:
        return {}
    asked = {one.id: asked_of(one) for one in bookings}
    around = Window(
        min(order.window.start for order in asked.values()), max(order.window.end for order in asked.values())
    )
    claimed = {resource_id for one in bookings for resource_id in one.touched_ids}
    team_ids = {one.team_id for one in bookings}
    rows = resources.read_resources(connection, claimed)
    by_id = resources.resources_holding(connection, rows, searches.held_within(connection, claimed, around))
    known_teams = teams.teams_by_id(connection, team_ids)
    known_grants = grants.read_grants(connection, team_ids)
    held = _held_lines(connection, [one.id for one in bookings])
    uses = teams.use_rows(connection, team_ids, claimed, around, now)
    people = [one.created_by or 0 for one in bookings]
    bases = bases_of(connection, rows, team_ids=team_ids, user_ids=people)
    courses = courses_of(connection, by_id.values(), people)
    return {
        one.id: Situation(
            now=now,
            team=known_teams[one.team_id],
            resources=_around(one, asked[one.id], by_id),
            grants=grants.without_held(known_grants.get(one.team_id, ()), held.get(one.id, ())),
            uses=_own_uses(one, asked[one.id], uses, now),
            bases=bases.of(one.touched_ids, team_id=one.team_id, user_id=one.created_by or 0, now=now),
            courses=courses.get(one.created_by or 0, {}),
        )
        for one in bookings
    }


def asked_of(booking: Booking) -> Order:
    """What waits for an answer: the growth that is asked for, or else the booking itself."""
    request = booking.change_request
    return request.order(booking.purpose) if request else booking.order()


def _around(booking: Booking, order: Order, by_id: dict[int, Resource]) -> dict[int, Resource]:
    """The claimed resources without what the booking itself occupies."""
    claimed = {claim.resource_id: by_id[claim.resource_id] for claim in order.claims}
    return resources.without_own(claimed, booking.own_blocks)


def _held_lines(connection: Connection, booking_ids: Sequence[int]) -> dict[int, list[Line]]:
    """What each booking holds on grants."""
    entries: defaultdict[tuple[int, int], list[tuple[Entry, Line]]] = defaultdict(list)
    for row in connection.execute(grants.ENTRIES_OF_MANY, {"booking_ids": booking_ids}):
        line = Line(row.grant_id, row.period_start, row.unit_seconds)
        entries[row.booking_id, row.resource_id].append((Entry(row.kind), line))
    held: defaultdict[int, list[Line]] = defaultdict(list)
    for (booking_id, _resource_id), own in entries.items():
        held[booking_id] += still_held(own)
    return held


def _own_uses(
    booking: Booking, order: Order, uses: Mapping[tuple[int, int], Sequence[AnyRow]], now: datetime
) -> dict[int, Use]:
    """What the team uses of the claimed resources beside this booking."""
    return {
        claim.resource_id: teams.summed_use(
            [row for row in uses.get((booking.team_id, claim.resource_id), ()) if row.id != booking.id], now
        )
        for claim in order.claims
    }
