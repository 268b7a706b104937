"""Pages: one blueprint a noun."""

from flask import Flask

from booking.web import (
    accesses,
    approvals,
    audit,
    bookings,
    capacity,
    catalogue,
    change_requests,
    clusters,
    counter_offers,
    datasets,
    discovery,
    display,
    exports,
    facilities,
    feeds,
    gateway,
    grants,
    home,
    jobs,
    navigation,
    notices,
    organisations,
    outbox,
    people,
    permits,
    pools,
    refunds,
    series,
    teams,
    terms,
    today,
    tokens,
    users,
    utilisation,
    waitlist,
    what_if,
)

# Every page's blueprint is named here, and nowhere else.
BLUEPRINTS = (
    home.bp,
    catalogue.bp,
    bookings.bp,
    series.bp,
    waitlist.bp,
    approvals.bp,
    change_requests.bp,
    counter_offers.bp,
    teams.bp,
    facilities.bp,
    pools.bp,
    datasets.bp,
    capacity.bp,
    clusters.bp,
    grants.bp,
    refunds.bp,
    gateway.bp,
    accesses.bp,
    terms.bp,
    permits.bp,
    jobs.bp,
    outbox.bp,
    people.bp,
    organisations.bp,
    audit.bp,
    exports.bp,
    notices.bp,
    feeds.bp,
    utilisation.bp,
    today.bp,
    what_if.bp,
    tokens.bp,
    users.bp,
    display.bp,
    discovery.bp,
)


def register(app: Flask) -> None:
    """Bring every page into the application."""
    navigation.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
