"""Whose bookings somebody sees in the lists of the API."""

from booking.domain.permissions import Actor, Role, may_administer
from booking.queries.booking_lists import Sight


def sight_of(actor: Actor) -> Sight:
    """Members see their teams', operators and stewards what claims their resources, administrators all."""
    owned = actor.organisations(Role.OPERATOR) | actor.organisations(Role.STEWARD)
    return Sight(teams=actor.teams.keys(), owners=owned, everything=may_administer(actor))
