"""What a booking of a dataset rests on besides quota: accepted terms, a permit where it is restricted, and that the
data of earlier windows is deleted where that is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from booking.domain.refusals import Code, Refusal


@dataclass(frozen=True, slots=True)
class Basis:
    """What is asked for a dataset at this moment, and what of it there is.

    `terms` is the number of the version in force, 0 where there are no terms; `accepted` the highest that who acts has
    accepted; `permitted_until` the end of the team's longest permit; `late_since` when the first attestation of a
    deletion was due that the team still owes.
    """

    terms: int = 0
    accepted: int = 0
    needs_permit: bool = False
    permitted_until: datetime | None = None
    late_since: datetime | None = None

    @property
    def lacks_acceptance(self) -> bool:
        return self.accepted < self.terms

    def put_right(self) -> "Basis":
        """The same once everything is done that can be done at any time: a permit that there is keeps its end."""
        has_permit = self.needs_permit and self.permitted_until is not None
        return replace(self, accepted=self.terms, needs_permit=has_permit, late_since=None)

    def refusals(self, dataset: str, field: str, end: datetime) -> Iterator[Refusal]:
        """Every reason why a booking that ends then has no basis."""
        if self.lacks_acceptance:
            yield Refusal(
                Code.TERMS_NOT_ACCEPTED,
                "Accept version %(version)s of the terms of %(resource)s first; you find them on its page.",
                field,
                {"resource": dataset, "version": self.terms},
            )
        if self.late_since is not None:
            yield Refusal(
                Code.NOT_ELIGIBLE,
                "Your team should have attested by %(due)s that it deleted what it had of %(resource)s. Do so first.",
                field,
                {"resource": dataset, "due": self.late_since},
            )
        if not self.needs_permit:
            return
        if self.permitted_until is None:
            yield Refusal(
                Code.PERMIT_MISSING,
                "%(resource)s is restricted, and your team has no permit for it. Ask for one on its page.",
                field,
                {"resource": dataset},
            )
        elif end > self.permitted_until:
            yield Refusal(
                Code.PERMIT_MISSING,
                "Your team's permit for %(resource)s ends at %(until)s. End the booking by then, or ask for a new one.",
                "ends_at",
                {"resource": dataset, "until": self.permitted_until},
            )
