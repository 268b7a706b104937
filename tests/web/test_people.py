"""The pages on which administrators look after accounts."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.db import db
from booking.models.audit import AuditEntry
from booking.models.organisations import Organisation
from booking.models.outbox import OutboxItem
from tests.support.visitors import NOW, PASSWORD, person, send, sign_in


@pytest.fixture
def administrator(app: Flask, client: FlaskClient) -> FlaskClient:
    """A browser in which an administrator has signed in."""
    person(app, "root@example.org", "Root", role="administrator")
    with app.app_context():
        db.session.add(Organisation(name="Uni", slug="uni", kind="university", region="R", created_at=NOW))
        db.session.commit()
    sign_in(client, "root@example.org")
    return client


@pytest.mark.parametrize("address", ["/people", "/people/new", "/people/1", "/people/999"])
def test_nobody_else_has_any_business_there(app: Flask, client: FlaskClient, address: str):
    assert client.get(address).status_code == 303
    person(app, role="reviewer")
    sign_in(client)
    assert client.get(address).status_code == 403


def test_an_account_is_found_by_a_part_of_its_name_or_address(app: Flask, administrator: FlaskClient):
    person(app, "ana@example.org", "Ana 100%")
    person(app, "bo@example.org", "Bo")
    assert "bo@example.org" in administrator.get("/people").text
    for part in ("ANA", "100%", "ana@"):
        page = administrator.get("/people", query_string={"q": part}).text
        assert "ana@example.org" in page
        assert "bo@example.org" not in page
    assert "Nobody of this name" in administrator.get("/people?q=_").text


def test_somebody_is_invited_and_sets_a_password_by_the_mailed_link(app: Flask, administrator: FlaskClient):
    answer = send(administrator, "/people/new", {"email": "Bo@example.org", "name": "Bo"}, follow_redirects=True)
    assert "not confirmed" in answer.text
    with app.app_context():
        mail = db.session.scalars(select(OutboxItem)).one()
        assert (mail.destination, mail.event) == ("mail:bo@example.org", "reset_password")
        link = mail.payload["link_token"]
    newcomer = app.test_client()
    send(newcomer, f"/reset-password/{link}", {"password": PASSWORD})
    assert sign_in(newcomer, "bo@example.org").location == "/account"


def test_a_second_account_for_an_address_is_refused_beside_the_field(app: Flask, administrator: FlaskClient):
    person(app)
    answer = send(administrator, "/people/new", {"email": "ana@example.org", "name": "Ana"})
    assert answer.status_code == 422
    assert "has an account already" in answer.text
    assert 'value="ana@example.org"' in answer.text


def test_a_role_is_given_and_taken_and_both_are_noted(app: Flask, administrator: FlaskClient):
    ana = person(app)
    page = f"/people/{ana.user_id}"
    form = {"role": "operator", "organisation": "uni", "department": ""}
    assert send(administrator, f"{page}/roles", form).status_code == 303
    shown = administrator.get(page).text
    assert "Uni" in shown
    assert send(administrator, f"{page}/roles", form).status_code == 422

    role_id = shown.split(f"{page}/roles/")[1].split("/")[0]
    assert send(administrator, f"{page}/roles/{role_id}/remove").status_code == 303
    assert send(administrator, f"{page}/roles/{role_id}/remove").status_code == 404
    with app.app_context():
        notes = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert [(note.act, note.by) for note in notes] == [
            ("user.give_role", "root@example.org"),
            ("user.take_role", "root@example.org"),
        ]


@pytest.mark.parametrize(
    ("form", "beside"),
    [
        ({"role": "operator"}, "organisation"),
        ({"role": "reviewer", "organisation": "uni"}, "organisation"),
        ({"role": "emperor"}, "role"),
        ({"role": "operator", "organisation": "nowhere"}, "organisation"),
        ({"role": "reviewer", "department": "d" * 201}, "department"),
    ],
)
def test_a_role_that_cannot_be_is_refused_beside_its_field(
    app: Flask, administrator: FlaskClient, form: dict, beside: str
):
    ana = person(app)
    answer = send(administrator, f"/people/{ana.user_id}/roles", {"organisation": "", **form})
    assert answer.status_code == 422
    assert f'id="{beside}-error"' in answer.text


def test_a_closed_account_is_out_at_once_until_it_is_reopened(app: Flask, administrator: FlaskClient):
    ana = person(app)
    browser = app.test_client()
    sign_in(browser)
    assert send(administrator, f"/people/{ana.user_id}/close").status_code == 303
    assert browser.get("/account").status_code == 303
    assert sign_in(browser).status_code == 422

    send(administrator, f"/people/{ana.user_id}/reopen")
    assert sign_in(browser).location == "/account"


def test_there_is_always_an_administrator(app: Flask, administrator: FlaskClient):
    answer = send(administrator, "/people/1/close", follow_redirects=True)
    assert "Nobody else could administer." in answer.text
    role = answer.text.split("/people/1/roles/")[1].split("/")[0]
    answer = send(administrator, f"/people/1/roles/{role}/remove", follow_redirects=True)
    assert "Nobody else could administer." in answer.text


@pytest.mark.parametrize("address", ["/people/999", "/people/x", "/people/99999999999999999999"])
def test_an_account_that_is_not_there_is_404(administrator: FlaskClient, address: str):
    assert administrator.get(address).status_code == 404
    assert send(administrator, f"{address}/close").status_code == 404
