"""Writes of bookings: what is admitted, what moves, and what an end gives back.

Everything here expects the locks of its resources, its team's grants and the booking, in this order.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Integer, Select, bindparam, func, insert, select, update

from booking.changes import grants, outbox, steps
from booking.changes.grants import Posting
from booking.changes.steps import Block, Part
from booking.changes.waitlist import FREE
from booking.domain.bookings import Booking
from booking.domain.capacity import Steps, Stretch
from booking.domain.ledger import Entry, Line, Terms, settle
from booking.domain.lifecycle import State
from booking.domain.orders import Decision, Order
from booking.domain.series import subject_of
from booking.domain.windows import Window, ceil_to_grid
from booking.models.bookings import Booking as BookingRow
from booking.models.bookings import Claim as ClaimRow
from booking.models.bookings import History
from booking.models.resources import Resource

BOOKING = insert(BookingRow).inline()
NEW_IDS: dict[str, Select[int]] = {
    "postgresql": select(func.nextval("bookings_id_seq").label("id")).select_from(
        func.generate_series(1, bindparam("number", type_=Integer))
    ),
    # Whoever writes to SQLite is alone, so that nobody else takes what follows the last.
    "sqlite": select((func.coalesce(func.max(BookingRow.id), 0) + bindparam("number", type_=Integer)).label("id")),
}
CLAIM = insert(ClaimRow).inline()
MOVE = insert(History).inline()
SETTLE = (
    update(BookingRow)
    .where(BookingRow.id == bindparam("booking"))
    .values(state=bindparam("to"), version=BookingRow.version + 1, ended_at=bindparam("ended"))
)
TOUCH = update(Resource).where(Resource.id == bindparam("of")).values(version=Resource.version + 1)
OCCUPY = (
    update(ClaimRow)
    .where(ClaimRow.booking_id == bindparam("booking"), ClaimRow.resource_id == bindparam("of"))
    .values(starts_at=bindparam("since"), ends_at=bindparam("until"))
)


Held = Mapping[int, Sequence[Stretch]]


@dataclass(frozen=True, slots=True)
class Admitted:
    """An order that the evaluator has let in, and who asked for it when, and why where someone else did.

    `event` is what its readers are told, where that is more than its state. One of a series says which series, and the
    date that it stands for.
    """

    order: Order
    decision: Decision
    by: str
    user_id: int | None
    at: datetime
    reason: str = ""
    event: str = ""
    series_id: int | None = None
    occurrence: date | None = None


def new_ids(connection: Connection, number: int) -> Iterable[int]:
    """Ids for up to so many new bookings, taken before it is known how many there will be; some may stay unused."""
    found = connection.scalars(NEW_IDS[connection.dialect.name], {"number": number})
    ids = list(found)
    return range(ids[0] - number + 1, ids[0] + 1) if connection.dialect.name == "sqlite" else ids


def book(connection: Connection, numbered: Sequence[tuple[int, Admitted]], held: Held) -> None:
    """Write new bookings under their ids, with what they hold and tell: claims, ledger, steps, history, outbox rows.

    Nothing here is read. `held` are the levels of every claimed resource around these windows, as read under the locks.
    """
    connection.execute(BOOKING, [_booking(booking_id, one) for booking_id, one in numbered])
    connection.execute(CLAIM, [claim for booking_id, one in numbered for claim in _claims(booking_id, one)])
    grants.post(connection, [posting for booking_id, one in numbered for posting in _holds(booking_id, one)])
    steps.shift_all(connection, _parts([one for _, one in numbered], held))
    connection.execute(TOUCH, [{"of": resource_id} for resource_id in sorted(held)])
    connection.execute(MOVE, [_first_move(booking_id, one) for booking_id, one in numbered])
    outbox.tell_all(connection, [_first_notice(booking_id, one) for booking_id, one in numbered])


def _booking(booking_id: int, one: Admitted) -> dict[str, Any]:
    return {
        "id": booking_id,
        "team_id": one.order.team_id,
        "state": one.decision.state.value,
        "starts_at": one.order.window.start,
        "ends_at": one.order.window.end,
        "purpose": one.order.purpose,
        "hold_until": one.decision.hold_until,
        "check_in_from": one.decision.check_in_from,
        "check_in_until": one.decision.check_in_until,
        "version": 1,
        "unit_seconds": one.order.unit_seconds,
        "created_at": one.at,
        "created_by": one.user_id,
        "series_id": one.series_id,
        "occurrence": one.occurrence,
    }


def _claims(booking_id: int, one: Admitted) -> list[dict[str, Any]]:
    window = one.order.window
    return [
        {
            "booking_id": booking_id,
            "resource_id": claim.resource_id,
            "units": claim.units,
            "least_units": claim.least_units,
            "starts_at": window.start,
            "ends_at": window.end if one.decision.holds else window.start,
            **_terms(one.decision.terms[claim.resource_id]),
            "approval": "waiting" if claim.resource_id in one.decision.approvals else "none",
        }
        for claim in one.order.claims
    ]


def _terms(terms: Terms) -> dict[str, Any]:
    return {
        "unit_seconds": terms.whole,
        "weight_percent": terms.weight_percent,
        "cancel_cutoff_minutes": terms.cancel_cutoff_minutes,
        "late_cancel_percent": terms.late_cancel_percent,
        "charge": terms.charge.value,
        "min_charge_percent": terms.min_charge_percent,
    }


def _holds(booking_id: int, one: Admitted) -> list[Posting]:
    return [
        Posting(Entry.HOLD, line, one.at, one.by, booking_id=booking_id, resource_id=resource_id)
        for resource_id, lines in one.decision.lines.items()
        for line in lines
    ]


def _parts(admitted: Sequence[Admitted], held: Held) -> Iterator[Part]:
    """What is taken of each resource, stretch by stretch; each window lies within one of them."""
    for resource_id, stretches in held.items():
        starts = [stretch.window.start for stretch in stretches]
        blocks: list[list[Block]] = [[] for _ in stretches]
        for one in admitted:
            units = one.order.units_of(resource_id)
            if units and one.decision.holds:
                place = bisect_right(starts, one.order.window.start) - 1
                blocks[place].append(Block(one.order.window, units))
        for stretch, own in zip(stretches, blocks, strict=True):
            yield Part(resource_id, own, stretch.levels)


def _first_move(booking_id: int, one: Admitted) -> dict[str, Any]:
    return _move(booking_id, one.at, None, one.decision.state, one.by, one.reason)


def _first_notice(booking_id: int, one: Admitted) -> outbox.Row:
    told_by = subject_of(one.series_id) if one.series_id else ""
    return _notice(booking_id, one.event or one.decision.state.value, _said(one.by, told_by), one.at)


def _move(booking_id: int, at: datetime, before: State | None, after: State, by: str, reason: str) -> dict[str, Any]:
    return {
        "booking_id": booking_id,
        "at": at,
        "from_state": before.value if before else None,
        "to_state": after.value,
        "by": by,
        "reason": reason,
    }


def _notice(booking_id: int, event: str, payload: Mapping[str, Any], now: datetime) -> outbox.Row:
    return outbox.row("notices", f"booking:{booking_id}", event, payload, now=now, booking_id=booking_id)


def _said(by: str, told_by: str, **more: Any) -> dict[str, Any]:
    """The payload of a notice; `told_by` names what people are told of it by, together with others."""
    return {"by": by, **more, **({"told_by": told_by} if told_by else {})}


def record(
    connection: Connection,
    booking: Booking,
    to: State,
    *,
    now: datetime,
    by: str,
    reason: str = "",
    event: str = "",
    told_by: str = "",
    **columns: Any,
) -> None:
    """Write a booking's new state with its history row and its outbox row; `columns` change along with it.

    `told_by` is the subject of the one notice that tells people of this and of others together.
    """
    values: dict[str, Any] = {"state": to.value, "version": booking.version + 1, **columns}
    connection.execute(update(BookingRow).where(BookingRow.id == booking.id).values(**values))
    connection.execute(MOVE, [_move(booking.id, now, booking.state, to, by, reason)])
    said = _said(by, told_by, reason=reason)
    outbox.tell_all(connection, [_notice(booking.id, event or to.value, said, now)])


def record_all(
    connection: Connection,
    bookings: Sequence[Booking],
    to: State,
    *,
    now: datetime,
    by: str,
    reason: str,
    ended_at: datetime | None = None,
) -> None:
    """The same for many confirmed or active bookings by three statements."""
    said = _said(by, "", reason=reason)
    connection.execute(SETTLE, [{"booking": one.id, "to": to.value, "ended": ended_at} for one in bookings])
    connection.execute(MOVE, [_move(one.id, now, one.state, to, by, reason) for one in bookings])
    outbox.tell_all(connection, [_notice(one.id, to.value, said, now) for one in bookings])


def settle_claims(
    connection: Connection,
    booking: Booking,
    held: Mapping[int, tuple[Line, ...]],
    prices: Mapping[int, int],
    *,
    now: datetime,
    by: str,
    reason: str = "",
) -> None:
    """Charge each claim its price out of what it holds, and release the rest."""
    settle_all(connection, [(booking, held, prices)], now=now, by=by, reason=reason)


def settle_all(
    connection: Connection,
    ended: Iterable[tuple[Booking, Mapping[int, tuple[Line, ...]], Mapping[int, int]]],
    *,
    now: datetime,
    by: str,
    reason: str,
) -> None:
    """The same for many bookings, each with what it holds and the prices of its claims."""
    postings = []
    for booking, held, prices in ended:
        for resource_id, lines in held.items():
            charges, releases = settle(lines, prices.get(resource_id, 0))
            for kind, settled in ((Entry.CHARGE, charges), (Entry.RELEASE, releases)):
                postings += [Posting(kind, line, now, by, reason, booking.id, resource_id) for line in settled]
    grants.post(connection, postings)


def vacate(connection: Connection, booking: Booking, levels: Mapping[int, Steps], *, now: datetime) -> None:
    """Give back the units that a booking occupies from the next grid instant on; what is past stays as it was."""
    for claim in booking.claims:
        if claim.occupied is None:
            continue
        start, end = claim.occupied.start, claim.occupied.end
        freed = min(end, max(start, ceil_to_grid(now, claim.grid_minutes)))
        if freed < end:
            steps.shift(
                connection, claim.resource_id, [Block(Window(freed, end), -claim.units)], levels[claim.resource_id]
            )
            connection.execute(OCCUPY, {"booking": booking.id, "of": claim.resource_id, "since": start, "until": freed})
    connection.execute(FREE, [{"of": resource_id} for resource_id in sorted(booking.resource_ids)])


def give_approval(connection: Connection, booking_id: int, resource_ids: frozenset[int]) -> None:
    """Note the owners' yes for some claimed resources."""
    connection.execute(
        update(ClaimRow)
        .where(ClaimRow.booking_id == booking_id, ClaimRow.resource_id.in_(resource_ids))
        .values(approval="given")
    )


