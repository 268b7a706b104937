"""Capacity that is cut while others book, in processes of their own."""

from pathlib import Path

from flask import Flask

from booking.domain.capacity_changes import NewChange
from booking.domain.displacements import Displaces, Resolution, Resolutions
from booking.domain.orders import Claim, Order
from booking.domain.permissions import Actor
from booking.domain.refusals import Refused
from booking.services import bookings, capacity
from booking.services.fsck import check_rules
from tests.support.processes import application, meet, together
from tests.support.publishing import LATER, NOW, displacements, hours
from tests.support.world import World, build_world

ROUNDS = 12


def take_turns(database_url: str, directory: str, operator: Actor, order: Order) -> tuple[str, list[str]]:
    """One process closes the pool for an hour, the other books that hour; again for the next one."""
    with application(database_url):
        closes = _is_first(Path(directory))
        answers = []
        for turn in range(ROUNDS):
            window = hours(2 * turn, 2 * turn + 1)
            meet()
            try:
                if closes:
                    change = NewChange("closed", window.start, window.end, "repair")
                    capacity.add_capacity(World.POOL, change, actor=operator, now=NOW)
                else:
                    wanted = Order(order.team_id, window, order.claims, "race")
                    bookings.request_booking(wanted, actor=operator, now=NOW, reason="race")
                answers.append("done")
            except (Displaces, Refused) as error:
                answers.append(type(error).__name__)
        return "closes" if closes else "books", answers


def test_a_closure_and_a_booking_at_once_never_both_get_what_they_want(app: Flask, database_url: str, tmp_path: Path):
    world = build_world(app)
    order = Order(world.team, hours(0, 1), (Claim(world.pool, 8),), "race")
    answers = dict(together(take_turns, database_url, str(tmp_path / "first"), world.operator, order))

    pairs = set(zip(answers["closes"], answers["books"], strict=True))
    assert pairs <= {("done", "Refused"), ("Displaces", "done")}
    with app.app_context():
        assert all(finding.is_kept for finding in check_rules(NOW))


def close_both(database_url: str, directory: str, admin: Actor) -> int:
    """Each process closes another pool for everybody who claims both, and decides later."""
    with application(database_url):
        first = _is_first(Path(directory))
        meet()
        change = NewChange("closed", NOW, None, "moving house")
        slug = World.POOL if first else World.OTHER_POOL
        capacity.add_capacity(slug, change, actor=admin, now=NOW, resolutions=LATER)
        return 1


def test_two_closures_that_displace_the_same_bookings_do_not_wait_for_each_other_for_ever(
    app: Flask, database_url: str, tmp_path: Path
):
    world = build_world(app)
    both = (Claim(world.pool, 1), Claim(world.other_pool, 1))
    with app.app_context():
        for each in range(10):
            order = Order(world.team, hours(each, each + 1), both, "training")
            bookings.request_booking(order, actor=world.lead, now=NOW)

    assert together(close_both, database_url, str(tmp_path / "first"), world.admin) == [1, 1]

    with app.app_context():
        assert len(displacements()) == 20
        assert all(finding.is_kept for finding in check_rules(NOW))


def revoke_all(database_url: str, admin: Actor) -> str:
    """Both processes want the same outage and revoke whom it displaces."""
    with application(database_url):
        meet()
        change = NewChange(-60, NOW, None, "fire")
        resolutions = Resolutions(otherwise=Resolution.REVOKE)
        capacity.add_capacity(World.POOL, change, actor=admin, now=NOW, resolutions=resolutions)
        return "done"


def test_whom_two_outages_displace_is_revoked_once(app: Flask, database_url: str):
    world = build_world(app)
    with app.app_context():
        for each in range(10):
            bookings.request_booking(world.order(hours(each, each + 1), 32), actor=world.lead, now=NOW)

    assert together(revoke_all, database_url, world.admin) == ["done", "done"]

    with app.app_context():
        assert [outcome for _, outcome in displacements()] == ["revoke"] * 10
        assert all(finding.is_kept for finding in check_rules(NOW))


def _is_first(directory: Path) -> bool:
    try:
        directory.mkdir()
    except FileExistsError:
        return False
    return True
