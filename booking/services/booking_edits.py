"""Use cases of changing a booking: move, extend, shrink, other units or resources; or only preview the answer."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from booking.db import db, transaction
from booking.domain.bookings import Booking, Change
from booking.domain.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Stale
from booking.domain.lifecycle import State
from booking.domain.orders import Claim, Order, is_shrink
from booking.domain.permissions import Actor, may_edit, may_see_booking
from booking.domain.refusals import Refused
from booking.domain.windows import Window
from booking.queries import grants, resources
from booking.queries.bookings import find_booking
from booking.services import holdings, looks
from booking.services.additions import ask
from booking.services.holdings import Locked
from booking.services.judging import judge
from booking.services.rewrites import rewrite


def change_booking(
    booking_id: int,
    *,
    window: Window | None,
    claims: tuple[Claim, ...] | None,
    actor: Actor,
    now: datetime,
    version: int,
) -> Booking:
    """Bring a booking to another window or other claims, judged on what that changes; its own share counts as free.

    A growth comes after those who wait for the same. One of what is confirmed that needs an owner's approval becomes a
    change request, and the booking stays as it is. A request that was open ends with any change.

    Raises Stale where `version` is not the present one, Refused with every refusal, IllegalMove where it has ended.
    """
    change = partial(_change, booking_id, window, claims, actor, now, version)
    return looks.after_those_who_wait(change, now=now)


def _change(
    booking_id: int,
    window: Window | None,
    claims: tuple[Claim, ...] | None,
    actor: Actor,
    now: datetime,
    version: int,
) -> Booking:
    with transaction() as session:
        held = holdings.locked(session, booking_id, more_resources={claim.resource_id for claim in claims or ()})
        change = judge(held, _asked(held.booking, window, claims, actor, now, version), now, by=actor.user_id)
        if change.decision.refusals:
            raise Refused(change.decision.refusals)
        if not is_shrink(change.order, held.booking.order()):
            looks.check_owes_nothing(held.rows)

        if asks_owners(held.booking, change):
            ask(held, change, actor=actor, now=now)
        else:
            rewrite(held, change, now=now, by=actor.email)
        return find_booking(held.connection, booking_id)


def preview_change(
    booking_id: int,
    *,
    window: Window | None,
    claims: tuple[Claim, ...] | None,
    actor: Actor,
    now: datetime,
    version: int,
) -> Change:
    """What an edit would do at this moment, its price included, without doing it."""
    with db.engine.connect() as connection:
        booking = find_booking(connection, booking_id)
        order = _asked(booking, window, claims, actor, now, version)
        wanted = {*booking.touched_ids, *(claim.resource_id for claim in order.claims)}
        rows = list(resources.read_resources(connection, wanted))
        team_grants = grants.read_grants(connection, [booking.team_id])[booking.team_id]
        return judge(Locked(connection, booking, rows, team_grants), order, now, by=actor.user_id)


def _asked(
    booking: Booking,
    window: Window | None,
    claims: tuple[Claim, ...] | None,
    actor: Actor,
    now: datetime,
    version: int,
) -> Order:
    """The order that the edit asks for, where the actor may ask and the booking can still change."""
    if not may_see_booking(actor, booking.team_id, booking.owners):
        raise NotFound("booking")
    if not may_edit(actor, booking.team_id, booking.created_by):
        raise Forbidden("Only the team's lead, or who requested the booking, can change it.")
    if booking.version != version:
        raise Stale(booking.version)
    if booking.state not in (State.PENDING, State.CONFIRMED, State.ACTIVE):
        raise IllegalMove(booking.state, "change")
    standing = booking.order()
    if claims is None or set(claims) == set(standing.claims):
        claims = standing.claims
    order = replace(standing, window=window or booking.window, claims=claims)
    if booking.window.start <= now:
        _past_stays(booking, order, now)
    return order


def _past_stays(booking: Booking, order: Order, now: datetime) -> None:
    """A booking that has begun changes its end alone, and to a later moment than now."""
    if order.window.start != booking.window.start:
        raise Invalid("starts_at", "This booking has begun; its start stays. You can change its end.")
    if order.claims != booking.order().claims:
        raise Invalid("claims", "This booking has begun; its units stay. Change its end, or book the addition apart.")
    if order.window.end <= now:
        raise Invalid("ends_at", "This end is past. To end the booking now, finish it.")


def asks_owners(booking: Booking, change: Change) -> bool:
    """Whether a growth waits for an owner, while the booking stands whatever he answers."""
    return bool(change.decision.approvals) and booking.state is not State.PENDING


def no_growth_that_asks(booking: Booking, change: Change) -> None:
    """Conflict where a growth among others would need an owner's approval, as they become one only together."""
    if asks_owners(booking, change):
        raise Conflict(
            "The owner would have to approve this growth, and the booking is %(state)s already."
            " Book the addition apart, so that this one stays as it is.",
            {"state": booking.state.value},
        )
