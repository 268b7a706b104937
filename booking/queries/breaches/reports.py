"""Are reports and attestations those of bookings that are over, of their own team, and decided by somebody?"""

from typing import Any

from sqlalchemy import Select, exists, or_, select

from booking.models.attestations import Attestation
from booking.models.bookings import Booking, Claim
from booking.models.outcomes import Outcome
from booking.queries.breaches import Check, ask

DECIDED = ("returned", "published", "declined")

UNDECIDED = select(Outcome.id).where(Outcome.state.in_(DECIDED), Outcome.decided_by == "").order_by(Outcome.id)
UNSAID = (
    select(Outcome.id)
    .where(Outcome.state != "asked", or_(Outcome.title == "", Outcome.results == ""))
    .order_by(Outcome.id)
)
NOT_CLAIMED = (
    select(Attestation.id)
    .where(
        ~exists().where(
            Claim.booking_id == Attestation.booking_id, Claim.resource_id == Attestation.resource_id
        )
    )
    .order_by(Attestation.id)
)  # fmt: skip


def _asked_too_early(of: type[Outcome] | type[Attestation]) -> Select[*tuple[Any, ...]]:
    over = of.asked_at >= Booking.ended_at
    asked = select(of.id).join(Booking, Booking.id == of.booking_id)
    return asked.where(or_(Booking.ended_at.is_(None), ~over)).order_by(of.id)


def _of_another_team(of: type[Outcome] | type[Attestation]) -> Select[*tuple[Any, ...]]:
    asked = select(of.id).join(Booking, Booking.id == of.booking_id)
    return asked.where(Booking.team_id != of.team_id).order_by(of.id)


CHECKS = (
    Check(5, "reports that were decided on by nobody", ask(UNDECIDED)),
    Check(5, "reports that say nothing", ask(UNSAID)),
    Check(5, "reports of bookings that are not over", ask(_asked_too_early(Outcome))),
    Check(5, "attestations of windows that are not over", ask(_asked_too_early(Attestation))),
    Check(6, "reports of another team's booking", ask(_of_another_team(Outcome))),
    Check(6, "attestations of another team's booking", ask(_of_another_team(Attestation))),
    Check(6, "attestations of a dataset that was not booked", ask(NOT_CLAIMED)),
)
