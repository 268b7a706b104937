"""What jobs have used comes back: it counts once, checks in, settles prices, and unknown is not zero."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from booking.connectors.cluster import MemoryCluster
from booking.db import db
from booking.domain.errors import Forbidden
from booking.domain.lifecycle import State
from booking.domain.usage import UsedJob
from booking.models.bookings import Claim
from booking.models.clusters import UsageRow
from booking.queries.usage import uses_of
from booking.services import due_bookings, usage
from booking.services.booking_moves import finish_booking
from tests.support.clusters import astray, bind, breaches, memory, pass_by
from tests.support.lives import NOW, Totals, at, book, entries, found, totals
from tests.support.world import World, build_world

MEASURED = {"charge": "measured", "min_charge_percent": 25}
MINUTES = timedelta(minutes=1)


@pytest.fixture
def bound(app: Flask) -> Any:
    """Makes a world with this policy, its pool of 32 GPUs bound to four nodes of eight."""
    with app.app_context():

        def make(**policy: Any) -> World:
            world = build_world(app, units=32, policy=policy)
            bind(world)
            return world

        yield make


@pytest.fixture
def main() -> MemoryCluster:
    return memory()


def job(booking_id: int, start: float, hours: float, *, number: str = "1", ended: bool = True, **more: Any) -> UsedJob:
    seconds = int(hours * 3600)
    usual = {"account": "bk_team", "login": "lea", "gpus": 8, "nodes": ("a1",)}
    ended_at = at(start + hours) if ended else None
    return UsedJob(
        job=number, reservation=f"bk-{booking_id}", started_at=at(start), seconds=seconds, ended_at=ended_at,
        **{**usual, **more},
    )  # fmt: skip


def claim(booking_id: int) -> Claim:
    db.session.rollback()
    return db.session.scalars(
        select(Claim).where(Claim.booking_id == booking_id).execution_options(populate_existing=True)
    ).one()


Bound = Callable[..., World]


def test_a_measured_booking_is_charged_what_its_jobs_used_once_that_is_known(bound: Bound, main: MemoryCluster):
    world = bound(**MEASURED)
    booking = book(world, 0, 2, 16)  # 32 hours, 8 of them at least
    pass_by(NOW, main=main)
    main.jobs = [job(booking.id, 0.5, 1), job(booking.id, 1, 0.5, number="2")]
    main.down = True
    pass_by(at(2), main=main)
    assert found(booking.id).state is State.COMPLETED
    assert totals(world.pool_grant) == Totals(32, 0), "held until it is known"
    assert breaches(at(2)) == []

    main.down = False
    pass_by(at(2.1), main=main)
    pass_by(at(2.2), main=main)

    assert totals(world.pool_grant) == Totals(0, 12)
    assert claim(booking.id).measured_unit_seconds == 12 * 3600
    assert breaches(at(2.2)) == []

    # What comes later still is seen, and charged to nobody.
    main.jobs.append(job(booking.id, 1.5, 0.25, number="late"))
    for hours in (2.3, 2.4):
        pass_by(at(hours), main=main)
    assert claim(booking.id).measured_unit_seconds == 14 * 3600
    assert totals(world.pool_grant) == Totals(0, 12)
    assert breaches(at(2.4)) == []


@pytest.mark.parametrize(("jobs", "price"), [(0, 8), (1, 16), (9, 32)])
def test_the_price_lies_between_the_least_share_and_the_whole(bound: Bound, main: MemoryCluster, jobs: int, price: int):
    world = bound(**MEASURED)
    booking = book(world, 0, 2, 16)
    pass_by(NOW, main=main)
    main.jobs = [job(booking.id, 0, 2, number=str(number)) for number in range(jobs)]
    pass_by(at(2), main=main)
    pass_by(at(2.1), main=main)
    pass_by(at(2.2), main=main)
    assert totals(world.pool_grant) == Totals(0, price)


def test_what_nobody_can_say_in_time_is_charged_as_served_because_unknown_is_not_zero(
    bound: Bound, main: MemoryCluster
):
    world = bound(**MEASURED)
    booking = book(world, 0, 2, 16)
    pass_by(NOW, main=main)
    main.down = True
    pass_by(at(2), main=main)

    usage.settle_measured(at(2) + timedelta(hours=24) - MINUTES)
    assert totals(world.pool_grant) == Totals(32, 0)
    usage.settle_measured(at(2) + timedelta(hours=24))
    assert totals(world.pool_grant) == Totals(0, 32)
    assert entries(booking.id)[-1] == ("charge", 32)


def test_finishing_early_waits_for_the_measure_as_well(bound: Bound, main: MemoryCluster):
    world = bound(charge="measured")
    booking = book(world, 0, 2, 16)
    pass_by(NOW, main=main)
    finish_booking(booking.id, actor=world.lead, now=at(1))
    main.jobs = [job(booking.id, 0, 0.5)]
    pass_by(at(1.1), main=main)
    pass_by(at(1.2), main=main)
    assert totals(world.pool_grant) == Totals(0, 4)


def test_rows_told_again_late_or_grown_count_once(bound: Bound, main: MemoryCluster):
    world = bound()
    booking = book(world, 0, 2, 16)
    pass_by(NOW, main=main)
    main.jobs = [job(booking.id, 0, 0.5, ended=False)]
    pass_by(at(0.5), main=main)
    pass_by(at(0.5), main=main)
    (use,) = uses_of(db.session().connection(), booking.id)
    assert (use.booked, use.used, use.jobs, use.running) == (32 * 3600, 4 * 3600, 1, 1)

    main.jobs = [job(booking.id, 0, 1), job(booking.id, 0.25, 0.25, number="late")]
    pass_by(at(1), main=main)

    assert claim(booking.id).measured_unit_seconds == 10 * 3600
    assert len(db.session.scalars(select(UsageRow)).all()) == 2


def test_an_end_that_reaches_the_accounts_hours_late_is_heard_of(bound: Bound, main: MemoryCluster):
    world = bound()
    booking = book(world, 0, 2, 16)
    main.jobs = [job(booking.id, 0.5, 2.5, ended=False)]
    usage.import_usage(at(3), reachable={"main": main})
    assert claim(booking.id).measured_unit_seconds == 20 * 3600

    main.jobs = [job(booking.id, 0.5, 0.5)]  # it has long been over, which was not known
    usage.import_usage(at(5), reachable={"main": main})

    assert claim(booking.id).measured_unit_seconds == 4 * 3600
    assert breaches(at(5)) == []


def test_good_rows_are_posted_and_the_others_stand_in_sight(bound: Bound, main: MemoryCluster):
    world = bound()
    booking = book(world, 0, 2, 16)
    pass_by(NOW, main=main)
    main.jobs = [
        job(booking.id, 0, 0.5),
        job(booking.id, 0.25, 0.5),  # the same job, while it ran
        job(booking.id, 0, 0.5, number="2", account="bk_rival-team"),
        job(booking.id, 0, 0.5, number="3", account="bk_nobody"),
        job(0, 0, 0.5, number="4", account="physics"),  # none of our business
    ]

    result = usage.import_usage(at(1), reachable={"main": main})

    assert result.items == 1
    assert sorted(subject for kind, subject, _ in astray() if kind == "usage") == ["1", "2", "3"]
    assert claim(booking.id).measured_unit_seconds == 4 * 3600
    main.jobs = main.jobs[:1]
    usage.import_usage(at(1.1), reachable={"main": main})
    assert all(mended for kind, _, mended in astray() if kind == "usage")


def test_the_first_job_checks_in(bound: Bound, main: MemoryCluster):
    world = bound(check_in_minutes=30)
    booking = book(world, 0.5, 2, 16)
    pass_by(NOW, main=main)
    main.jobs = [job(booking.id, 0.75, 0.1, ended=False)]

    pass_by(at(0.8), main=main)

    checked = found(booking.id)
    assert (checked.state, checked.checked_in_at) == (State.ACTIVE, at(0.75))
    assert checked.history[-1].reason == "a job began"
    assert breaches(at(0.8)) == []


def test_a_job_within_the_grace_is_no_no_show_though_it_is_told_late(bound: Bound, main: MemoryCluster):
    world = bound(check_in_minutes=30)
    booking = book(world, 0.5, 2, 16)
    pass_by(at(0.9), main=main)
    main.jobs = [job(booking.id, 0.99, 0.01, ended=False)]

    due_bookings.release_no_shows(at(1))
    assert found(booking.id).state is State.CONFIRMED
    assert not found(booking.id).access_open(at(1)), "access follows the clock"
    usage.import_usage(at(1.05), reachable={"main": main})

    assert found(booking.id).state is State.ACTIVE


def test_no_job_by_the_grace_is_a_no_show(bound: Bound, main: MemoryCluster):
    world = bound(check_in_minutes=30)
    booking = book(world, 0.5, 2, 16)
    pass_by(NOW, main=main)
    main.jobs = [job(booking.id, 1.01, 0.1)]  # too late

    pass_by(at(1.1), main=main)
    pass_by(at(1.1), main=main)
    pass_by(at(1.2), main=main)

    assert found(booking.id).state is State.NO_SHOW
    assert main.reserved == {}


def test_a_cluster_that_never_says_does_not_keep_a_no_show_for_ever(bound: Bound, main: MemoryCluster):
    world = bound(check_in_minutes=30)
    booking = book(world, 0.5, 4, 16)
    due_bookings.release_no_shows(at(1.99))
    assert found(booking.id).state is State.CONFIRMED
    due_bookings.release_no_shows(at(2))
    assert found(booking.id).state is State.NO_SHOW


def test_a_job_from_before_the_booking_was_made_is_another_installations(bound: Bound, main: MemoryCluster):
    world = bound()
    booking = book(world, 0, 2, 16)
    main.jobs = [job(booking.id, -0.1, 0.05), job(booking.id, 0, 0.5, number="2")]
    usage.import_usage(at(1), reachable={"main": main})
    assert claim(booking.id).measured_unit_seconds == 4 * 3600


def test_only_operators_of_a_cluster_post_rows(bound: Bound):
    world = bound()
    with pytest.raises(Forbidden):
        usage.post_usage("main", [], actor=world.lead, now=NOW)
    booking = book(world, 0, 2, 16)
    row = job(booking.id, 0, 1, nodes=())
    for _ in range(2):
        assert usage.post_usage("main", [row], actor=world.operator, now=at(1)).rows == 1
    assert claim(booking.id).measured_unit_seconds == 8 * 3600
