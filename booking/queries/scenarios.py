"""Questions about scenarios."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from booking.domain.errors import NotFound
from booking.domain.listings import Filters
from booking.domain.permissions import Actor, may_publish_scenario
from booking.domain.scenarios import Category, Scenario
from booking.models.organisations import Organisation
from booking.models.rows import AnyRow
from booking.models.scenarios import Scenario as ScenarioRow
from booking.queries.offers import offers_model

READ = select(
    ScenarioRow.id,
    ScenarioRow.slug,
    ScenarioRow.name,
    ScenarioRow.organisation_id,
    Organisation.slug.label("organisation"),
    Organisation.name.label("organisation_name"),
    ScenarioRow.category,
    ScenarioRow.region,
    ScenarioRow.description,
    ScenarioRow.published_at,
).join(Organisation, Organisation.id == ScenarioRow.organisation_id)


def find_scenario(session: Session, slug: str, *, actor: Actor, now: datetime) -> Scenario:
    """The scenario of this slug; NotFound too for one that is not published yet, to all but its owner."""
    row = session.execute(READ.where(ScenarioRow.slug == slug)).one_or_none()
    if row is None:
        raise NotFound("scenario")
    scenario = _scenario(row)
    published = scenario.published_at is not None and scenario.published_at <= now
    if not published and not may_publish_scenario(actor, scenario.organisation_id):
        raise NotFound("scenario")
    return scenario


def scenarios(
    session: Session, filters: Filters, *, now: datetime, after: str | None = None, limit: int | None = None
) -> Sequence[Scenario]:
    """Published scenarios in the order of their slugs, from behind `after` on; their kind is the category."""
    wanted = READ.where(ScenarioRow.published_at <= now).order_by(ScenarioRow.slug).limit(limit)
    if after is not None:
        wanted = wanted.where(ScenarioRow.slug > after)
    if filters.words:
        texts = (ScenarioRow.name, ScenarioRow.slug, ScenarioRow.description, Organisation.name)
        wanted = wanted.where(or_(*(text.icontains(filters.words, autoescape=True) for text in texts)))
    if filters.region:
        wanted = wanted.where(ScenarioRow.region == filters.region)
    if filters.gpu_model:
        wanted = wanted.where(offers_model(ScenarioRow.organisation_id, filters.gpu_model))
    if filters.kind:
        in_category = filters.kind in {category.value for category in Category}
        wanted = wanted.where((ScenarioRow.category if in_category else Organisation.kind) == filters.kind)
    return [_scenario(row) for row in session.execute(wanted)]


def _scenario(row: AnyRow) -> Scenario:
    return Scenario(
        id=row.id,
        slug=row.slug,
        name=row.name,
        organisation_id=row.organisation_id,
        organisation=row.organisation,
        organisation_name=row.organisation_name,
        category=row.category,
        region=row.region,
        description=row.description,
        published_at=row.published_at,
    )
