"""Questions of the public catalogue: what can be booked where, one page at a time."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, func, literal, literal_column, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from booking.models.activities import Activity
from booking.models.facilities import Facility
from booking.models.organisations import Organisation
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.models.scenarios import Scenario

PUBLISHED = "published"
MOST_WORDS = 8

# What queries/capacity.py and queries/outlooks.py need to know of a resource, and what a card of the catalogue shows.
LINE = (
    Resource.id,
    Resource.kind,
    Resource.name,
    Resource.slug,
    Resource.state,
    Resource.organisation_id,
    Resource.facility_id,
    Resource.gpu_model,
    Resource.gpu_memory_gib,
    Resource.seats,
    Resource.access,
    Resource.licence,
    Resource.grid_minutes,
    Resource.policy,
    Resource.version,
    Resource.offer_version,
)
PLACE = (
    Facility.name.label("facility_name"),
    Facility.slug.label("facility"),
    Facility.region,
    Facility.place,
    Facility.timezone,
)
OWNER = (Organisation.name.label("owner_name"), Organisation.slug.label("owner"))


Facet = ColumnElement[Any] | InstrumentedAttribute[Any]
# By which a list of the catalogue is narrowed, and in which texts of it words are looked for.
# Written out, because what is grouped by must be word for word what is selected.
OPENING: ColumnElement[str] = literal_column(
    "CASE WHEN resources.id IS NOT NULL THEN coalesce(resources.policy ->> 'opening', 'free') END", String
)
REGION = func.coalesce(Facility.region, Organisation.region)
FACETS: dict[str, dict[str, Facet]] = {
    "pool": {"region": REGION, "gpu_model": Resource.gpu_model, "opening": OPENING, "owner": Organisation.kind},
    "dataset": {"region": REGION, "access": Resource.access, "owner": Organisation.kind},
    "scenario": {"region": Scenario.region, "category": Scenario.category, "owner": Organisation.kind},
    "activity": {"region": Activity.region, "happening": Activity.kind, "owner": Organisation.kind},
}
TEXTS: dict[str, tuple[InstrumentedAttribute[Any], ...]] = {
    "pool": (
        Facility.name, Facility.slug, Facility.place, Facility.region, Facility.description,
        Resource.name, Resource.slug, Resource.gpu_model, Resource.description, Organisation.name,
    ),
    "dataset": (
        Resource.name, Resource.slug, Resource.licence, Resource.description, Facility.name, Organisation.name,
    ),
    "scenario": (Scenario.name, Scenario.slug, Scenario.region, Scenario.description, Organisation.name),
    "activity": (Activity.name, Activity.slug, Activity.place, Activity.description, Organisation.name),
}  # fmt: skip
Asked = Mapping[str, str]


def pools_by_facility(session: Session, asked: Asked, *, limit: int, offset: int = 0) -> Sequence[AnyRow]:
    """Facilities by name, a row for each of their published pools; a facility without any has one row without a pool.

    `asked` has the words `q` and the facets of FACETS, each empty where it narrows nothing.
    """
    wanted = _narrowed(_pools(select(*LINE, *PLACE, OWNER[0])), "pool", asked)
    ordered = wanted.order_by(Facility.name, Facility.id, Resource.name, Resource.id)
    return session.execute(ordered.limit(limit).offset(offset)).all()


def datasets(session: Session, asked: Asked, *, limit: int, offset: int = 0) -> Sequence[AnyRow]:
    """Published datasets by name."""
    wanted = _narrowed(_datasets(select(*LINE, *PLACE, *OWNER)), "dataset", asked)
    return session.execute(wanted.order_by(Resource.name, Resource.id).limit(limit).offset(offset)).all()


def scenarios(session: Session, asked: Asked, *, now: datetime, limit: int, offset: int = 0) -> Sequence[AnyRow]:
    """Published scenarios, the newest first."""
    columns = (Scenario.slug, Scenario.name, Scenario.category, Scenario.region, Scenario.description)
    wanted = _narrowed(_scenarios(select(*columns, Scenario.published_at, *OWNER), now), "scenario", asked)
    ordered = wanted.order_by(Scenario.published_at.desc(), Scenario.id)
    return session.execute(ordered.limit(limit).offset(offset)).all()


def activities(session: Session, asked: Asked, *, now: datetime, limit: int, offset: int = 0) -> Sequence[AnyRow]:
    """Activities that are not over, the next first."""
    columns = (Activity.slug, Activity.name, Activity.kind, Activity.region, Activity.place, Activity.description)
    dates = (Activity.starts_at, Activity.ends_at)
    wanted = _narrowed(_activities(select(*columns, *dates, *OWNER), now), "activity", asked)
    return session.execute(wanted.order_by(Activity.starts_at, Activity.id).limit(limit).offset(offset)).all()


def facets(session: Session, kind: str, asked: Asked, *, now: datetime) -> dict[str, list[tuple[str, int]]]:
    """By the name of a facet, its values and how much of a kind has each, by everything else that is asked for.

    One question, whatever there is: the combinations are counted in SQL, and summed up here.
    """
    columns = FACETS[kind]
    counted = select(*(column.label(name) for name, column in columns.items()), func.count().label("number"))
    of_kind = {
        "pool": lambda: _pools(counted).where(Resource.id.is_not(None)),
        "dataset": lambda: _datasets(counted),
        "scenario": lambda: _scenarios(counted, now),
        "activity": lambda: _activities(counted, now),
    }[kind]()
    rows = session.execute(_worded(of_kind, kind, asked).group_by(*columns.values())).all()
    return {name: _values(rows, name, {other: asked.get(other, "") for other in columns if other != name})
            for name in columns}  # fmt: skip


def addresses(session: Session, *, now: datetime, limit: int) -> list[tuple[str, str]]:
    """What the public may read, as pairs of a kind and a slug: facilities, published resources, scenarios, activities.

    For the list that search engines read.
    """
    resources = select(Resource.kind, Resource.slug).where(Resource.state == PUBLISHED)
    read = (
        select(literal("facility"), Facility.slug),
        resources,
        select(literal("scenario"), Scenario.slug).where(Scenario.published_at <= now),
        select(literal("activity"), Activity.slug).where(Activity.ends_at > now),
    )
    return [(kind, slug) for each in read for kind, slug in session.execute(each.order_by(each.selected_columns[1]))][
        :limit
    ]


def gpu_models(session: Session) -> list[str]:
    """Every GPU model of a published pool."""
    models = select(Resource.gpu_model).where(Resource.kind == "pool", Resource.state == PUBLISHED).distinct()
    return sorted(model for model in session.scalars(models) if model)


def resources_of_facility(session: Session, facility_id: int) -> Sequence[AnyRow]:
    """The published pools and datasets of a facility, by name."""
    wanted = select(*LINE).where(Resource.facility_id == facility_id, Resource.state == PUBLISHED)
    return session.execute(wanted.order_by(Resource.name, Resource.id)).all()


def pools_beside(session: Session, facility_id: int) -> Sequence[AnyRow]:
    """The published pools of a facility by name and slug: where its data can be used."""
    wanted = select(Resource.name, Resource.slug).where(Resource.facility_id == facility_id, Resource.kind == "pool")
    return session.execute(wanted.where(Resource.state == PUBLISHED).order_by(Resource.name, Resource.id)).all()


def described(session: Session, resource_id: int) -> Mapping[str, Any] | None:
    """The Croissant description that a dataset was imported from, whole; None where it was not."""
    return session.scalar(select(Resource.croissant).where(Resource.id == resource_id))


def bookable(session: Session, more: Collection[int] = ()) -> list[AnyRow]:
    """Every published pool, every published dataset whose seats are booked, and those of the ids `more`.

    By the name of the facility, or of the owner where there is none, then by their own.
    """
    booked = and_(Resource.state == PUBLISHED, or_(Resource.kind == "pool", Resource.seats.is_not(None)))
    rows = session.execute(_placed(select(*LINE, *PLACE, *OWNER)).where(or_(booked, Resource.id.in_(more)))).all()
    return sorted(rows, key=lambda row: (row.facility_name or row.owner_name, row.name, row.id))


Rows = Select[*tuple[Any, ...]]


def _pools(wanted: Rows) -> Rows:
    its_pools = and_(Resource.facility_id == Facility.id, Resource.kind == "pool", Resource.state == PUBLISHED)
    joined = wanted.select_from(Facility).outerjoin(Resource, its_pools)
    return joined.join(Organisation, Organisation.id == Facility.organisation_id)


def _datasets(wanted: Rows) -> Rows:
    return _placed(wanted).where(Resource.kind == "dataset", Resource.state == PUBLISHED)


def _scenarios(wanted: Rows, now: datetime) -> Rows:
    joined = wanted.select_from(Scenario).join(Organisation, Organisation.id == Scenario.organisation_id)
    return joined.where(Scenario.published_at <= now)


def _activities(wanted: Rows, now: datetime) -> Rows:
    joined = wanted.select_from(Activity).join(Organisation, Organisation.id == Activity.organisation_id)
    return joined.where(Activity.ends_at > now)


def _narrowed(wanted: Rows, kind: str, asked: Asked) -> Rows:
    chosen = [column == asked[name] for name, column in FACETS[kind].items() if asked.get(name)]
    return _worded(wanted, kind, asked).where(*chosen)


def _worded(wanted: Rows, kind: str, asked: Asked) -> Rows:
    """Every word that is asked for stands in one of the texts."""
    words = asked.get("q", "").split()[:MOST_WORDS]
    return wanted.where(*(_any_contains(TEXTS[kind], word) for word in words))


def _values(rows: Sequence[AnyRow], name: str, others: Asked) -> list[tuple[str, int]]:
    counted: Counter[str] = Counter()
    for row in rows:
        if all(not value or getattr(row, other) == value for other, value in others.items()):
            counted[getattr(row, name)] += row.number
    return sorted((value, number) for value, number in counted.items() if value)


def _placed(wanted: Rows) -> Rows:
    joined = wanted.select_from(Resource).outerjoin(Facility, Facility.id == Resource.facility_id)
    return joined.join(Organisation, Organisation.id == Resource.organisation_id)


def _any_contains(columns: Sequence[InstrumentedAttribute[Any]], q: str) -> ColumnElement[bool]:
    return or_(*(column.icontains(q, autoescape=True) for column in columns))
