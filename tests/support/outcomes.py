"""Bookings that are over, and the reports that are asked for after them."""

from datetime import datetime, timedelta

from booking.domain.outcomes import Report
from booking.domain.windows import Window
from booking.services.bookings import request_booking
from booking.services.due_bookings import complete_due, start_due
from booking.services.outcomes import ask_due, submit_outcome
from tests.support.world import World

HOUR = timedelta(hours=1)
REPORT = Report("Lights that see", "Delays fell by a fifth.\nSee the paper.", 8 * 3600, ("https://example.org/paper",))


def used(world: World, now: datetime, *, seats: int = 0, team: int = 0) -> int:
    """A booking of 8 GPUs for two hours that ended an hour ago."""
    start = now.replace(minute=0, second=0, microsecond=0) - 3 * HOUR
    order = world.order(Window(start, start + 2 * HOUR), 8, seats=seats, team=team)
    actor = world.rival if team == world.rival_team else world.lead
    booking = request_booking(order, actor=actor, now=start - HOUR)
    start_due(start)
    complete_due(start + 2 * HOUR)
    return booking.id


def asked(world: World, now: datetime, **more: int) -> int:
    """The report that is asked for after such a booking, the first of its world."""
    used(world, now, **more)
    assert ask_due(now).items == 1
    return 1


def submitted(world: World, now: datetime) -> int:
    """The same once it is written."""
    outcome_id = asked(world, now)
    submit_outcome(outcome_id, REPORT, actor=world.member, now=now)
    return outcome_id
