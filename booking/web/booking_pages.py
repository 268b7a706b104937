"""What the pages of bookings show: the names of what is claimed, prices, and which buttons there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.domain.bookings import Booking
from booking.domain.change_requests import ChangeRequest
from booking.domain.ledger import EFFECTS, Entry
from booking.domain.lifecycle import State
from booking.domain.permissions import (
    Actor,
    may_accept,
    may_cancel,
    may_check_in,
    may_decide,
    may_edit,
    may_finish,
    may_see_demand,
)
from booking.http.files import pass_for
from booking.http.words import read_in
from booking.queries import agendas
from booking.queries.agendas import Place
from booking.queries.applications import team_standing
from booking.queries.displacements import open_of_booking
from booking.queries.docking import demand_of_booking
from booking.queries.gateway import claimed_with_files
from booking.queries.usage import uses_of
from booking.queries.waitlist import entry_of_booking
from booking.services import holdings
from booking.web.shelves import shelf_of

CAN_CHANGE = frozenset({State.PENDING, State.CONFIRMED, State.ACTIVE})
CAN_CANCEL = frozenset({State.OFFERED, State.PENDING, State.CONFIRMED})
FIRST_FILES = 20
CAN_REVOKE = frozenset({State.CONFIRMED, State.ACTIVE})


@dataclass(frozen=True)
class Agenda:
    """Bookings in groups, with the names of their teams and of what they claim."""

    groups: dict[str, list[Booking]]
    places: Mapping[int, Place]
    teams: Mapping[int, str]


@dataclass(frozen=True)
class Price:
    """What a claim costs so far in unit-seconds of quota, and what is still held for it."""

    charged: int
    held: int


def agenda(session, bookings: Sequence[Booking], now: datetime) -> Agenda:
    """Bookings in the groups `now`, `waiting`, `next` and `over`."""
    groups: dict[str, list[Booking]] = {"now": [], "waiting": [], "next": [], "over": []}
    for booking in bookings:
        groups[_group(booking, now)].append(booking)
    connection = session.connection()
    return Agenda(
        groups,
        agendas.places(connection, {resource_id for one in bookings for resource_id in one.touched_ids}),
        agendas.team_names(connection, {one.team_id for one in bookings}),
    )


def _group(booking: Booking, now: datetime) -> str:
    if booking.state in (State.PENDING, State.OFFERED):
        return "waiting"
    if booking.state is State.ACTIVE or (booking.state is State.CONFIRMED and booking.window.contains(now)):
        return "now"
    return "next" if booking.state is State.CONFIRMED and now < booking.window.start else "over"


def whole_booking(session, booking: Booking, actor: Actor, now: datetime):
    """Everything that the page of one booking shows beside it; it is read in the zone of its first place."""
    connection = session.connection()
    places = agendas.places(connection, booking.touched_ids)
    read_in(places[booking.resource_ids[0]].timezone)
    paid = prices(agendas.ledger_sums(connection, booking.id))
    has_access = team_standing(session, booking.team_id).has_access(now)
    usable = has_access and booking.state in CAN_REVOKE and booking.team_id in actor.teams
    claimed = claimed_with_files(connection, booking.id)
    shows_files = has_access and booking.access_open(now) and booking.team_id in actor.teams
    return {
        "places": places,
        "has_files": bool(claimed),
        "shelves": [shelf_of(pass_for(each, booking.id, actor), FIRST_FILES) for each in claimed.values()]
        if shows_files
        else [],
        "team_name": agendas.team_names(connection, [booking.team_id])[booking.team_id],
        "prices": paid,
        "cost_of_cancelling": price_of(booking, State.CANCELLED, now) if booking.state in CAN_CANCEL else {},
        "cost_of_finishing": price_of(booking, State.COMPLETED, now) if _is_running(booking, now) else {},
        "offered_instead": agendas.counter_offer_of(connection, booking.id)
        if booking.state is State.DECLINED
        else None,
        "displaced": [places[resource_id].name for _found, resource_id in open_of_booking(connection, booking.id)],
        "manuals": [places[each] for each in booking.resource_ids if usable and places[each].how_to_use],
        "entry_id": entry_of_booking(connection, booking.id) if booking.team_id in actor.teams else None,
        "demand_id": demand_of_booking(connection, booking.id) if may_see_demand(actor, booking.team_id) else None,
        "may": _buttons(booking, paid, actor, now),
        "uses": uses_of(connection, booking.id),
        "is_open_now": has_access and booking.access_open(now),
    }


def prices(sums: Mapping[int, Mapping[str, int]]) -> dict[int, Price]:
    """What each claim was charged, and what is still held for it, from the sums of its ledger."""
    return {
        resource_id: Price(
            charged=sum(EFFECTS[Entry(kind)][2] * unit_seconds for kind, unit_seconds in by_kind.items()),
            held=sum(EFFECTS[Entry(kind)][1] * unit_seconds for kind, unit_seconds in by_kind.items()),
        )
        for resource_id, by_kind in sums.items()
    }


def price_of(booking: Booking, end: State, now: datetime) -> dict[int, int]:
    """What each claim would cost if the booking ended so now."""
    return dict(holdings.end_prices(booking, end, now, now))


def _buttons(booking: Booking, paid: Mapping[int, Price], actor: Actor, now: datetime) -> frozenset[str]:
    """What the actor can do with the booking now."""
    team, by, state, running = booking.team_id, booking.created_by, booking.state, _is_running(booking, now)
    looked_after = {c.resource_id for c in booking.claims if may_decide(actor, c.organisation_id, c.kind)}
    can = {
        "cancel": state in CAN_CANCEL and not running and may_cancel(actor, team, by),
        "edit": state in CAN_CHANGE and may_edit(actor, team, by),
        "finish": running and may_finish(actor, team, by),
        "check-in": _check_in_is_open(booking, now) and may_check_in(actor, team),
        "accept": state is State.OFFERED and may_accept(actor, team),
        "answer": state is State.PENDING and bool(looked_after & booking.waiting_for),
        "answer request": _waits_for(actor, booking.change_request),
        "withdraw": booking.change_request is not None and may_edit(actor, team, by),
        "revoke": state in CAN_REVOKE and bool(looked_after),
        "refund": any(price.charged for found, price in paid.items() if found in looked_after),
    }
    return frozenset(button for button, possible in can.items() if possible)


def _waits_for(actor: Actor, request: ChangeRequest | None) -> bool:
    """Whether a growth waits for this actor."""
    waiting = [claim for claim in request.claims if claim.approval == "waiting"] if request else []
    return any(may_decide(actor, claim.organisation_id, claim.kind) for claim in waiting)


def _is_running(booking: Booking, now: datetime) -> bool:
    """Whether it has begun by the clock, though the scheduler may not have come by yet."""
    if booking.state is not State.CONFIRMED:
        return booking.state is State.ACTIVE
    return booking.window.start <= now and (booking.check_in_until is None or booking.checked_in_at is not None)


def _check_in_is_open(booking: Booking, now: datetime) -> bool:
    if booking.state is not State.CONFIRMED or booking.checked_in_at or booking.check_in_from is None:
        return False
    return booking.check_in_from <= now < booking.check_in_until
