"""Activities as the API gives them."""

from datetime import datetime

from booking.domain.activities import Activity, ActivityKind
from booking.schemas.base import Shape


class ActivityShape(Shape):
    """An announced event."""

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
        )
