"""What owners' verbs share: who may answer for a waiting booking, and for what of it."""

from booking.domain.bookings import Booking
from booking.domain.errors import Conflict, Forbidden, IllegalMove, NotFound
from booking.domain.lifecycle import State
from booking.domain.permissions import Actor, may_decide, may_see_booking


def must_see(actor: Actor, booking: Booking) -> None:
    """NotFound where the booking is none of the actor's business."""
    if not may_see_booking(actor, booking.team_id, booking.owners):
        raise NotFound("booking")


def looked_after(actor: Actor, booking: Booking) -> frozenset[int]:
    """The claimed resources that the actor decides on."""
    return frozenset(
        claim.resource_id for claim in booking.claims if may_decide(actor, claim.organisation_id, claim.kind)
    )


def must_decide(actor: Actor, booking: Booking, verb: str) -> frozenset[int]:
    """The waiting resources that the actor may answer for; IllegalMove, Forbidden or NotFound where there are none."""
    must_see(actor, booking)
    own = looked_after(actor, booking)
    if not own:
        raise Forbidden("Only who looks after a claimed resource can answer for it.")
    if booking.state is not State.PENDING:
        raise IllegalMove(booking.state, verb)
    answered = own & booking.waiting_for
    if not answered:
        raise Conflict("Your answer is given already; others are still to answer.")
    return answered
