"""The public catalogue: facilities with their pools, datasets, and a page for each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, render_template, request

from booking import clock
from booking.domain.availability import Level, Span, spans
from booking.domain.capacity import CapacityChange, Change
from booking.domain.citations import citation
from booking.domain.listings import Listing
from booking.domain.localtime import local_days
from booking.domain.permissions import may_own
from booking.domain.windows import Window, floor_to_grid
from booking.http.actor import asking
from booking.http.reading import reading
from booking.http.words import read_in
from booking.queries import availability, capacity, catalogue
from booking.queries.facilities import find_facility
from booking.queries.listings import find_listing
from booking.queries.resources import read_resources
from booking.web.paging import asked_instant, asked_page
from booking.web.policies import policy_facts

AHEAD = timedelta(days=14)
MOST_CHANGES = 100
LONGEST_SEARCH = 200

bp = Blueprint("catalogue", __name__)


@bp.get("/catalogue")
def index():
    """What can be booked: facilities with their pools, or datasets."""
    q = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    region, gpu_model = request.args.get("region", ""), request.args.get("gpu_model", "")
    if request.args.get("kind") == "dataset":
        return _datasets_page(q, region)
    session, page = reading(), asked_page()
    shown = page.of(
        catalogue.pools_by_facility(
            session, q=q, region=region, gpu_model=gpu_model, limit=page.limit, offset=page.offset
        )
    )
    pools = [row for row in shown.items if row.id is not None]
    return render_template(
        "catalogue/index.html",
        page=shown,
        now=availability.levels_at(session.connection(), pools, clock.now()),
        regions=catalogue.regions(session),
        gpu_models=catalogue.gpu_models(session),
        asked={"q": q, "region": region, "gpu_model": gpu_model},
    )


def _datasets_page(q, region):
    session, page = reading(), asked_page()
    shown = page.of(catalogue.datasets(session, q=q, region=region, limit=page.limit, offset=page.offset))
    seated = [row for row in shown.items if row.seats is not None]
    return render_template(
        "catalogue/datasets.html",
        page=shown,
        now=availability.levels_at(session.connection(), seated, clock.now()),
        regions=catalogue.regions(session),
        asked={"q": q, "region": region},
    )


@bp.get("/facilities/<slug>")
def facility(slug):
    """One facility with everything in it that can be booked."""
    session = reading()
    found = find_facility(session, slug)
    resources = catalogue.resources_of_facility(session, found.id)
    return render_template(
        "catalogue/facility.html",
        facility=found,
        pools=[row for row in resources if row.kind == "pool"],
        datasets=[row for row in resources if row.kind == "dataset"],
        now=availability.levels_at(session.connection(), resources, clock.now()),
    )


@bp.get("/pools/<slug>")
def pool(slug):
    """One pool: what it is, on what terms, and what is free in the next two weeks."""
    found = _show(slug, "pool")
    return render_template("catalogue/pool.html", pool=found, **_terms(found))


@bp.get("/datasets/<slug>")
def dataset(slug):
    """One dataset: what it is, how it is used, and which of its seats are free."""
    found = _show(slug, "dataset")
    cited = citation(
        catalogue.described(reading(), found.id),
        name=found.name,
        owner=found.organisation_name,
        version=found.source_version,
        url=found.url,
    )
    return render_template(
        "catalogue/dataset.html",
        dataset=found,
        cited=cited,
        **_terms(found),
    )


@dataclass(frozen=True)
class Ahead:
    """What is free of a resource in the days to come, and what is announced to change it.

    `changes` are the levels from `?from=` on, `later` is where the next page of them begins.
    """

    now: Level
    days: list[Span]
    changes: list[Level]
    later: datetime | None
    outages: list[CapacityChange]


def _terms(listing: Listing):
    """What is free and on what terms, where it is booked at all, and whether the asker looks after it."""
    return {
        "ahead": _ahead(listing) if listing.needs_booking else None,
        "policy": policy_facts(listing),
        "is_own": may_own(asking(), listing.organisation_id, listing.kind),
    }


def _ahead(listing: Listing) -> Ahead:
    now, connection = clock.now(), reading().connection()
    window = Window(floor_to_grid(now, listing.grid_minutes), now + AHEAD)
    row = read_resources(connection, [listing.id])[0]
    found = availability.levels_over(connection, row, window)
    since = asked_instant("from") or window.start
    changes = [level for level in found if level.at >= since] or found[-1:]
    return Ahead(
        now=[level for level in found if level.at <= now][-1],
        days=spans(found, local_days(window, listing.timezone)),
        changes=changes[:MOST_CHANGES],
        later=changes[MOST_CHANGES].at if len(changes) > MOST_CHANGES else None,
        outages=[each for each in capacity.changes_of(connection, listing.id) if _is_announced(each, now)],
    )


def _is_announced(change: CapacityChange, now: datetime) -> bool:
    """Whether units are away, or will be."""
    return change.kind is not Change.SUPPLY and (change.end is None or change.end > now)


def _show(slug: str, kind: str) -> Listing:
    """The pool or dataset, its page read in its own time zone."""
    listing = find_listing(reading(), slug, actor=asking(), kind=kind)
    read_in(listing.timezone)
    return listing
