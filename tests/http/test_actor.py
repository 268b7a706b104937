"""Who asks."""

from collections.abc import Iterator

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient
from sqlalchemy import update

from booking.db import db
from booking.http.actor import asking, current_actor
from booking.models.organisations import Organisation
from booking.models.scenarios import Scenario
from booking.models.teams import Membership, Team
from booking.models.tokens import Token
from booking.models.users import Role, User
from tests.support.statements import counted_statements
from tests.support.visitors import NOW, person, sign_in, token


@pytest.fixture
def app(app: Flask) -> Flask:
    """Two calls and a page that say who asks."""

    @app.route("/api/v1/me", methods=["GET", "POST"])
    def me():
        return jsonify(current_actor().email)

    @app.get("/api/v1/anyone")
    def anyone():
        return jsonify(asking().email)

    @app.get("/me")
    def page():
        actor = current_actor()
        return jsonify(roles=sorted(role for role, _ in actor.roles), teams=dict(actor.teams))

    return app


@pytest.fixture
def queries(app: Flask) -> Iterator[list[str]]:
    """The statements that the database was asked."""
    with counted_statements(app) as asked:
        yield asked


def test_a_token_speaks_for_its_owner(app: Flask, client: FlaskClient):
    headers = token(app, person(app))
    assert client.get("/api/v1/me", headers=headers).json == "ana@example.org"
    assert client.post("/api/v1/me", headers=headers).json == "ana@example.org"
    assert client.get("/api/v1/me", headers={"Authorization": headers["Authorization"].replace("B", "b", 1)}).json


def test_a_token_is_checked_by_one_query(app: Flask, client: FlaskClient, queries: list[str]):
    headers = token(app, person(app, role="funder", organisation_id=organisation(app)))
    queries.clear()
    client.get("/api/v1/me", headers=headers)
    assert len([asked for asked in queries if asked.lstrip().startswith("SELECT")]) == 1


def test_a_page_asks_once_who_reads_it(app: Flask, client: FlaskClient, queries: list[str]):
    person(app)
    sign_in(client)
    queries.clear()
    client.get("/me")
    assert len([asked for asked in queries if asked.lstrip().startswith("SELECT")]) == 1


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "Bearer bk_\xff", "Bearer " + "x" * 10_000],
)
def test_without_a_good_token_a_call_answers_401_as_a_problem(client: FlaskClient, header: str | None):
    answer = client.get("/api/v1/me", headers={"Authorization": header} if header is not None else {})
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json["status"] == 401


def test_a_bad_token_is_not_taken_for_a_visitor(client: FlaskClient):
    assert client.get("/api/v1/anyone").status_code == 200
    assert client.get("/api/v1/anyone", headers={"Authorization": "Bearer nonsense"}).status_code == 401


@pytest.mark.parametrize("change", [{"revoked_at": NOW}, {"expires_at": NOW}])
def test_a_revoked_or_expired_token_answers_401(app: Flask, client: FlaskClient, change: dict):
    headers = token(app, person(app))
    with app.app_context():
        db.session.execute(update(Token).values(**change))
        db.session.commit()
    assert client.get("/api/v1/me", headers=headers).status_code == 401


def test_the_token_of_a_closed_account_answers_401(app: Flask, client: FlaskClient):
    headers = token(app, person(app))
    with app.app_context():
        db.session.execute(update(User).values(active=False))
        db.session.commit()
    assert client.get("/api/v1/me", headers=headers).status_code == 401


def test_a_token_that_may_only_read_does_not_write(app: Flask, client: FlaskClient):
    headers = token(app, person(app), scope="read")
    assert client.get("/api/v1/me", headers=headers).status_code == 200
    refused = client.post("/api/v1/me", headers=headers)
    assert (refused.status_code, refused.json["code"]) == (403, "read_only_token")


def test_a_cookie_never_speaks_for_a_program_nor_a_token_for_a_page(app: Flask, client: FlaskClient):
    headers = token(app, person(app))
    assert client.get("/me", headers=headers).status_code == 303
    sign_in(client)
    assert client.get("/me").status_code == 200
    answer = client.get("/api/v1/me")
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers


def test_roles_and_teams_are_read_together(app: Flask, client: FlaskClient):
    actor = person(app, role="reviewer")
    owner = organisation(app)
    with app.app_context():
        db.session.add(Role(user_id=actor.user_id, role="operator", organisation_id=owner))
        for number, role in enumerate(("lead", "member"), start=1):
            db.session.add(team(number, owner))
            db.session.flush()
            db.session.add(Membership(team_id=number, user_id=actor.user_id, role=role, joined_at=NOW))
        db.session.commit()
    sign_in(client)
    assert client.get("/me").json == {"roles": ["operator", "reviewer"], "teams": {"1": "lead", "2": "member"}}


def organisation(app: Flask) -> int:
    with app.app_context():
        made = Organisation(name="O", slug="o", kind="university", region="R", created_at=NOW)
        db.session.add(made)
        db.session.flush()
        db.session.add(
            Scenario(id=1, name="S", slug="s", organisation_id=made.id, category="economy", region="R", description="")
        )
        db.session.commit()
        return made.id


def team(number: int, owner: int) -> Team:
    return Team(
        id=number,
        name=f"T{number}",
        slug=f"t{number}",
        scenario_id=1,
        organisation_id=owner,
        state="applied",
        applied_at=NOW,
    )
