"""Courses that people complete, and for how long that counts."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from booking.domain.errors import Invalid
from booking.domain.facilities import LONGEST_DESCRIPTION
from booking.domain.lines import clean_line
from booking.domain.slugs import clean_slug
from booking.domain.texts import clean_text

MOST_VALID_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class NewCourse:
    """What is asked for a new course of an organisation, which is named by its slug.

    A completion counts for `valid_days`, or for ever (None).
    """

    name: str
    slug: str
    organisation: str
    description: str = ""
    valid_days: int | None = None

    def checked(self) -> "NewCourse":
        """The same in the form in which it is kept; Invalid names the field that cannot be meant."""
        if self.valid_days is not None and not 1 <= self.valid_days <= MOST_VALID_DAYS:
            raise Invalid("valid_days", "Say from 1 to %(most)s days, or nothing.", {"most": MOST_VALID_DAYS})
        return replace(
            self,
            name=clean_line(self.name, "name"),
            slug=clean_slug(self.slug),
            description=clean_text(self.description, "description", most=LONGEST_DESCRIPTION),
        )


@dataclass(frozen=True, slots=True)
class Course:
    """A course as people read it; its owner by id, slug and name."""

    id: int
    slug: str
    name: str
    organisation_id: int
    organisation: str
    organisation_name: str
    description: str
    valid_days: int | None

    def expiry(self, completed_at: datetime) -> datetime | None:
        """Until when a completion of that time counts; None for ever."""
        return None if self.valid_days is None else completed_at + timedelta(days=self.valid_days)


@dataclass(frozen=True, slots=True)
class Completion:
    """That somebody has completed a course, and until when it counts (None: for ever)."""

    id: int
    course: str
    course_name: str
    organisation_id: int
    user_id: int
    email: str
    name: str
    completed_at: datetime
    expires_at: datetime | None
    recorded_by: str
    revoked_at: datetime | None = None
    reason: str = ""
