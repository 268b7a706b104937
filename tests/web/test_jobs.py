"""What operators see of jobs and outbox, and what they can do there."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from booking import clock, scheduler
from booking.changes.outbox import tell
from booking.db import db, transaction
from booking.domain.notices import Letter
from booking.domain.outbox import Permanent
from booking.models.outbox import OutboxItem
from booking.scheduler.jobs import table
from booking.services import jobs
from booking.services.outbox import deliver_due
from booking.web.jobs import NAMES
from tests.support.visitors import enter, send
from tests.support.world import World, build_world


@pytest.fixture
def world(app: Flask) -> World:
    return build_world(app)


class Refusing:
    def send(self, letter: Letter) -> None:
        raise Permanent("550 5.1.1 no such mailbox <here>")


@pytest.fixture
def parked(app: Flask) -> int:
    """The number of an item that was refused for good."""
    with app.app_context():
        with transaction() as session:
            tell(session, destination="mail:gone@example.org", subject="user:9", event="confirm_email",
                 payload={"link_token": "secret-link"}, now=clock.now())  # fmt: skip
        deliver_due(clock.now(), mail=Refusing())
        return db.session.query(OutboxItem.id).filter_by(state="parked").scalar()


def test_an_operator_sees_each_jobs_last_run(app: Flask, client: FlaskClient, world: World):
    scheduler.run_once(app, clock.now())
    enter(client, "operator@example.org")

    page = client.get("/jobs").text

    for job in table({}):
        assert str(NAMES[job.name]) in page


def test_every_job_has_a_name_that_people_read():
    assert {job.name for job in table({})} <= set(NAMES)


def test_a_leader_that_fell_silent_is_shown(app: Flask, client: FlaskClient, world: World):
    enter(client, "operator@example.org")
    assert "No scheduler leads" in client.get("/jobs").text, "none has led yet"

    with app.app_context():
        jobs.lead(who="node-1:17", now=clock.now())
    page = client.get("/jobs").text
    assert "node-1:17" in page
    assert "No scheduler leads" not in page

    with app.app_context():
        jobs.lead(who="node-1:17", now=clock.now() - timedelta(seconds=31))
    assert "No scheduler leads" in client.get("/jobs").text


def test_that_mail_has_nowhere_to_go_is_shown(client: FlaskClient, world: World):
    enter(client, "steward@example.org")

    assert "SMTP_URL" in client.get("/jobs").text


def test_a_parked_item_is_in_sight_with_its_reason_and_without_its_secret(
    client: FlaskClient, world: World, parked: int
):
    enter(client, "operator@example.org")

    for page in (client.get("/jobs").text, client.get(f"/outbox/{parked}").text):
        assert "mail:gone@example.org" in page
        assert "no such mailbox &lt;here&gt;" in page
        assert "secret-link" not in page


def test_an_operator_tries_a_parked_item_again(app: Flask, client: FlaskClient, world: World, parked: int):
    enter(client, "operator@example.org")

    answer = send(client, f"/outbox/{parked}/retry", follow_redirects=True)

    assert "tried again within seconds" in answer.text
    assert "Nothing is parked." in answer.text
    assert send(client, f"/outbox/{parked}/retry").status_code == 409


def test_an_operator_notes_what_is_known(client: FlaskClient, world: World, parked: int):
    enter(client, "admin@example.org")

    answer = send(client, f"/outbox/{parked}", {"note": "has left the company"}, follow_redirects=True)
    assert "has left the company" in answer.text

    refused = send(client, f"/outbox/{parked}", {"note": "x" * 501})
    assert refused.status_code == 422
    assert "x" * 501 in refused.text, "what was typed stays"


@pytest.mark.parametrize("address", ["/jobs", "/outbox/1"])
@pytest.mark.parametrize("name", ["lead", "funder", "reviewer"])
def test_nobody_else_has_business_here(client: FlaskClient, world: World, parked: int, name: str, address: str):
    assert client.get(address).location.startswith("/sign-in")
    enter(client, f"{name}@example.org")

    assert client.get(address).status_code == 403


@pytest.mark.parametrize("number", ["4711", "nonsense", "-1"])
def test_an_item_that_does_not_exist_is_not_found(client: FlaskClient, world: World, number: str):
    enter(client, "operator@example.org")

    assert client.get(f"/outbox/{number}").status_code == 404
