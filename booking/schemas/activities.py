"""Activities and who takes part in them, as the API takes and gives them."""

from datetime import datetime

from booking.domain.activities import Activity, ActivityKind
from booking.domain.activities import NewActivity as Wanted
from booking.domain.enrolments import Enrolment, EnrolmentState
from booking.domain.errors import Invalid
from booking.domain.windows import Window
from booking.schemas.base import Body, Instant, Line, Reference, Shape, Slug
from booking.schemas.teams import Reason


class ActivityShape(Shape):
    """An announced event; a training is a session of a course. `places` null: as many as come."""

    id: str
    slug: str
    name: str
    organisation: str
    kind: ActivityKind
    region: str
    place: str
    description: str
    starts_at: datetime
    ends_at: datetime
    course: str | None
    places: int | None
    free: int | None
    enrolled: int
    waiting: int
    enrol_until: datetime | None
    cancelled_at: datetime | None

    @staticmethod
    def of(activity: Activity) -> "ActivityShape":
        return ActivityShape(
            id=activity.slug,
            slug=activity.slug,
            name=activity.name,
            organisation=activity.organisation,
            kind=ActivityKind(activity.kind),
            region=activity.region,
            place=activity.place,
            description=activity.description,
            starts_at=activity.starts_at,
            ends_at=activity.ends_at,
            course=activity.course,
            places=activity.places,
            free=activity.free,
            enrolled=activity.enrolled,
            waiting=activity.waiting,
            enrol_until=activity.enrol_until,
            cancelled_at=activity.cancelled_at,
        )


class NewActivity(Body):
    """What is announced; `course` where it is a training, `team` whose bookings are set aside for who has a place."""

    name: Line
    slug: Slug
    organisation: Reference
    kind: ActivityKind
    region: Line
    place: Line
    description: str = ""
    starts_at: Instant
    ends_at: Instant
    places: int | None = None
    enrol_until: Instant | None = None
    course: Reference | None = None
    team: Reference | None = None

    def wanted(self) -> Wanted:
        """The same as the service takes it; Invalid where the window is empty."""
        if self.ends_at <= self.starts_at:
            raise Invalid("ends_at", "The end is not after the start.")
        return Wanted(
            self.name, self.slug, self.organisation, self.kind, self.region, self.place, self.description,
            Window(self.starts_at, self.ends_at), self.places, self.enrol_until, self.course, self.team,
        )  # fmt: skip


class Places(Body):
    """How many can come; null for as many as come."""

    places: int | None


class Why(Body):
    """The reason that those who are concerned read."""

    reason: Reason


class NewEnrolment(Body):
    """Whether who comes too late waits for a place."""

    waits: bool = False


class Attendance(Body):
    """Whether somebody was there."""

    attended: bool


class EnrolmentShape(Shape):
    """One person's part in an activity; `attended` is null until the organiser has said."""

    id: str
    activity: str
    person: str
    state: EnrolmentState
    enrolled_at: datetime
    attended: bool | None

    @staticmethod
    def of(enrolment: Enrolment) -> "EnrolmentShape":
        return EnrolmentShape(
            id=str(enrolment.id),
            activity=enrolment.activity,
            person=enrolment.email,
            state=enrolment.state,
            enrolled_at=enrolment.enrolled_at,
            attended=enrolment.attended,
        )


class EnrolmentsShape(Shape):
    """Who takes part, and who waits, in the order in which they came."""

    items: list[EnrolmentShape]
