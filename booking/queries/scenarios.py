"""Questions about scenarios."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from booking.domain.entries import Category, Content, EntryState
from booking.domain.errors import NotFound
from booking.domain.listings import Filters
from booking.domain.permissions import Actor, may_see_scenario
from booking.domain.scenarios import Scenario, Version
from booking.models.editions import Edition, ScenarioVersion
from booking.models.organisations import Organisation
from booking.models.rows import AnyRow
from booking.models.scenarios import Scenario as ScenarioRow
from booking.queries.offers import offers_model

Before = aliased(ScenarioRow)
READ = (
    select(
        ScenarioRow,
        Organisation.slug.label("organisation"),
        Organisation.name.label("organisation_name"),
        Edition.number.label("edition"),
        Edition.closes_at,
        func.coalesce(Edition.quorum, 1).label("quorum"),
        func.coalesce(Before.slug, "").label("continues"),
    )
    .join(Organisation, Organisation.id == ScenarioRow.organisation_id)
    .outerjoin(Edition, Edition.id == ScenarioRow.edition_id)
    .outerjoin(Before, Before.id == ScenarioRow.continues_id)
    .execution_options(populate_existing=True)
)


def find_scenario(session: Session, slug: str, *, actor: Actor, now: datetime) -> Scenario:
    """The scenario of this slug; NotFound too for one that is not published, to all but its owner and reviewers."""
    row = session.execute(READ.where(ScenarioRow.slug == slug)).one_or_none()
    if row is None:
        raise NotFound("scenario")
    scenario = _scenario(row)
    if not scenario.is_public(now) and not may_see_scenario(actor, scenario.organisation_id):
        raise NotFound("scenario")
    return scenario


def scenario_by_id(session: Session, scenario_id: int) -> Scenario:
    """A scenario by number, whoever asks; NotFound where there is none."""
    row = session.execute(READ.where(ScenarioRow.id == scenario_id)).one_or_none()
    if row is None:
        raise NotFound("scenario")
    return _scenario(row)


def lock_scenario(session: Session, slug: str) -> ScenarioRow:
    """A scenario's row, locked against others who change it; NotFound where there is none. Teams can still name it."""
    chosen = select(ScenarioRow).where(ScenarioRow.slug == slug).with_for_update(key_share=True, of=ScenarioRow)
    row = session.scalars(chosen.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("scenario")
    return row


def entries_of(session: Session, edition_id: int, *, actor: Actor, now: datetime) -> list[Scenario]:
    """The entries of an edition that the actor may read, by slug: the published, one's own, all for reviewers."""
    rows = session.execute(READ.where(ScenarioRow.edition_id == edition_id).order_by(ScenarioRow.slug))
    found = [_scenario(row) for row in rows]
    return [one for one in found if one.is_public(now) or may_see_scenario(actor, one.organisation_id)]


def published_entries(session: Session, number: int, now: datetime) -> list[Scenario]:
    """What everybody reads of the edition of this number, by slug; nothing where there is no such edition."""
    rows = session.execute(READ.where(Edition.number == number).order_by(ScenarioRow.slug))
    return [one for one in map(_scenario, rows) if one.is_public(now)]


def entry_rows(session: Session, edition_id: int, state: EntryState) -> Sequence[ScenarioRow]:
    """The rows of an edition's entries in a state, locked in the order of their ids."""
    chosen = select(ScenarioRow).where(ScenarioRow.edition_id == edition_id, ScenarioRow.state == state.value)
    locked = chosen.order_by(ScenarioRow.id).with_for_update(key_share=True)
    return session.scalars(locked.execution_options(populate_existing=True)).all()


def versions_of(session: Session, scenario_id: int) -> list[Version]:
    """What an entry said before, the last first."""
    chosen = select(ScenarioVersion).where(ScenarioVersion.scenario_id == scenario_id)
    return [
        Version(row.version, Content.read(row.content), row.replaced_at, row.replaced_by, row.reason)
        for row in session.scalars(chosen.order_by(ScenarioVersion.version.desc()))
    ]


def content_of(row: ScenarioRow) -> Content:
    """What an entry's row says."""
    return Content(
        name=row.name,
        category=Category(row.category),
        region=row.region,
        description=row.description,
        field=row.field,
        gpu_hours=row.gpu_hours,
        gpu_models=tuple(row.gpu_models),
        datasets=tuple(row.datasets),
        skills=tuple(row.skills),
        contact=row.contact,
        links=tuple(row.links),
    )


def scenarios(
    session: Session,
    filters: Filters,
    *,
    now: datetime,
    edition: int | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Sequence[Scenario]:
    """Published scenarios in the order of their slugs, from behind `after` on; their kind is the category.

    `edition` is the number of a list, None for what stands in any or none.
    """
    wanted = READ.where(ScenarioRow.published_at <= now).order_by(ScenarioRow.slug).limit(limit)
    if edition is not None:
        wanted = wanted.where(Edition.number == edition)
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


def _scenario(found: AnyRow) -> Scenario:
    row: ScenarioRow = found.Scenario
    return Scenario(
        id=row.id,
        slug=row.slug,
        organisation_id=row.organisation_id,
        organisation=found.organisation,
        organisation_name=found.organisation_name,
        content=content_of(row),
        published_at=row.published_at,
        state=EntryState(row.state),
        version=row.version,
        reason=row.reason,
        edition=found.edition,
        edition_id=row.edition_id,
        closes_at=found.closes_at,
        continues=found.continues,
        quorum=found.quorum,
    )
