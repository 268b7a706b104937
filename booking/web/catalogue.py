"""The public catalogue: its four lists, and a page for each facility, pool, dataset, scenario and activity."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _

from booking import clock
from booking.domain.availability import Level
from booking.domain.citations import citation
from booking.domain.listings import Listing
from booking.domain.permissions import may_own
from booking.domain.policies import Opening
from booking.domain.settlements import rate_at
from booking.http.actor import asking
from booking.http.reading import reading
from booking.http.words import money, read_in, stamp
from booking.queries import availability, catalogue
from booking.queries.activities import find_activity
from booking.queries.facilities import find_facility
from booking.queries.listings import find_listing
from booking.queries.outcomes import Wanted, cases
from booking.queries.resources import read_resources
from booking.queries.scenarios import find_scenario
from booking.queries.settlements import rates_of
from booking.web import linked_data, scenarios
from booking.web.activities import activity_page
from booking.web.catalogue_lists import TEMPLATES, list_of
from booking.web.paging import asked_instant
from booking.web.policies import policy_facts
from booking.web.terms import shown_terms
from booking.web.timelines import asked_period, changes_address, neighbours, pools_over, timeline_of

MOST_CHANGES = 100

bp = Blueprint("catalogue", __name__)


@bp.get("/catalogue")
def index():
    """What can be booked or taken part in: facilities with their pools, datasets, scenarios, activities."""
    kind = request.args.get("kind", "")
    kind = kind if kind in TEMPLATES else "pool"
    return render_template(TEMPLATES[kind], kind=kind, **list_of(kind, clock.now()))


@bp.get("/facilities/<slug>")
def facility(slug):
    """One facility: what can be booked there, and its pools over a day, a week or a month."""
    session, now = reading(), clock.now()
    found = find_facility(session, slug)
    read_in(found.timezone)
    resources = catalogue.resources_of_facility(session, found.id)
    pools = [row for row in resources if row.kind == "pool"]
    period = asked_period(found.timezone, now)
    return render_template(
        "catalogue/facility.html",
        facility=found,
        pools=pools,
        datasets=[row for row in resources if row.kind == "dataset"],
        now=availability.levels_at(session.connection(), resources, now),
        period=period,
        strips=pools_over(session.connection(), pools, period),
        addresses=neighbours(period),
        linked=linked_data.of_facility(found, pools),
        cases=cases(session.connection(), Wanted(facility=found.slug)),
    )


@bp.get("/pools/<slug>")
def pool(slug):
    """One pool: what it is, on what terms, and what is free over a day, a week or a month."""
    found = _show(slug, "pool")
    return render_template("catalogue/pool.html", pool=found, linked=linked_data.of_pool(found), **_terms(found))


@bp.get("/datasets/<slug>")
def dataset(slug):
    """One dataset: what it is, how and where it is used, and which of its seats are free."""
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
        terms=shown_terms(found),
        places=catalogue.pools_beside(reading(), found.facility_id) if found.facility_id else [],
        linked=linked_data.of_dataset(found, cited),
        **_terms(found),
    )


@bp.get("/scenarios/<slug>")
def scenario(slug):
    """One scenario: the opportunity that teams apply for, what it said before, and what came of it."""
    return scenarios.show(find_scenario(reading(), slug, actor=asking(), now=clock.now()))


@bp.get("/activities/<slug>")
def activity(slug):
    """One activity: what happens when and where."""
    return activity_page(find_activity(reading(), slug))


@bp.get("/timeline/window")
def choose():
    """From the window that was chosen on a timeline, in the zone that was shown, to the form filled in with it."""
    asked = request.args
    start, end = asked_instant("starts_at", zone=asked.get("zone")), asked_instant("ends_at", zone=asked.get("zone"))
    return redirect(
        url_for(
            "bookings.new",
            resource=asked.get("resource", ""),
            units=asked.get("units", ""),
            starts_at=stamp(start) if start else None,
            ends_at=stamp(end) if end else None,
        ),
        code=303,
    )


def _terms(listing: Listing):
    """What is free and on what terms, where it is booked at all, and whether the asker looks after it."""
    return {
        **(_ahead(listing) if listing.needs_booking else {"timeline": None}),
        "policy": [*policy_facts(listing), *_rate(listing)],
        "is_own": may_own(asking(), listing.organisation_id, listing.kind),
    }


def _rate(listing: Listing):
    """What a charged hour costs who books now, where it costs anything."""
    if listing.policy.opening is Opening.FREE:
        return []
    present = rate_at(rates_of(reading().connection(), listing.id), clock.now())
    return [(_("Rate"), _("%(price)s for each charged hour.", price=money(present)))] if present else []


def _ahead(listing: Listing):
    now, connection = clock.now(), reading().connection()
    row = read_resources(connection, [listing.id])[0]
    period = asked_period(listing.timezone, now)
    timeline = timeline_of(connection, listing, row, period, actor=asking(), now=now)
    changes, later = _page_of(timeline.changes)
    return {
        "timeline": timeline,
        "level": availability.levels_at(connection, [row], now)[listing.id],
        "changes": changes,
        "first": changes_address() if "from" in request.args else "",
        "later": changes_address(later) if later else "",
        "addresses": neighbours(period),
    }


def _page_of(levels: list[Level]):
    """The changes that the address asks for with `from`, and where the next of them begin."""
    since = asked_instant("from")
    wanted = [level for level in levels if since is None or level.at >= since] or levels[-1:]
    return wanted[:MOST_CHANGES], wanted[MOST_CHANGES].at if len(wanted) > MOST_CHANGES else None


def _show(slug: str, kind: str) -> Listing:
    """The pool or dataset, its page read in its own time zone."""
    listing = find_listing(reading(), slug, actor=asking(), kind=kind)
    read_in(listing.timezone)
    return listing
