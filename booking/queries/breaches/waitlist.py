"""Does the wait list agree with what it offers, and does nobody wait in vain?

Whether somebody who waits could have what is free is not asked here: that is decided whenever a resource that owes a
look is served, and time itself may open a window between two looks.
"""

from sqlalchemy import exists, or_, select

from booking.domain.lifecycle import State
from booking.models.bookings import Booking, Claim
from booking.models.waitlist import WaitlistEntry as Entry
from booking.queries.breaches import Check, ask
from booking.queries.breaches.standing import in_vain

OFFERED_OTHERWISE = (
    select(Entry.id)
    .join(Booking, Booking.id == Entry.booking_id)
    .where((Entry.state == "offered") != (Booking.state == State.OFFERED.value))
    .order_by(Entry.id)
)
OF_ANOTHER_TEAM = (
    select(Entry.id)
    .join(Booking, Booking.id == Entry.booking_id)
    .where(Booking.team_id != Entry.team_id)
    .order_by(Entry.id)
)
OF_SOMETHING_ELSE = (
    select(Entry.id)
    .join(Booking, Booking.id == Entry.booking_id)
    .where(
        Entry.state == "offered",
        or_(
            ~exists().where(
                Claim.booking_id == Booking.id,
                or_(Entry.resource_id.is_(None), Claim.resource_id == Entry.resource_id),
            ),
            Entry.dataset_id.is_not(None)
            & ~exists().where(Claim.booking_id == Booking.id, Claim.resource_id == Entry.dataset_id),
        ),
    )
    .order_by(Entry.id)
)

CHECKS = (
    Check(5, "wait-list entries whose offer stands otherwise than they say", ask(OFFERED_OTHERWISE)),
    Check(6, "wait-list entries with another team's booking", ask(OF_ANOTHER_TEAM)),
    Check(6, "wait-list entries that are offered something else", ask(OF_SOMETHING_ELSE)),
    Check(8, "wait-list entries that wait in vain", in_vain(Entry, Entry.state == "waiting", Entry.min_seconds)),
)
