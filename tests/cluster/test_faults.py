"""What goes wrong on a real cluster: nothing is lost, nothing doubled, and what has drifted is reported and mended."""

from datetime import timedelta

from flask import Flask

from booking import clock, scheduler
from booking.db import db
from booking.domain.windows import Window, floor_to_grid
from booking.queries.clusters import drifts, find_cluster
from booking.services.bookings import request_booking
from tests.cluster.conftest import NAME
from tests.support.clusters import astray, breaches
from tests.support.lives import found
from tests.support.outbox import items
from tests.support.slurm import SlurmCluster
from tests.support.world import World

JOBS = ("choose nodes", "address notices", "tell clusters", "import usage", "reconcile clusters")


def run_jobs(app: Flask, minutes: float = 0) -> list[str]:
    """Every job of the scheduler once, so many minutes from now; what went wrong on the way."""
    runs = scheduler.run_once(app, clock.now() + timedelta(minutes=minutes))
    assert all(run.name in JOBS for run in runs if run.errors)
    return [error for run in runs for error in run.errors]


def book(world: World, units: int = 8) -> int:
    start = floor_to_grid(clock.now(), 1)
    order = world.order(Window(start, start + timedelta(minutes=30)), units)
    return request_booking(order, actor=world.member, now=clock.now()).id


def test_a_cluster_loses_its_parts_one_after_the_other(app: Flask, world: World, slurm: SlurmCluster):
    run_jobs(app)
    first = _the_controller_is_killed_while_a_booking_is_confirmed(app, world, slurm)
    _the_accounts_are_down_for_an_import(app, slurm, first)
    _somebody_deletes_a_reservation_by_hand(app, slurm, first)
    _a_stranger_reserves_nodes_of_ours(app, world, slurm)
    assert breaches(clock.now() + timedelta(minutes=7)) == []


def _the_controller_is_killed_while_a_booking_is_confirmed(app: Flask, world: World, slurm: SlurmCluster) -> int:
    """The booking goes on, an operator sees it at once, and everything arrives afterwards."""
    slurm.kill("slurmctld")
    first = book(world)
    assert run_jobs(app)
    assert find_cluster(db.session(), NAME).silent_since is not None
    assert found(first).state.value in ("confirmed", "active")
    slurm.start()
    assert run_jobs(app, 1) == []
    assert slurm.reservation(f"bk-{first}") is not None
    assert [item.state for item in items(booking_id=first, destination=f"cluster:{NAME}")].count("waiting") == 0
    db.session.rollback()
    assert find_cluster(db.session(), NAME).silent_since is None
    return first


def _the_accounts_are_down_for_an_import(app: Flask, slurm: SlurmCluster, first: int) -> None:
    """What was used is brought in afterwards, and counts once."""
    job = slurm.submit("member", "bk_team", f"--reservation=bk-{first}", "-N1", "--gres=gpu:8", "--time=5")
    slurm.until_job(job, JobState="RUNNING")
    slurm.kill("slurmdbd")
    known = find_cluster(db.session(), NAME).usage_until
    assert run_jobs(app, 1)
    db.session.rollback()
    assert find_cluster(db.session(), NAME).usage_until == known
    slurm.start()
    slurm.until_counted(job, "RUNNING")
    for _ in range(2):
        run_jobs(app, 2)
    measured = found(first).claims[0].measured_unit_seconds or 0
    said = int(slurm.as_root("sacct", "-nXP", "-j", job, "-o", "ElapsedRaw"))
    assert 0 < measured <= said * 8
    slurm.as_root("scancel", job)
    slurm.until_job(job, JobState="CANCELLED")


def _somebody_deletes_a_reservation_by_hand(app: Flask, slurm: SlurmCluster, first: int) -> None:
    """It is reported, and made again."""
    slurm.delete(f"bk-{first}")
    run_jobs(app, 3)
    assert ("missing", f"bk-{first}", False) in astray()
    run_jobs(app, 3)
    assert slurm.reservation(f"bk-{first}") is not None
    assert ("missing", f"bk-{first}", True) in astray()


def _a_stranger_reserves_nodes_of_ours(app: Flask, world: World, slurm: SlurmCluster) -> None:
    """It is reported and left alone; bookings go elsewhere, and where they cannot, their delivery waits in sight."""
    theirs = ("reservationname=maintenance", "starttime=now", "duration=60", "nodes=a2", "users=root")
    slurm.as_root("scontrol", "create", "reservation", *theirs)
    run_jobs(app, 4)
    second = book(world)
    assert run_jobs(app, 4) == []
    reserved = slurm.reservation(f"bk-{second}")
    assert reserved is not None
    assert reserved["Nodes"] == "a3"
    assert slurm.reservation("maintenance") is not None
    stranger = next(one for one in drifts(db.session(), 1) if one.kind == "stranger")
    assert (stranger.subject, stranger.mended_at) == ("maintenance", None)

    third = book(world, 16)
    (error,) = run_jobs(app, 5)
    assert "overlaps" in error
    assert found(third).state.value in ("confirmed", "active")
    slurm.delete("maintenance")
    assert run_jobs(app, 7) == []
    assert slurm.reservation(f"bk-{third}") is not None
