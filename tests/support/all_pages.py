"""Every page there is, who looks at it, and a world in which each has something to show."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select, update

from booking import clock
from booking.changes.outbox import tell
from booking.db import db, transaction
from booking.domain.activities import ActivityKind, NewActivity
from booking.domain.capacity_changes import NewChange
from booking.domain.courses import NewCourse
from booking.domain.displacements import Resolution, Resolutions
from booking.domain.docking import NewDemand, NewOffer
from booking.domain.notices import Letter
from booking.domain.orders import Claim
from booking.domain.outbox import Permanent
from booking.domain.stop_links import DIGEST, stop_token
from booking.domain.terms import NewTerms
from booking.domain.waitlist import Wish
from booking.domain.windows import Window, ceil_to_grid
from booking.models.activities import Activity
from booking.models.capacity import CapacityChange
from booking.models.outbox import OutboxItem
from booking.models.resources import Resource
from booking.services import attestations
from booking.services.activities import announce_activity
from booking.services.booking_edits import change_booking
from booking.services.booking_moves import approve_booking
from booking.services.bookings import request_booking
from booking.services.capacity import add_capacity
from booking.services.clusters import create_cluster
from booking.services.counter_offers import counter_offer
from booking.services.courses import open_course, record_completion
from booking.services.docking import open_demand, open_offer
from booking.services.enrolments import enrol
from booking.services.outbox import deliver_due
from booking.services.outcomes import ask_due, review_outcome
from booking.services.permits import ask_for_permit
from booking.services.resources import change_resource
from booking.services.series import request_series
from booking.services.terms import publish_terms
from booking.services.waitlist import join_waitlist
from tests.support.booking_form import change_row
from tests.support.editions import publish_lists
from tests.support.outcomes import submitted, used
from tests.support.series import plan
from tests.support.world import World, build_world

HOUR = timedelta(hours=1)

PAGES: Mapping[str, tuple[str, ...]] = {
    "": (
        "/",
        "/catalogue",
        "/catalogue?q=nothing+has+this",
        "/catalogue?kind=dataset",
        "/catalogue?kind=scenario",
        "/catalogue?kind=activity",
        "/facilities/north-centre",
        "/pools/north-a100",
        "/pools/north-a100?view=day",
        "/pools/north-a100?view=month",
        "/datasets/north-radar",
        "/datasets/north-radar/terms",
        "/datasets/north-radar/files",
        "/scenarios/traffic",
        "/scenarios/harbour-2",
        "/editions",
        "/editions/2",
        "/activities/contest",
        "/docking",
        "/outcomes",
        "/outcomes/1",
        "/regions",
        "/regions/beijing",
        "/utilisation",
        "/notices/stop/{stop}",
        "/display",
        "/register",
        "/sign-in",
        "/reset-password",
        "/reset-password/word",
        "/confirm/word",
        "/nothing",
    ),
    "lead": (
        "/",
        "/pools/north-a100",
        "/bookings",
        "/bookings/new?resource=north-a100&units=8",
        "/bookings/{booking}",
        "/bookings/{booking}/edit",
        "/bookings/{booking}/files",
        "/bookings/{booking}/accesses",
        "/permits",
        "/permits/new/north-radar",
        "/bookings/{growing}",
        "/bookings/{offered}",
        "/bookings/{displaced}/displaced",
        "/displacements",
        "/docking",
        "/docking/demands/new",
        "/docking/demands/{demand}",
        "/waitlist",
        "/waitlist/new?resource=north-a100&units=8",
        "/waitlist/{entry}",
        "/outcomes",
        "/outcomes/2/report",
        "/attestations",
        "/attestations/1",
        "/series/{series}",
        "/series/{series}/edit",
        "/teams",
        "/teams/new",
        "/teams/team",
        "/teams/team/ledger",
        "/teams/ploughs",
        "/settlements",
        "/activities/contest",
        "/activities/mine",
        "/courses",
        "/courses/safety",
        "/notices",
        "/notices/preferences",
        "/feeds",
        "/account",
        "/account/password",
        "/account/tokens",
    ),
    "operator": (
        "/",
        "/today",
        "/today/starts",
        "/what-if",
        "/activities/new?kind=training&course=safety",
        "/activities/contest/people",
        "/courses/new",
        "/courses/safety",
        "/approvals",
        "/operate",
        "/operate/facilities/new",
        "/operate/facilities/north-centre/edit",
        "/operate/facilities/north-centre/pools/new",
        "/operate/pools/north-a100/edit",
        "/operate/pools/north-a100/binding",
        "/operate/clusters",
        "/operate/clusters/new",
        "/operate/clusters/main",
        "/operate/resources/north-a100/capacity",
        "/operate/resources/north-a100/rates",
        "/settlements",
        "/operate/resources/north-a100/capacity/new",
        "/operate/resources/north-a100/capacity/{change}/end",
        "/docking",
        "/docking/demands/{demand}",
        "/docking/demands/{demand}/propose",
        "/docking/offers/new",
        "/waitlist/resources/north-a100",
        "/displacements",
        "/bookings/{booking}",
        "/bookings/{booking}/counter-offer",
        "/bookings/{booking}/refund",
        "/jobs",
        "/outbox/{parked}",
    ),
    "steward": (
        "/operate",
        "/operate/datasets/new",
        "/operate/datasets/import",
        "/operate/datasets/north-radar/edit",
        "/operate/datasets/north-radar/terms",
        "/operate/datasets/north-radar/accesses",
        "/attestations",
        "/permits",
    ),
    "funder": ("/grants", "/grants/new?team=team", "/grants/{grant}"),
    "reviewer": ("/teams", "/teams/team", "/outcomes/1", "/editions/2", "/scenarios/cranes", "/teams/tractors"),
    "owner": ("/editions/2/entries/new", "/scenarios/harbour-2/edit", "/scenarios/ropes"),
    "admin": (
        "/",
        "/people",
        "/people/new",
        "/people/{person}",
        "/organisations",
        "/organisations/new",
        "/audit",
        "/editions/new",
    ),
}
"""By who looks: addresses, whose places are filled by what `furnish` made."""

NOT_PAGES = frozenset(
    {
        "static",
        "accesses.booking_lines",
        "activities.ics",
        "accesses.dataset_lines",
        "catalogue.choose",
        "descriptions",
        "discovery",
        "editions.feed",
        "exports",
        "feeds.read",
        "gateway",
        "news",
        "health",
    }
)
"""Endpoints, or whole blueprints, that answer with something else than a page."""


class Refusing:
    """A mail server that takes nothing."""

    def send(self, letter: Letter) -> None:
        raise Permanent("550 5.1.1 no such mailbox")


def furnish(app: Flask) -> dict[str, str]:
    """A world with one of everything that has a page; the values of the places in PAGES."""
    world, now = build_world(app, seats=8), clock.now()
    with app.app_context():
        parked = _park_a_letter(now)
        _report(world, now)
        waiting, growing, refused = (_book(world, now, units, hours) for units, hours in ((8, 24), (2, 4), (4, 24)))
        made = {
            "growing": _ask_for_more(world, now, growing),
            "offered": _offer_less(world, now, refused),
            "displaced": _displace(world, now),
            "entry": _wait(world, now),
            "demand": _look(world, now),
            "series": _repeat(world, now),
        }
        change = _announce(world, now)
        publish_lists(world, now)
        _teach(world, now)
        _set_terms(world, now)
        create_cluster("main", World.NORTH, "bk_", actor=world.operator, now=now)
        db.session.remove()
    change_row(app, world.pool, description="Racks 1 to 4.\nWater-cooled.")
    return {
        **{name: str(number) for name, number in made.items()},
        "booking": str(waiting),
        "change": str(change),
        "parked": str(parked),
        "grant": str(world.pool_grant),
        "person": str(world.lead.user_id),
        "stop": stop_token(world.lead.user_id, DIGEST, app.config["SECRET_KEY"]),
    }


def paths(of: str, places: Mapping[str, str]) -> list[str]:
    """The addresses of somebody's pages."""
    return [path.format(**places) for path in PAGES[of]]


