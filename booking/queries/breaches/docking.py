"""Does the docking board agree with what is proposed, and does nobody look for a window in vain?"""

from sqlalchemy import select

from booking.domain.lifecycle import State
from booking.models.bookings import Booking
from booking.models.docking import DockingDemand as Demand
from booking.queries.breaches import Check, ask
from booking.queries.breaches.standing import in_vain

PROPOSED_OTHERWISE = (
    select(Demand.id)
    .join(Booking, Booking.id == Demand.booking_id)
    .where((Demand.state == "matched") != (Booking.state == State.OFFERED.value))
    .order_by(Demand.id)
)
OF_ANOTHER_TEAM = (
    select(Demand.id)
    .join(Booking, Booking.id == Demand.booking_id)
    .where(Booking.team_id != Demand.team_id)
    .order_by(Demand.id)
)

CHECKS = (
    Check(5, "demands whose proposal stands otherwise than they say", ask(PROPOSED_OTHERWISE)),
    Check(6, "demands with another team's booking", ask(OF_ANOTHER_TEAM)),
    Check(8, "demands that stand in vain", in_vain(Demand, Demand.state == "open", Demand.seconds)),
)
