"""Health, as monitors ask it."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from booking import clock, create_app
from booking.db import db
from booking.models.jobs import Heartbeat, JobRun


def lead(app: Flask, ago: timedelta) -> None:
    with app.app_context():
        db.session.add(Heartbeat(part="leader", at=clock.now() - ago, who="test"))
        db.session.commit()


def test_a_process_that_is_up_says_so_even_without_a_database():
    app = create_app({"DATABASE_URL": "postgresql://127.0.0.1:1/none", "SECRET_KEY": "x"})
    assert app.test_client().get("/healthz").json == {"status": "ok"}
    ready = app.test_client().get("/readyz")
    assert (ready.status_code, ready.json["database"]) == (503, "OperationalError")


def test_it_is_ready_while_a_scheduler_leads(app: Flask, client: FlaskClient):
    lead(app, timedelta(seconds=50))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "ok")


@pytest.mark.parametrize("ago", [timedelta(seconds=61), None])
def test_it_is_not_ready_when_no_scheduler_has_led_within_a_minute(
    app: Flask, client: FlaskClient, ago: timedelta | None
):
    if ago:
        lead(app, ago)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json["database"], answer.json["schema"]) == ("ok", "ok")
    assert "minute" in answer.json["scheduler"]


def test_it_is_not_ready_on_an_old_schema(app: Flask, client: FlaskClient):
    lead(app, timedelta())
    with app.app_context():
        db.session.execute(text("UPDATE alembic_version SET version_num = 'old'"))
        db.session.commit()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "init" in answer.json["schema"]


def test_it_is_not_ready_without_tables(empty_database_url: str):
    app = create_app({"DATABASE_URL": empty_database_url, "SECRET_KEY": "x"})
    assert app.test_client().get("/readyz").status_code == 503
    with app.app_context():
        db.engine.dispose()


def test_metrics_tell_of_jobs_outbox_and_bookings(app: Flask, client: FlaskClient):
    with app.app_context():
        db.session.add(
            JobRun(name="complete_ended", started_at=clock.now(), milliseconds=1500, items=7, errors=2, leader="test")
        )
        db.session.commit()
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    lines = answer.text.splitlines()
    assert 'booking_job_items{job="complete_ended"} 7.0' in lines
    assert 'booking_job_errors{job="complete_ended"} 2.0' in lines
    assert 'booking_job_duration_seconds{job="complete_ended"} 1.5' in lines
    assert 'booking_outbox_items{state="parked"} 0.0' in lines
    assert 'booking_open_bookings{state="active"} 0.0' in lines