def _park_a_letter(now: datetime) -> int:
    with transaction() as session:
        tell(session, destination="mail:gone@example.org", subject="user:9", event="confirm_email",
             payload={"link_token": "secret-link"}, now=now)  # fmt: skip
    deliver_due(now, mail=Refusing())
    return db.session.scalars(select(OutboxItem.id).where(OutboxItem.state == "parked")).one()


def _book(world: World, now: datetime, units: int, hours: int, *, ahead: timedelta = HOUR) -> int:
    """A booking that begins so far ahead; more than 16 GPU-hours wait for their owner."""
    with transaction() as session:
        session.execute(
            update(Resource).where(Resource.id == world.pool).values(
                policy={"auto_approve_unit_hours": 16}, offer_version=Resource.offer_version + 1
            )
        )  # fmt: skip
    start = ceil_to_grid(now, 15) + ahead
    order = world.order(Window(start, start + hours * HOUR), units, seats=1)
    return request_booking(order, actor=world.lead, now=now).id


def _ask_for_more(world: World, now: datetime, booking_id: int) -> int:
    """Have a booking confirmed, and ask for another day of it."""
    booking = approve_booking(booking_id, actor=world.operator, now=now)
    longer = Window(booking.window.start, booking.window.end + 24 * HOUR)
    asked = {"claims": None, "actor": world.lead, "version": booking.version}
    change_booking(booking_id, window=longer, now=now, **asked)
    return booking_id


