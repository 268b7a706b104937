"""The JSON API: one blueprint a noun."""

from flask import Blueprint, Flask

from booking.api import (
    activities,
    attestations,
    audit,
    bookings,
    change_requests,
    clusters,
    courses,
    datasets,
    displacements,
    docking,
    document,
    editions,
    facilities,
    feeds,
    gateway,
    grants,
    notices,
    organisations,
    outcomes,
    permits,
    pools,
    regions,
    resources,
    scenarios,
    searches,
    series,
    settlements,
    teams,
    terms,
    today,
    utilisation,
    waitlist,
)

PREFIX = document.PREFIX
BLUEPRINTS = (
    document.bp,
    activities.bp,
    attestations.bp,
    audit.bp,
    bookings.bp,
    change_requests.bp,
    clusters.bp,
    courses.bp,
    datasets.bp,
    displacements.bp,
    docking.bp,
    editions.bp,
    facilities.bp,
    feeds.bp,
    gateway.bp,
    grants.bp,
    notices.bp,
    organisations.bp,
    outcomes.bp,
    permits.bp,
    pools.bp,
    regions.bp,
    resources.bp,
    scenarios.bp,
    searches.bp,
    series.bp,
    settlements.bp,
    teams.bp,
    today.bp,
    utilisation.bp,
    waitlist.bp,
    terms.bp,
)


def register(app: Flask) -> None:
    """Bring every call into the application."""
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.register_blueprint(api)
