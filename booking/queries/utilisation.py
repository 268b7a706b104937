"""Questions about utilisation: sums of days by what people ask, those that are not summed up yet worked out now."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from booking.domain.localtime import to_local
from booking.domain.permissions import OWNER_OF, Actor, may_administer
from booking.domain.refused_wishes import RefusedWish
from booking.domain.utilisation import (
    HOURS,
    Day,
    LocalDay,
    Per,
    Share,
    Totals,
    days_between,
    midnight,
    period_of,
    summed,
)
from booking.domain.windows import Window, floor_to_grid
from booking.models.facilities import Facility
from booking.models.organisations import Organisation
from booking.models.resources import Resource
from booking.models.rows import AnyRow
from booking.models.teams import Team
from booking.models.utilisation import RefusedWish as WishRow
from booking.models.utilisation import UtilisationDay, UtilisationRoll, UtilisationShare
from booking.queries import capacity, uses

QUARTER = 15

MOST_WISHES = 20_000
"""The newest that are looked at; a table of more is not read for a page."""

_REGION: ColumnElement[str] = func.coalesce(Facility.region, Organisation.region)
RESOURCES = (
    select(
        Resource.id,
        Resource.kind,
        Resource.slug,
        Resource.name,
        Resource.gpu_model,
        Resource.seats,
        Resource.policy,
        Resource.offer_version,
        Resource.organisation_id,
        Facility.slug.label("facility"),
        Facility.name.label("facility_name"),
        _REGION.label("region"),
        func.coalesce(Facility.timezone, "UTC").label("timezone"),
        UtilisationRoll.rolled_until,
    )
    .join(Organisation, Organisation.id == Resource.organisation_id)
    .outerjoin(Facility, Facility.id == Resource.facility_id)
    .outerjoin(UtilisationRoll, UtilisationRoll.resource_id == Resource.id)
    .where(Resource.state != "draft")
    .order_by(Resource.slug)
)
SHARES = (
    func.sum(UtilisationShare.booked),
    func.sum(UtilisationShare.checked_in),
    func.sum(UtilisationShare.no_show),
    func.sum(UtilisationShare.measured),
    func.sum(UtilisationShare.measured_of),
)


class By(StrEnum):
    """What sums are made for."""

    FACILITY = "facility"
    RESOURCE = "resource"
    REGION = "region"
    TEAM = "team"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


PERIODS = {By.DAY: Per.DAY, By.WEEK: Per.WEEK, By.MONTH: Per.MONTH}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Days from `since` up to, not including, `until`, and of which resources; empty means any."""

    since: date
    until: date
    kind: str = "pool"
    facility: str = ""
    resource: str = ""
    region: str = ""
    gpu_model: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose shares may be named: of all teams, of what somebody looks after, or those of some teams alone."""

    all: bool = False
    owned: tuple[tuple[str, frozenset[int]], ...] = ()
    teams: frozenset[int] = frozenset()

    @staticmethod
    def of(actor: Actor) -> "Sight":
        """What the actor may see by team."""
        owned = tuple((kind, actor.organisations(role)) for kind, role in OWNER_OF.items())
        return Sight(may_administer(actor), owned, frozenset(actor.teams))

    def names(self, row: AnyRow) -> bool:
        """Whether every team's share of this resource may be named."""
        return self.all or row.organisation_id in dict(self.owned)[row.kind]


@dataclass(frozen=True, slots=True)
class Line:
    """What a sum is made for, by its slug (or first day) and its name, and the sum."""

    key: str
    name: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class Found:
    """The resources that are meant, and their days that are not summed up yet, worked out now."""

    resources: Mapping[int, AnyRow]
    live: Mapping[int, Sequence[Day]]


def find(connection: Connection, wanted: Wanted, now: datetime) -> Found:
    """The resources that are meant. Of today what is over is counted, until the last full quarter of an hour."""
    now = floor_to_grid(now, QUARTER)
    rows = connection.execute(RESOURCES.where(*_conditions(wanted))).all()
    spans = {row.id: span for row in rows if (span := _span(row, wanted, now)) is not None}
    around = [edge for span in spans.values() for edge in (span.start, span.end)]
    found = uses.uses_of(connection, spans.keys(), Window(min(around), max(around))) if spans else {}
    offers = capacity.offers(connection, [row for row in rows if row.id in spans]) if spans else {}
    live = {
        row.id: summed(
            _local_days(spans[row.id], row.timezone), row.timezone, offers[row.id].steps, found.get(row.id, [])
        )
        for row in rows
        if row.id in spans
    }
    return Found({row.id: row for row in rows}, live)


def lines(connection: Connection, found: Found, wanted: Wanted, by: By) -> list[Line]:
    """A sum for each facility, resource, region or period, in the order of the keys."""
    sums: defaultdict[str, Totals] = defaultdict(Totals)
    names: dict[str, str] = {}
    per_day = by in PERIODS
    for resource_id, day, totals in _facts(connection, found, wanted, per_day):
        key, name = _key(by, found.resources[resource_id] if resource_id else None, day)
        sums[key] += totals
        names[key] = name
    for row in () if per_day else found.resources.values():
        key, name = _key(by, row, None)
        names.setdefault(key, name)
    return [Line(key, names[key], sums[key]) for key in sorted(names)]


def total(found_lines: Sequence[Line]) -> Totals:
    """The sum of all lines."""
    return sum((line.totals for line in found_lines), Totals())


def team_lines(connection: Connection, found: Found, wanted: Wanted, sight: Sight) -> list[Line]:
    """A sum for each team that may be named, in the order of their slugs; nothing is published for a team."""
    named = {row.id for row in found.resources.values() if sight.names(row)}
    shares: defaultdict[int, Share] = defaultdict(Share)
    kept = select(UtilisationShare.team_id, *SHARES).where(
        *_days(UtilisationShare, found.resources, wanted),
        or_(UtilisationShare.resource_id.in_(named), UtilisationShare.team_id.in_(sight.teams)),
    )
    for team_id, *sums in connection.execute(kept.group_by(UtilisationShare.team_id)):
        shares[team_id] += Share(*map(int, sums))
    for resource_id, days in found.live.items():
        for day in days:
            for team_id, share in day.shares.items():
                if resource_id in named or team_id in sight.teams:
                    shares[team_id] += share
    teams = connection.execute(select(Team.id, Team.slug, Team.name).where(Team.id.in_(shares)).order_by(Team.slug))
    return [Line(row.slug, row.name, Totals(0, shares[row.id])) for row in teams]


def hours(connection: Connection, found: Found, wanted: Wanted) -> list[list[Totals]]:
    """By weekday from Monday, what was published and booked in each hour of the day, as clocks there show it."""
    published = [[0] * HOURS for _ in range(7)]
    booked = [[0] * HOURS for _ in range(7)]
    for day, offered, occupied in _hours(connection, found, wanted):
        for hour in range(HOURS):
            published[day.weekday()][hour] += offered[hour]
            booked[day.weekday()][hour] += occupied[hour]
    return [
        [Totals(offered, Share(occupied)) for offered, occupied in zip(*of_a_day, strict=True)]
        for of_a_day in zip(published, booked, strict=True)
    ]


def refused_wishes(connection: Connection, wanted: Wanted) -> list[RefusedWish]:
    """What was asked for in this time and refused, whoever asked; the newest where there are very many."""
    zone = func.coalesce(Facility.timezone, "UTC")
    chosen = (
        select(
            WishRow.units, WishRow.starts_at, WishRow.ends_at, WishRow.codes, WishRow.times,
            func.coalesce(Resource.gpu_model, Resource.name).label("model"), zone.label("timezone"),
        )
        .join(Resource, Resource.id == WishRow.resource_id)
        .join(Organisation, Organisation.id == Resource.organisation_id)
        .outerjoin(Facility, Facility.id == Resource.facility_id)
        .where(
            WishRow.last_at >= midnight(wanted.since, "UTC"),
            WishRow.last_at < midnight(wanted.until, "UTC"),
            Resource.state != "draft",
            *_conditions(wanted),
        )
        .order_by(WishRow.last_at.desc())
        .limit(MOST_WISHES)
    )  # fmt: skip
    return [
        RefusedWish(
            model=row.model,
            day=to_local(row.starts_at, row.timezone).date(),
            unit_seconds=row.units * Window(row.starts_at, row.ends_at).seconds,
            codes=tuple(row.codes.split()),
            times=row.times,
        )
        for row in connection.execute(chosen)
    ]


def choices(connection: Connection) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """What can be asked for: facilities by slug and name, regions, GPU models."""
    facilities = connection.execute(select(Facility.slug, Facility.name).order_by(Facility.name, Facility.slug))
    regions = connection.scalars(select(Facility.region).distinct().order_by(Facility.region))
    models = select(Resource.gpu_model).where(Resource.gpu_model.is_not(None)).distinct().order_by(Resource.gpu_model)
    return [(row.slug, row.name) for row in facilities], list(regions), [str(one) for one in connection.scalars(models)]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    said: tuple[tuple[str, Any], ...] = (
        (wanted.kind, Resource.kind == wanted.kind),
        (wanted.facility, Facility.slug == wanted.facility),
        (wanted.resource, Resource.slug == wanted.resource),
        (wanted.region, wanted.region == _REGION),
        (wanted.gpu_model, Resource.gpu_model == wanted.gpu_model),
    )
    return [condition for value, condition in said if value]


def _span(row: AnyRow, wanted: Wanted, now: datetime) -> Window | None:
    """The part of the wanted days of a resource that is over and not summed up yet."""
    start = midnight(wanted.since, row.timezone)
    start = max(start, row.rolled_until) if row.rolled_until else start
    end = min(midnight(wanted.until, row.timezone), now)
    return Window(start, end) if start < end else None


@lru_cache(maxsize=64)
def _local_days(span: Window, zone: str) -> tuple[LocalDay, ...]:
    """The days of a span, which most resources of a zone have in common."""
    return tuple(days_between(span.start, span.end, zone))


def _days(table: Any, resource_ids: Collection[int], wanted: Wanted) -> tuple[ColumnElement[bool], ...]:
    return table.resource_id.in_(resource_ids), table.day >= wanted.since, table.day < wanted.until


def _facts(
    connection: Connection, found: Found, wanted: Wanted, per_day: bool
) -> Iterator[tuple[int, date | None, Totals]]:
    """Sums of one resource, or of one day of all of them, as the database and this moment have them."""
    for table, columns in ((UtilisationDay, (func.sum(UtilisationDay.published),)), (UtilisationShare, SHARES)):
        key = table.day if per_day else table.resource_id
        for own, *sums in connection.execute(
            select(key, *columns).where(*_days(table, found.resources, wanted)).group_by(key)
        ):
            whole = [int(each) for each in sums]
            totals = Totals(whole[0]) if len(whole) == 1 else Totals(0, Share(*whole))
            yield (0, own, totals) if per_day else (own, None, totals)
    for resource_id, days in found.live.items():
        for day in days:
            share = sum(day.shares.values(), Share())
            yield resource_id, day.day, Totals(day.published, share)


def _hours(connection: Connection, found: Found, wanted: Wanted) -> Iterator[tuple[date, Sequence[int], Sequence[int]]]:
    kept = select(UtilisationDay.day, UtilisationDay.published_hours, UtilisationDay.booked_hours)
    for row in connection.execute(kept.where(*_days(UtilisationDay, found.resources, wanted))):
        yield row.day, row.published_hours, row.booked_hours
    for days in found.live.values():
        for day in days:
            yield day.day, day.published_hours, day.booked_hours


def _key(by: By, row: AnyRow | None, day: date | None) -> tuple[str, str]:
    if day is not None and by in PERIODS:
        first = period_of(day, PERIODS[by]).isoformat()
        return first, first
    assert row is not None  # sums of other kinds are made by resource
    if by is By.REGION:
        return row.region, row.region
    if by is By.FACILITY:
        return row.facility or "", row.facility_name or ""
    return row.slug, row.name