def _offer_less(world: World, now: datetime, booking_id: int) -> int:
    """The offer that an owner answers a booking with."""
    claims = (Claim(world.pool, 2), Claim(world.dataset, 1))
    said = {"actor": world.operator, "reason": "Half of the racks are promised."}
    return counter_offer(booking_id, window=None, claims=claims, hold_until=None, now=now, **said).id


def _displace(world: World, now: datetime) -> int:
    """A booking of next week that loses its place, and waits for a decision."""
    week = timedelta(days=7)
    booking_id = _book(world, now, 16, 4, ahead=week)
    start = ceil_to_grid(now, 15) + week
    outage = NewChange(-56, start, start + 4 * HOUR, "Cooling repair")
    later = Resolutions(otherwise=Resolution.LATER)
    add_capacity(World.POOL, outage, actor=world.operator, now=now, resolutions=later)
    return booking_id


def _wait(world: World, now: datetime) -> int:
    """A wish that nothing is free for."""
    start = ceil_to_grid(now, 15) + timedelta(days=7)
    span = Window(start, start + 4 * HOUR)
    lengths = {"min_seconds": 7_200, "max_seconds": 14_400}
    wish = Wish(team_id=world.team, resource_id=world.pool, units=32, span=span, purpose="training", **lengths)
    return join_waitlist(wish, actor=world.lead, now=now).id


def _look(world: World, now: datetime) -> int:
    """An offer to one team, and a demand that it and free capacity could serve."""
    start = ceil_to_grid(now, 15) + timedelta(days=9)
    span = Window(start, start + 24 * HOUR)
    offered = NewOffer(world.pool, 16, span, span.start, team_id=world.team, note="Quiet days.")
    open_offer(offered, actor=world.operator, now=now)
    models, regions = ("A100", "H100"), ("Beijing", "Guangdong")
    asked = NewDemand(world.team, 8, 7_200, span, models, world.dataset, regions, 40, "Crossings at night")
    return open_demand(asked, actor=world.lead, now=now).id


def _set_terms(world: World, now: datetime) -> None:
    """Terms of the dataset that nobody has accepted yet, and a permit that is asked for."""
    terms = NewTerms("For research alone.\nNothing leaves the centre.", now + HOUR, urgent=False)
    publish_terms(World.DATASET, terms, actor=world.steward, now=now)
    ask_for_permit(World.DATASET, world.team, "crossings at night", actor=world.lead, now=now)


def _report(world: World, now: datetime) -> None:
    """A published case, a report that is asked for, and an attestation that is owed."""
    review_outcome(submitted(world, now), "publish", actor=world.people["reviewer"], now=now)
    used(world, now, seats=1)
    ask_due(now)
    change_resource(World.DATASET, {"deletion_days": 7}, actor=world.steward, now=now)
    attestations.ask_due(now)


def _repeat(world: World, now: datetime) -> int:
    """Four mornings, from the day after tomorrow on."""
    first = (now + timedelta(days=2)).date()
    return request_series(plan(world, units=2, first=first), actor=world.lead, now=now).id


def _teach(world: World, now: datetime) -> None:
    """A course that somebody has completed, with a session, and people who come to the contest."""
    safety = NewCourse("Safety", "safety", World.NORTH, "What not to touch.", valid_days=365)
    open_course(safety, actor=world.operator, now=now)
    start = ceil_to_grid(now, 15) + 48 * HOUR
    window = Window(start, start + 2 * HOUR)
    about = ("Safety", "safety-1", World.NORTH, ActivityKind.TRAINING, "Beijing", "Room 2", "")
    session = NewActivity(*about, window, places=12, course="safety")
    announce_activity(session, actor=world.operator, now=now)
    record_completion("safety", world.lead.email, actor=world.operator, now=now)
    for slug, person in (("contest", world.lead), ("safety-1", world.member)):
        enrol(slug, actor=person, now=now)


def _announce(world: World, now: datetime) -> int:
    """An activity, and an outage of tomorrow; the id of the outage."""
    with transaction() as session:
        start = ceil_to_grid(now, 15) + 24 * HOUR
        window = {"starts_at": start, "ends_at": start + 6 * HOUR}
        session.add(
            Activity(
                name="Crossing contest", slug="contest", organisation_id=world.north, kind="contest",
                region="Beijing", place="Hall 4", description="Who sees the most?", places=40, **window,
            )
        )  # fmt: skip
        outage = CapacityChange(
            resource_id=world.pool, kind="outage", units=8, reason="New switches", created_at=now, **window
        )
        session.add(outage)
        session.flush()
        return outage.id
