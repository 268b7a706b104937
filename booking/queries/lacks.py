"""What teams could not have of GPU models: refused, waited for, looked for on the docking board, or got by now."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Connection, func, select

from booking.domain.docking import Lack, Source
from booking.domain.localtime import to_local
from booking.domain.refused_wishes import UNMET
from booking.domain.utilisation import Per, period_of
from booking.domain.windows import Window
from booking.models.docking import DockingDemand
from booking.models.facilities import Facility
from booking.models.resources import Resource
from booking.models.utilisation import RefusedWish
from booking.models.waitlist import WaitlistEntry

MOST_ROWS = 20_000
"""Of each kind the newest are looked at; a table of more is not read for a page."""

WEEKS = timedelta(weeks=12)
"""So far ahead unmet demand is shown."""

ZONE = func.coalesce(Facility.timezone, "UTC").label("timezone")
REFUSED = (
    select(
        RefusedWish.team_id, RefusedWish.units, RefusedWish.starts_at, RefusedWish.ends_at, RefusedWish.codes,
        Resource.gpu_model, ZONE,
    )
    .join(Resource, Resource.id == RefusedWish.resource_id)
    .outerjoin(Facility, Facility.id == Resource.facility_id)
    .where(Resource.kind == "pool", Resource.state != "draft")
    .order_by(RefusedWish.id.desc())
    .limit(MOST_ROWS)
)  # fmt: skip
MODEL = func.coalesce(WaitlistEntry.gpu_model, Resource.gpu_model)
WAITING = (
    select(
        WaitlistEntry.team_id, WaitlistEntry.units, WaitlistEntry.min_seconds, WaitlistEntry.earliest,
        WaitlistEntry.latest, WaitlistEntry.state, MODEL.label("gpu_model"), ZONE,
    )
    .outerjoin(Resource, Resource.id == WaitlistEntry.resource_id)
    .outerjoin(Facility, Facility.id == Resource.facility_id)
    .where(WaitlistEntry.state.in_(("waiting", "taken")), MODEL.is_not(None))
    .order_by(WaitlistEntry.id.desc())
    .limit(MOST_ROWS)
)  # fmt: skip
DEMANDED = (
    select(
        DockingDemand.team_id, DockingDemand.units, DockingDemand.seconds, DockingDemand.earliest,
        DockingDemand.latest, DockingDemand.state, DockingDemand.gpu_models,
    )
    .where(DockingDemand.state.in_(("open", "matched", "fulfilled")))
    .order_by(DockingDemand.id.desc())
    .limit(MOST_ROWS)
)  # fmt: skip


def weeks_ahead(now: datetime) -> Window:
    """From the Monday of this week on, as far as demand is shown."""
    monday = datetime.combine(period_of(now.date(), Per.WEEK), time(), UTC)
    return Window(monday, monday + WEEKS)


def lacks(connection: Connection, since: datetime, until: datetime) -> list[Lack]:
    """What was wanted for this time, a lack for each time that it shows; of several models the first counts."""
    found = (ask(connection, since, until) for ask in (_refused, _waiting, _demanded))
    return [lack for some in found for lack in some]


def _refused(connection: Connection, since: datetime, until: datetime) -> Iterator[Lack]:
    wanted = REFUSED.where(RefusedWish.starts_at >= since, RefusedWish.starts_at < until)
    for row in connection.execute(wanted):
        if UNMET.intersection(row.codes.split()):
            span = Window(row.starts_at, row.ends_at)
            day = to_local(row.starts_at, row.timezone).date()
            yield Lack(Source.REFUSED, row.team_id, row.gpu_model, row.units, span.seconds, span, day)


def _waiting(connection: Connection, since: datetime, until: datetime) -> Iterator[Lack]:
    wanted = WAITING.where(WaitlistEntry.latest > since, WaitlistEntry.earliest < until)
    for row in connection.execute(wanted):
        source = Source.WAITING if row.state == "waiting" else Source.MET
        start = max(row.earliest, since)
        day = to_local(start, row.timezone).date()
        span = Window(row.earliest, row.latest)
        yield Lack(source, row.team_id, row.gpu_model, row.units, row.min_seconds, span, day)


def _demanded(connection: Connection, since: datetime, until: datetime) -> Iterator[Lack]:
    wanted = DEMANDED.where(DockingDemand.latest > since, DockingDemand.earliest < until)
    for row in connection.execute(wanted):
        if row.gpu_models:
            source = Source.MET if row.state == "fulfilled" else Source.DEMAND
            span, day = Window(row.earliest, row.latest), max(row.earliest, since).date()
            yield Lack(source, row.team_id, row.gpu_models[0], row.units, row.seconds, span, day)
