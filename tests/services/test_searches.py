"""What a search remembers is never older than what another process has done; and what is possible instead."""

from datetime import datetime

from flask import Flask

from booking.db import transaction
from booking.domain.capacity_changes import NewChange
from booking.domain.orders import Claim, Order
from booking.domain.permissions import Actor
from booking.domain.search import Offer, Why
from booking.models.resources import Resource
from booking.services.booking_moves import cancel_booking
from booking.services.bookings import preview_booking, request_booking
from booking.services.capacity import add_capacity
from booking.services.searches import Wish, search, suggest
from tests.support import lives
from tests.support.lives import NOW, at, window
from tests.support.processes import application, together
from tests.support.world import World, build_world

HOUR = 3600


def first(world: World, units: int = 8, hours: float = 2) -> Offer | None:
    """The earliest window on the pool within four days."""
    wish = Wish(units, int(hours * 3600), window(0, 96), resource=World.POOL)
    return next(iter(search(wish, now=NOW, limit=1)), None)


def book(url: str, order: Order, actor: Actor) -> int:
    with application(url):
        return request_booking(order, actor=actor, now=NOW).id


def cancel(url: str, booking_id: int, actor: Actor) -> None:
    with application(url):
        cancel_booking(booking_id, actor=actor, now=NOW, reason="")


def publish(url: str, units: int, since: datetime, actor: Actor) -> None:
    with application(url):
        add_capacity(World.POOL, NewChange(units, since, None, "more"), actor=actor, now=NOW)


def test_what_another_process_books_cancels_and_publishes_is_seen_by_this_one(app: Flask, database_url: str) -> None:
    world = build_world(app)
    with app.app_context():
        assert first(world).window == window(0, 2)
        (booking_id,) = together(book, database_url, world.order(window(0, 5), 60), world.lead, processes=1)
        assert first(world).window == window(5, 7)
        assert first(world, units=4).window == window(0, 2)
        together(cancel, database_url, booking_id, world.lead, processes=1)
        assert first(world).window == window(0, 2)
        assert first(world, units=65) is None
        together(publish, database_url, 10, at(3), world.operator, processes=1)
        assert first(world, units=65).window == window(3, 5)


def instead(world: World, order: Order) -> dict[Why, Offer]:
    """What is offered instead of an order; each must be admitted as it is offered."""
    offers = suggest(order, now=NOW, by=world.lead.user_id)
    for offer in offers:
        taken = Order(order.team_id, offer.window, offer.claims, "instead")
        assert not preview_booking(taken, actor=world.lead, now=NOW).refusals
    return {offer.why: offer for offer in offers}


def test_a_pool_of_the_same_model_is_offered_before_one_of_another(app: Flask) -> None:
    world = build_world(app, units=4)
    with app.app_context():
        refused = world.order(window(0, 2), 8, seats=1)
        offer = instead(world, refused)[Why.ELSEWHERE]
        assert (offer.window, offer.claims) == (window(0, 2), (Claim(world.other_pool, 8), Claim(world.dataset, 1)))

        # A pool of the same model, though it is free only later.
        with transaction() as session:
            twin = Resource(
                kind="pool", slug="twin", name="Twin", gpu_model="A100", state="published", policy={},
                organisation_id=world.north, facility_id=world.facility, grid_minutes=15, created_at=NOW,
            )  # fmt: skip
            session.add(twin)
        add_capacity("twin", NewChange(8, at(3), None, "new"), actor=world.operator, now=NOW)
        assert instead(world, refused)[Why.ELSEWHERE].window == window(3, 5)
        assert instead(world, refused)[Why.ELSEWHERE].resource == "twin"


def test_a_pool_of_another_model_is_not_offered_where_the_one_asked_for_has_room_later(app: Flask) -> None:
    world = build_world(app)
    with app.app_context():
        lives.book(world, 0, 5, 60)
        assert instead(world, world.order(window(0, 2), 8)).keys() == {Why.EARLIEST, Why.FEWER_UNITS}


def test_where_a_fortnight_is_full_the_earliest_window_comes_after_it(app: Flask) -> None:
    world = build_world(app, policy={"max_minutes": None, "horizon_days": 60})
    with app.app_context():
        lives.book(world, 0, 24 * 50, 60)
        refused = world.order(window(0, 24), 8)
        assert instead(world, refused)[Why.EARLIEST].window == window(24 * 50, 24 * 51)
        # Beyond the horizon nothing is offered.
        assert Why.EARLIEST not in instead(world, world.order(window(0, 24 * 11), 8))
