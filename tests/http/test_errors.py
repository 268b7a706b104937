"""Errors: one table, one shape for programs, one page for people."""

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from booking import create_app
from booking.connectors.stores import StoreError
from booking.domain.errors import (
    Conflict,
    Forbidden,
    IllegalMove,
    Invalid,
    NotFound,
    Problem,
    Stale,
    TooMany,
    Unauthenticated,
)
from booking.domain.refusals import Code, Refusal, Refused
from booking.http.actor import current_actor
from booking.http.errors import STATUS, answer, status_of
from tests.support.visitors import person, sign_in

TOO_FEW = Refusal(
    "capacity_exceeded", "Only %(free)s of %(asked)s are free.", "claims.0.units", {"free": 3, "asked": 8}
)
NOT_IN_TEAM = Refusal(Code.NOT_A_MEMBER, "You are not in this team.", "team")

STATUSES = [
    (Unauthenticated("Say who you are."), 401),
    (Forbidden("You may not."), 403),
    (NotFound("booking"), 404),
    (Conflict("It is taken."), 409),
    (IllegalMove("cancelled", "approve"), 409),
    (Refused([TOO_FEW]), 409),
    (Refused([NOT_IN_TEAM]), 403),
    (Refused([NOT_IN_TEAM, TOO_FEW]), 409),
    (Stale(7), 412),
    (Invalid("claims.0.units", "Say a whole number."), 422),
    (TooMany("Wait.", retry_after=9), 429),
    (StoreError("s3.example cannot be reached"), 503),
    (DataError("SELECT", {}, Exception()), 422),
    (IntegrityError("INSERT", {}, Exception()), 409),
    (OperationalError("SELECT", {}, Exception()), 503),
    (InterfaceError("SELECT", {}, Exception()), 503),
    (PoolTimeout("no connection was free"), 503),
    (ZeroDivisionError(), 500),
]


@pytest.fixture
def app(app: Flask) -> Flask:
    """A page and a call that fail as they are told."""
    errors = {str(number): error for number, (error, _) in enumerate(STATUSES)}

    def fail(which: str):
        raise errors[which]

    app.add_url_rule("/fail/<which>", "fail_page", fail, methods=["GET", "POST"])
    app.add_url_rule("/api/v1/fail/<which>", "fail_call", fail, methods=["GET", "POST"])
    app.add_url_rule("/abort/<int:code>", "abort_page", abort)
    app.add_url_rule("/api/v1/abort/<int:code>", "abort_call", abort)
    app.add_url_rule("/api/v1/echo", "echo", lambda: {"ok": True}, methods=["GET", "POST"])
    return app


@pytest.mark.parametrize(("number", "status"), [(number, status) for number, (_, status) in enumerate(STATUSES)])
def test_every_error_has_one_status_for_programs_and_people(client: FlaskClient, number: int, status: int):
    call = client.get(f"/api/v1/fail/{number}")
    assert (call.status_code, call.mimetype) == (status, "application/problem+json")
    assert {"type", "title", "status", "detail"} <= call.json.keys()
    assert call.json["status"] == status

    page = client.get(f"/fail/{number}")
    if status == 401:
        assert (page.status_code, page.location) == (303, f"/sign-in?next=/fail/{number}")
    else:
        assert (page.status_code, page.mimetype) == (status, "text/html")
        assert f"Error {status}" in page.text


@pytest.mark.parametrize(
    "status", [400, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 428, 429, 500, 502, 503]
)
def test_what_flask_aborts_with_has_the_same_shape(client: FlaskClient, status: int):
    call = client.get(f"/api/v1/abort/{status}")
    assert (call.status_code, call.mimetype) == (status, "application/problem+json")
    page = client.get(f"/abort/{status}")
    assert (page.status_code, page.mimetype) == (status, "text/html")


def test_every_kind_of_problem_is_in_the_table():
    kinds = set(Problem.__subclasses__()) | {Refused}
    assert kinds <= STATUS.keys()


def test_a_refusal_gives_every_reason_with_its_numbers(app: Flask):
    with app.test_request_context("/api/v1/bookings"):
        said = answer(Refused([TOO_FEW, NOT_IN_TEAM]), [{"resource": "a"}])
    assert said.json["refusals"] == [
        {
            "code": "capacity_exceeded",
            "message": "Only 3 of 8 are free.",
            "field": "claims.0.units",
            "free": 3,
            "asked": 8,
        },
        {"code": "not_a_member", "message": "You are not in this team.", "field": "team"},
    ]
    assert said.json["alternatives"] == [{"resource": "a"}]
    assert said.json["code"] == "capacity_exceeded"


def test_a_wrong_field_is_named_as_in_the_body(client: FlaskClient):
    number = next(number for number, (error, _) in enumerate(STATUSES) if isinstance(error, Invalid))
    said = client.get(f"/api/v1/fail/{number}").json
    assert said["errors"] == [{"field": "claims.0.units", "message": "Say a whole number."}]
    assert said["detail"] == "claims.0.units: Say a whole number."


def test_waiting_is_said_in_the_header(client: FlaskClient):
    number = next(number for number, (error, _) in enumerate(STATUSES) if isinstance(error, TooMany))
    for prefix in ("/api/v1", ""):
        assert client.get(f"{prefix}/fail/{number}").headers["Retry-After"] == "9"


def test_an_illegal_move_names_the_state(client: FlaskClient):
    number = next(number for number, (error, _) in enumerate(STATUSES) if isinstance(error, IllegalMove))
    said = client.get(f"/api/v1/fail/{number}").json
    assert (said["state"], said["verb"]) == ("cancelled", "approve")
    assert "cancelled" in said["detail"]


def test_a_wrong_method_names_the_right_ones(client: FlaskClient):
    call = client.delete("/api/v1/echo")
    assert (call.status_code, call.mimetype) == (405, "application/problem+json")
    assert "POST" in call.headers["Allow"]


def test_an_unknown_error_gives_nothing_away_but_a_number(client: FlaskClient):
    number = next(number for number, (_, status) in enumerate(STATUSES) if status == 500)
    for address in (f"/fail/{number}", f"/api/v1/fail/{number}"):
        said = client.get(address)
        assert said.headers["X-Request-ID"] in said.text
        assert "ZeroDivision" not in said.text


def test_a_person_stays_signed_in_on_an_error_page(app: Flask, client: FlaskClient):
    person(app, name="Ana María")
    sign_in(client)
    assert "Ana María" in client.get("/nothing").text


class TestDatabaseDown:
    @pytest.fixture
    def client(self) -> FlaskClient:
        """A reader with a session, and nobody listens where the database should be."""
        app = create_app({"DATABASE_URL": "postgresql://127.0.0.1:1/none", "SECRET_KEY": "secret of the tests"})
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = f"1:{'0' * 32}"
        return client

    @pytest.mark.parametrize("path", ["/account", "/sign-in"])
    def test_a_page_says_that_nothing_was_changed(self, client: FlaskClient, path: str):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (503, "text/html")
        assert "Nothing was changed" in answer.text
        assert answer.headers["Retry-After"]

    def test_an_error_page_is_still_shown(self, client: FlaskClient):
        answer = client.get("/nothing")
        assert answer.status_code == 404
        assert "Error 404" in answer.text

    def test_a_call_answers_503_as_a_problem(self, client: FlaskClient):
        client.application.add_url_rule("/api/v1/me", "me", lambda: {"email": current_actor().email})
        answer = client.get("/api/v1/me", headers={"Authorization": "Bearer x"})
        assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")


def test_status_of_an_unknown_error_is_500():
    assert status_of(KeyError()) == 500
