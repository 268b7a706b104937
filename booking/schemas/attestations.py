"""Attestations as the API takes and gives them."""

from datetime import datetime

from pydantic import Field

from booking.domain.attestations import Attestation
from booking.schemas.base import Body, Page, Reference, Shape, Words


class StatementBody(Body):
    """What a team says when it has deleted the data."""

    statement: Words = Field(description="What was deleted, and where.")


class AttestationFilter(Page):
    """Which attestations are wanted: of a team, of a dataset, those given or those still owed."""

    team: Reference | None = None
    dataset: Reference | None = None
    given: bool | None = None


class AttestationShape(Shape):
    """What a team owes or has given for one dataset after one booking; owed while `attested_at` is null."""

    id: str
    booking: str
    team: str
    dataset: str
    starts_at: datetime
    ends_at: datetime
    asked_at: datetime
    due_at: datetime
    attested_at: datetime | None
    attested_by: str
    statement: str

    @staticmethod
    def of(one: Attestation) -> "AttestationShape":
        return AttestationShape(
            id=str(one.id),
            booking=str(one.booking_id),
            team=one.team,
            dataset=one.dataset,
            starts_at=one.window.start,
            ends_at=one.window.end,
            asked_at=one.asked_at,
            due_at=one.due_at,
            attested_at=one.attested_at,
            attested_by=one.attested_by,
            statement=one.statement,
        )
