"""Questions by name: what the slugs of a request stand for, in one round trip or from memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Engine,
    Integer,
    String,
    bindparam,
    cast,
    literal_column,
    null,
    select,
    union_all,
)

from booking.models.resources import Resource
from booking.models.teams import Team

NAMED: CompoundSelect[*tuple[Any, ...]] = union_all(
    select(
        literal_column("'team'").label("kind"),
        Team.id,
        Team.slug,
        Team.state,
        cast(null(), Integer).label("organisation_id"),
        cast(null(), Integer).label("seats"),
    ).where(Team.slug == bindparam("team")),
    select(
        cast(Resource.kind, String),
        Resource.id,
        Resource.slug,
        Resource.state,
        Resource.organisation_id,
        Resource.seats,
    ).where(Resource.slug.in_(bindparam("resources", expanding=True))),
)


@dataclass(frozen=True, slots=True)
class Named:
    """A resource that a request names."""

    id: int
    kind: str
    slug: str
    state: str
    organisation_id: int
    seats: int | None

    @property
    def needs_booking(self) -> bool:
        """Whether there is anything to book; a dataset without a number of seats is used without asking."""
        return self.kind == "pool" or self.seats is not None


@dataclass(frozen=True, slots=True)
class Names:
    """What is known of the names of one request."""

    team_id: int | None
    resources: Mapping[str, Named]

    @property
    def slugs(self) -> dict[int, str]:
        """The slug of each resource by its id."""
        return {resource.id: resource.slug for resource in self.resources.values()}


# Slugs never change and ids are never used again, so what a slug stands for can be remembered by each process.
_known: WeakKeyDictionary[Engine, tuple[dict[str, int], dict[str, Named]]] = WeakKeyDictionary()


def remembered(engine: Engine, *, team: str, resources: Sequence[str]) -> Names | None:
    """What these slugs stood for when they were last asked for; None unless all of them were bookable.

    States and seats may have changed since. The evaluator judges the present ones, so nothing wrong is admitted by
    this; before a refusal is told the names are to be asked for anew.
    """
    teams, known = _known.get(engine, ({}, {}))
    if team not in teams or any(slug not in known for slug in resources):
        return None
    return Names(teams[team], {slug: known[slug] for slug in resources})


def named(connection: Connection, *, team: str = "", resources: Iterable[str] = ()) -> Names:
    """The team and the resources of these slugs; those that nobody has are left out."""
    rows = connection.execute(NAMED, {"team": team, "resources": sorted(set(resources))}).all()
    team_id = next((row.id for row in rows if row.kind == "team"), None)
    found = {
        row.slug: Named(row.id, row.kind, row.slug, row.state, row.organisation_id, row.seats)
        for row in rows
        if row.kind != "team"
    }
    teams, known = _known.setdefault(connection.engine, ({}, {}))
    if team_id is not None:
        teams[team] = team_id
    known.update({slug: one for slug, one in found.items() if one.state == "published" and one.needs_booking})
    return Names(team_id, found)
