"""Notices as the API gives them, and how somebody says how to be told."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from booking.domain.digests import Preferences
from booking.domain.notices import Way
from booking.schemas.base import Body, Page, Shape

Id = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")]


class NoticeFilter(Page):
    """Which of one's notices."""

    unread: bool = Field(False, description="Only those that have not been read.")


class NoticeShape(Shape):
    """One notice: the event, what it is about, and what was so when it was written."""

    id: str
    event: str
    about: str
    at: datetime
    read_at: datetime | None
    way: Way
    said: dict[str, Any]


class ReadNotices(Body):
    """Which notices have been read; all of them where none is named."""

    notices: Annotated[list[Id], Field(max_length=200)] | None = None


class UnreadShape(Shape):
    """How many notices are left unread."""

    unread: int


class NewPreferences(Body):
    """How to be told; what is left out stays as it is."""

    hour: Annotated[int, Field(ge=0, le=23)] | None = None
    timezone: str | None = None
    ways: dict[str, Way] = Field(default_factory=dict, description="By event: mail, digest or page.")

    def asked(self, standing: Preferences) -> Preferences:
        """The preferences with what is given in their place."""
        return Preferences(
            standing.hour if self.hour is None else self.hour,
            standing.timezone if self.timezone is None else self.timezone,
            self.ways,
        )


class PreferencesShape(Shape):
    """The hour and zone of the summary of a day, and by event how one is told."""

    hour: int
    timezone: str
    ways: dict[str, Way]
