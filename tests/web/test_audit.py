"""The page of the audit log."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from booking.db import db
from tests.support.visitors import send
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def administrator(as_, world: World) -> FlaskClient:
    """A browser of an administrator who has done something that is noted."""
    client = as_("admin")
    form = {"name": "Uni", "slug": "uni", "kind": "university", "region": "Beijing"}
    assert send(client, "/organisations/new", form).status_code == 303
    return client


def test_the_log_says_who_did_what(administrator: FlaskClient):
    page = administrator.get("/audit").text
    assert "organisation.create" in page
    assert "admin@example.org" in page
    assert "organisation.create" not in administrator.get("/audit?q=nothing").text


def test_only_administrators_read_it(as_, administrator: FlaskClient):
    assert as_("operator").get("/audit").status_code == 403


def test_the_chain_is_verified_and_a_break_is_named(app, administrator: FlaskClient):
    whole = send(administrator, "/audit/verify", {"kept": ""})
    assert "The log is whole" in whole.text
    assert "the log was made anew" in send(administrator, "/audit/verify", {"kept": "f" * 64}).text

    with app.app_context():
        db.session.execute(text("UPDATE audit_entries SET by = 'nobody@example.org'"))
        db.session.commit()
    assert "is not as it was written" in send(administrator, "/audit/verify", {"kept": ""}).text