def hold_now(
    connection: Connection,
    booking: Booking,
    decision: Decision,
    levels: Mapping[int, Steps],
    *,
    now: datetime,
    by: str,
) -> None:
    """Take the share of a booking that has waited without holding anything, at the terms of this moment."""
    grants.post(
        connection,
        [
            Posting(Entry.HOLD, line, now, by, booking_id=booking.id, resource_id=resource_id)
            for resource_id, lines in decision.lines.items()
            for line in lines
        ],
    )
    window = booking.window
    for claim in booking.claims:
        steps.shift(connection, claim.resource_id, [Block(window, claim.units)], levels[claim.resource_id])
        terms = {**_terms(decision.terms[claim.resource_id]), "starts_at": window.start, "ends_at": window.end}
        its = (ClaimRow.booking_id == booking.id, ClaimRow.resource_id == claim.resource_id)
        connection.execute(update(ClaimRow).where(*its).values(**terms))
    connection.execute(TOUCH, [{"of": resource_id} for resource_id in sorted(booking.resource_ids)])


def offer_instead(connection: Connection, booking_id: int, counter_of: int) -> None:
    """Note which request an offer is the answer to."""
    connection.execute(update(BookingRow).where(BookingRow.id == booking_id).values(counter_of=counter_of))


def notify(connection: Connection, booking_id: int, event: str, *, now: datetime, **payload: Any) -> None:
    """Have the readers of a booking told of something that is no move."""
    outbox.tell_all(connection, [_notice(booking_id, event, payload, now)])
