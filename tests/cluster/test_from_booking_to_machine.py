"""A booking made by the web form runs on exactly its nodes of a real Slurm, and what it used comes back."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection

from booking import clock, scheduler
from booking.db import db
from booking.domain.clusters import nodes_listed
from booking.domain.windows import Window, floor_to_grid
from booking.queries.usage import uses_of
from booking.services.booking_edits import change_booking
from booking.services.booking_moves import cancel_booking, finish_booking
from booking.services.bookings import request_booking
from tests.support.booking_form import press, typed
from tests.support.clusters import breaches
from tests.support.lives import entries, found
from tests.support.slurm import SlurmCluster
from tests.support.visitors import signed_in
from tests.support.world import World


def run_jobs(app: Flask, later: timedelta = timedelta()) -> None:
    """Every job of the scheduler once; what went wrong with one is an error here."""
    wrong = [error for run in scheduler.run_once(app, clock.now() + later) for error in run.errors]
    assert not wrong


def book_by_form(client: FlaskClient, start: datetime, units: int, hours: str) -> int:
    sent = typed(zone="UTC", starts_at=f"{start:%Y-%m-%dT%H:%M}", hours=hours, claims__0__units=str(units))
    answer = press(client, "book", sent)
    assert answer.status_code == 303, answer.text
    return int(answer.location.rpartition("/")[2])


def test_from_the_web_form_to_the_job_and_back(app: Flask, world: World, slurm: SlurmCluster):
    start = floor_to_grid(clock.now(), 1)
    booking_id = book_by_form(signed_in(app, "member@example.org"), start, 16, "0.5")
    name, account = f"bk-{booking_id}", "bk_team"
    run_jobs(app)
    reserved = slurm.reservation(name)
    assert reserved is not None
    assert nodes_listed(reserved["Nodes"]) == ("a1", "a2")
    assert reserved["Accounts"] == account
    assert reserved["EndTime"] == f"{start + timedelta(minutes=30):%Y-%m-%dT%H:%M:%S}"

    # A member's job runs on exactly the booked nodes with all their GPUs; a rival's is refused.
    job = slurm.submit("member", account, f"--reservation={name}", "-N2", "--gres=gpu:8", "--time=5")
    running = slurm.until_job(job, JobState="RUNNING")
    assert nodes_listed(running["NodeList"]) == ("a1", "a2")
    assert "gres/gpu=16" in running["TRES"]
    for theirs in ("bk_rival-team", account):
        with pytest.raises(RuntimeError, match=r"Access denied|Invalid account"):
            slurm.submit("rival", theirs, f"--reservation={name}", "--gres=gpu:1", "--time=1")

    # A job beyond what is held there (16 GPUs for half an hour) waits for the quota, wherever it would run.
    beyond = slurm.submit("member", account, "-N1", "--gres=gpu:8", "--time=61")
    slurm.until_job(beyond, JobState="PENDING", Reason="AssocGrpGRESMinutes")

    _extension_shrink_and_cancellation_are_seen(app, world, slurm, booking_id, start)

    # The end: the job is ended first, the reservation is gone, and what was used is what sacct says.
    finish_booking(booking_id, actor=world.lead, now=clock.now())
    run_jobs(app)
    assert slurm.reservation(name) is None
    slurm.until_job(job, JobState="CANCELLED")
    slurm.until_counted(job, "CANCELLED")
    run_jobs(app, timedelta(minutes=2))
    run_jobs(app, timedelta(minutes=2))
    said = slurm.as_root("sacct", "-nXP", "-j", job, "-o", "ElapsedRaw,AllocTRES").split("|")
    measured = int(said[0]) * 16
    assert measured > 0
    with app.app_context():
        (use,) = uses_of(_connection(), booking_id)
        assert (use.used, use.jobs, use.running) == (measured, 1, 0)
        assert found(booking_id).claims[0].measured_unit_seconds == measured
        assert [entry for entry in entries(booking_id) if entry[0] == "charge"] == [("charge", measured / 3600)]
        assert breaches(clock.now() + timedelta(minutes=3)) == []


def _extension_shrink_and_cancellation_are_seen(
    app: Flask, world: World, slurm: SlurmCluster, booking_id: int, start: datetime
) -> None:
    name = f"bk-{booking_id}"
    for minutes, version in ((45, 2), (20, 3)):
        window = Window(start, start + timedelta(minutes=minutes))
        change_booking(booking_id, window=window, claims=None, actor=world.lead, now=clock.now(), version=version)
        run_jobs(app)
        reserved = slurm.reservation(name)
        assert reserved is not None
        assert reserved["EndTime"] == f"{window.end:%Y-%m-%dT%H:%M:%S}"

    later = Window(start + timedelta(minutes=30), start + timedelta(minutes=60))
    other = request_booking(world.order(later, 32), actor=world.lead, now=clock.now())
    run_jobs(app)
    reserved = slurm.reservation(f"bk-{other.id}")
    assert reserved is not None
    assert nodes_listed(reserved["Nodes"]) == ("a1", "a2", "a3", "a4")
    cancel_booking(other.id, actor=world.lead, now=clock.now())
    run_jobs(app)
    assert slurm.reservation(f"bk-{other.id}") is None
    assert slurm.reservation(name) is not None


def _connection() -> Connection:
    db.session.rollback()
    return db.session().connection()
