"""Questions about activities."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking.domain.activities import Activity, ActivityKind
from booking.domain.errors import NotFound
from booking.domain.listings import Filters
from booking.models.activities import Activity as ActivityRow
from booking.models.organisations import Organisation
from booking.models.rows import AnyRow
from booking.queries.offers import offers_model

READ = select(
    ActivityRow.id,
    ActivityRow.slug,
    ActivityRow.name,
    ActivityRow.organisation_id,
    Organisation.slug.label("organisation"),
    Organisation.name.label("organisation_name"),
    ActivityRow.kind,
    ActivityRow.region,
    ActivityRow.place,
    ActivityRow.description,
    ActivityRow.starts_at,
    ActivityRow.ends_at,
).join(Organisation, Organisation.id == ActivityRow.organisation_id)


def find_activity(session: Session, slug: str) -> Activity:
    """The activity of this slug; NotFound where there is none."""
    row = session.execute(READ.where(ActivityRow.slug == slug)).one_or_none()
    if row is None:
        raise NotFound("activity")
    return _activity(row)


def activities(
    session: Session, filters: Filters, *, after: str | None = None, limit: int | None = None
) -> Sequence[Activity]:
    """Activities in the order of their slugs, from behind `after` on."""
    wanted = READ.order_by(ActivityRow.slug).limit(limit)
    if after is not None:
        wanted = wanted.where(ActivityRow.slug > after)
    if filters.words:
        texts = (ActivityRow.name, ActivityRow.slug, ActivityRow.place, ActivityRow.description, Organisation.name)
        wanted = wanted.where(or_(*(text.icontains(filters.words, autoescape=True) for text in texts)))
    if filters.region:
        wanted = wanted.where(ActivityRow.region == filters.region)
    if filters.gpu_model:
        wanted = wanted.where(offers_model(ActivityRow.organisation_id, filters.gpu_model))
    if filters.kind:
        own_kind = filters.kind in {kind.value for kind in ActivityKind}
        wanted = wanted.where((ActivityRow.kind if own_kind else Organisation.kind) == filters.kind)
    return [_activity(row) for row in session.execute(wanted)]


def _activity(row: AnyRow) -> Activity:
    return Activity(
        id=row.id,
        slug=row.slug,
        name=row.name,
        organisation_id=row.organisation_id,
        organisation=row.organisation,
        organisation_name=row.organisation_name,
        kind=row.kind,
        region=row.region,
        place=row.place,
        description=row.description,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )
