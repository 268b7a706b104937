"""Questions about regions: which there are, and what each has to show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from booking.domain.errors import NotFound
from booking.domain.localtime import to_local
from booking.domain.outcomes import Outcome, OutcomeState
from booking.domain.outlooks import Outlook
from booking.domain.refused_wishes import Unmet, unmet
from booking.domain.regions import Region, region_slugs
from booking.models.facilities import Facility
from booking.models.outcomes import Outcome as OutcomeRow
from booking.models.rows import AnyRow
from booking.models.scenarios import Scenario
from booking.models.teams import Team
from booking.queries import catalogue, utilisation
from booking.queries.outcomes import Wanted, cases
from booking.queries.outlooks import outlooks
from booking.queries.utilisation import By, Line

DAYS = timedelta(days=28)
MOST_POOLS = 500
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Highlights:
    """What a region has to show: supply with what is free, demand that found none, utilisation, lists, cases.

    `outlooks` has what is free of each pool by its id; `used` sums up the last four weeks by facility.
    """

    region: Region
    pools: Sequence[AnyRow]
    outlooks: Mapping[int, Outlook]
    datasets: Sequence[AnyRow]
    scenarios: Sequence[AnyRow]
    activities: Sequence[AnyRow]
    used: Sequence[Line]
    together: Line
    unmet: Sequence[Unmet]
    cases: Sequence[Outcome]


def regions(session: Session, now: datetime) -> list[Region]:
    """Every region that a facility or a published scenario names, by name."""
    found: dict[str, dict[str, int]] = {}
    for row in session.execute(union_all(*_counts(now))):
        found.setdefault(row.name, {})[row.what] = row.number
    slugs = region_slugs(found)
    return [
        Region(name, slug, *(found[name].get(what, 0) for what in ("facilities", "scenarios", "cases")))
        for name, slug in slugs.items()
    ]


def highlights(session: Session, slug: str, now: datetime, *, most_pools: int = MOST_POOLS) -> Highlights:
    """Everything of one region, by as many questions whatever there is; NotFound where no region has this slug."""
    region = next((one for one in regions(session, now) if one.slug == slug), None)
    if region is None:
        raise NotFound("region")
    connection, asked = session.connection(), {"region": region.name}
    facilities = catalogue.pools_by_facility(session, asked, limit=most_pools)
    booked = [row for row in facilities if row.id is not None]
    today = to_local(now, facilities[0].timezone if facilities else "UTC").date()
    wanted = utilisation.Wanted(today - DAYS, today + timedelta(days=1), region=region.name)
    used = utilisation.lines(connection, utilisation.find(connection, wanted, now), wanted, By.FACILITY)
    return Highlights(
        region=region,
        pools=facilities,
        outlooks=outlooks(connection, booked, now),
        datasets=catalogue.datasets(session, asked, limit=MOST_SHOWN),
        scenarios=catalogue.scenarios(session, asked, now=now, limit=MOST_SHOWN),
        activities=catalogue.activities(session, asked, now=now, limit=MOST_SHOWN),
        used=used,
        together=Line("", "", utilisation.total(used)),
        unmet=unmet(utilisation.refused_wishes(connection, wanted)),
        cases=cases(connection, Wanted(regions=[region.name])),
    )


def _counts(now: datetime) -> tuple[Select[str, str, int], ...]:
    """How many facilities, published scenarios and cases name each region; a case counts for its scenario's."""
    published = OutcomeRow.state == OutcomeState.PUBLISHED.value
    cases_of = select(Scenario.region.label("name"), literal("cases").label("what"), func.count().label("number"))
    return (
        select(Facility.region.label("name"), literal("facilities").label("what"), func.count().label("number"))
        .group_by(Facility.region),
        select(Scenario.region.label("name"), literal("scenarios").label("what"), func.count().label("number"))
        .where(Scenario.published_at <= now)
        .group_by(Scenario.region),
        cases_of.join(Team, Team.scenario_id == Scenario.id)
        .join(OutcomeRow, OutcomeRow.team_id == Team.id)
        .where(published, Scenario.published_at <= now)
        .group_by(Scenario.region),
    )  # fmt: skip
