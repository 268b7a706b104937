"""Terms of datasets as the API takes and gives them."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from booking.domain.terms import LONGEST_TERMS, Acceptance, Change, Difference, NewTerms, TermsVersion
from booking.schemas.base import Body, Instant, Query, Shape

Text = Annotated[str, StringConstraints(min_length=1, max_length=2 * LONGEST_TERMS)]


class NewTermsBody(Body):
    """What a new version says, and from when on it counts."""

    text: Text
    effective_at: Instant | None = Field(None, description="At once where it is left out.")
    urgent: bool = Field(False, description="Whether windows that run then need its acceptance as well.")

    def asked(self) -> NewTerms:
        """The same as the service takes it."""
        return NewTerms(self.text, self.effective_at, self.urgent)


class TermsShape(Shape):
    """A version of a dataset's terms."""

    number: int
    text: str
    effective_at: datetime
    urgent: bool
    published_at: datetime | None
    in_force: bool
    accepted: bool = Field(description="Whether who asks has accepted this version or a later one.")

    @staticmethod
    def of(version: TermsVersion, *, in_force: int, accepted: int) -> "TermsShape":
        return TermsShape(
            number=version.number,
            text=version.text,
            effective_at=version.effective_at,
            urgent=version.urgent,
            published_at=version.published_at,
            in_force=version.number == in_force,
            accepted=version.number <= accepted,
        )


class VersionsShape(Shape):
    """Every version of a dataset's terms, the first at the top."""

    items: list[TermsShape]


class SinceVersion(Query):
    """The version with which another is compared."""

    since: int | None = Field(None, ge=1, le=1_000_000, description="The version before where it is left out.")


class DifferenceShape(Shape):
    """Neighbouring lines of which the same became."""

    change: Change
    lines: list[str]

    @staticmethod
    def of(difference: Difference) -> "DifferenceShape":
        return DifferenceShape(change=difference.change, lines=list(difference.lines))


class DifferencesShape(Shape):
    """What changed between two versions."""

    since: int
    number: int
    differences: list[DifferenceShape]


class AcceptanceShape(Shape):
    """Who accepted which version."""

    number: int
    by: str
    at: datetime

    @staticmethod
    def of(acceptance: Acceptance) -> "AcceptanceShape":
        return AcceptanceShape(number=acceptance.number, by=acceptance.email, at=acceptance.at)
