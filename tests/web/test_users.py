"""The pages of accounts."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from booking.db import db
from booking.models.outbox import OutboxItem
from booking.models.users import User
from tests.support.visitors import NOW, PASSWORD, person, send, sign_in

ANA = "ana@example.org"
FORM = {"email": ANA, "name": "Ana", "password": PASSWORD}


def last_link(app: Flask) -> str:
    with app.app_context():
        mail = db.session.scalars(select(OutboxItem).order_by(OutboxItem.id.desc())).first()
        assert mail is not None
        return str(mail.payload["link_token"])


def test_a_newcomer_registers_confirms_and_is_signed_in(app: Flask, client: FlaskClient):
    assert send(client, "/register", FORM).status_code == 303
    assert "Confirm and sign in" in client.get(f"/confirm/{last_link(app)}").text

    answer = send(client, f"/confirm/{last_link(app)}", {"password": PASSWORD})

    assert answer.location == "/account"
    assert ANA in client.get("/account").text


def test_registering_a_known_and_an_unknown_address_reads_the_same(app: Flask):
    person(app)
    pages = []
    for email in (ANA, "new@example.org"):
        client = app.test_client()
        answer = send(client, "/register", {**FORM, "email": email}, follow_redirects=True)
        pages.append(re.sub(r'value="[^"]*"|request \w+', "", answer.text.replace(email, "ADDRESS")))
    assert pages[0] == pages[1]


def test_a_reset_of_a_known_and_an_unknown_address_reads_the_same(app: Flask):
    person(app)
    pages = []
    for email in (ANA, "new@example.org"):
        answer = send(app.test_client(), "/reset-password", {"email": email}, follow_redirects=True)
        pages.append(re.sub(r'value="[^"]*"', "", answer.text.replace(email, "ADDRESS")))
    assert pages[0] == pages[1]
    assert "a link is on its way there" in pages[0]


def test_an_error_stands_beside_its_field_and_keeps_what_was_typed(client: FlaskClient):
    answer = send(client, "/register", {"email": "ana", "name": "<b>Ana</b>", "password": "short"})
    assert answer.status_code == 422
    assert 'aria-describedby="email-error"' in answer.text
    assert "This is not an e-mail address" in answer.text
    assert "shorter than 10 characters" in answer.text
    assert 'value="ana"' in answer.text
    assert "&lt;b&gt;Ana&lt;/b&gt;" in answer.text
    assert 'value="short"' not in answer.text


def test_a_wrong_password_says_so_and_keeps_the_address(app: Flask, client: FlaskClient):
    person(app)
    answer = sign_in(client, password="a wrong password")
    assert answer.status_code == 422
    assert "The address or the password is wrong." in answer.text
    assert f'value="{ANA}"' in answer.text


def test_a_visitor_is_sent_to_sign_in_and_back(app: Flask, client: FlaskClient):
    person(app)
    asked = client.get("/account/password?from=mail")
    assert (asked.status_code, asked.location) == (303, "/sign-in?next=/account/password?from%3Dmail")

    page = client.get(asked.location).text
    assert 'name="next" value="/account/password?from=mail"' in page
    answer = send(client, "/sign-in", {"email": ANA, "password": PASSWORD, "next": "/account/password?from=mail"})
    assert answer.location == "/account/password?from=mail"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "/a\r\nX: y",
    ],
)
def test_nobody_is_sent_to_another_site(app: Flask, client: FlaskClient, elsewhere: str):
    person(app)
    answer = send(client, "/sign-in", {"email": ANA, "password": PASSWORD, "next": elsewhere})
    assert (answer.status_code, answer.location) == (303, "/account")


class TestThrottle:
    @pytest.fixture
    def app_settings(self):
        return {"LOGIN_FAILURES": 2}

    def test_too_many_failures_answer_429_and_say_the_minutes(self, app: Flask, client: FlaskClient):
        person(app)
        for _ in range(2):
            sign_in(client, password="a wrong password")
        answer = sign_in(client)
        assert answer.status_code == 429
        assert 840 <= int(answer.headers["Retry-After"]) <= 900
        assert "Try again in 15 min." in answer.text


def test_signing_out_takes_a_form_not_a_link(app: Flask, client: FlaskClient):
    person(app)
    sign_in(client)
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 400
    assert client.get("/account").status_code == 200
    assert send(client, "/sign-out").status_code == 303
    assert client.get("/account").status_code == 303


@pytest.mark.parametrize(
    "address",
    ["/sign-in", "/register", "/sign-out", "/reset-password", "/reset-password/x", "/confirm/x",
     "/account/password", "/account/tokens", "/account/tokens/1/revoke", "/language"],
)  # fmt: skip
def test_a_form_of_another_site_does_nothing(client: FlaskClient, address: str):
    answer = client.post(address, data=FORM)
    assert answer.status_code == 400
    assert "not made for your session" in answer.text


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(app: Flask, client: FlaskClient):
    person(app)
    elsewhere = app.test_client()
    sign_in(client)
    sign_in(elsewhere)

    answer = send(client, "/account/password", {"current": PASSWORD, "password": "the new password"})

    assert answer.status_code == 303
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303


def test_a_wrong_present_password_is_said_beside_its_field(app: Flask, client: FlaskClient):
    person(app)
    sign_in(client)
    answer = send(client, "/account/password", {"current": "wrong", "password": "the new password"})
    assert answer.status_code == 422
    assert 'id="current-error"' in answer.text


def test_a_mailed_link_sets_a_new_password_once(app: Flask, client: FlaskClient):
    person(app)
    send(client, "/reset-password", {"email": ANA})
    link = f"/reset-password/{last_link(app)}"
    assert "Set a new password" in client.get(link).text
    assert send(client, link, {"password": "short"}).status_code == 422

    assert send(client, link, {"password": "the new password"}).location == "/sign-in"

    assert sign_in(client, password="the new password").location == "/account"
    again = client.get(link)
    assert again.location == "/reset-password"
    assert "This link has been used" in client.get(again.location).text


def test_a_session_ends_when_the_account_is_closed(app: Flask, client: FlaskClient):
    person(app)
    sign_in(client)
    with app.app_context():
        db.session.execute(update(User).values(active=False))
        db.session.commit()
    assert client.get("/account").status_code == 303


def test_a_session_ends_after_a_week(app: Flask, client: FlaskClient):
    person(app)
    with time_machine.travel(NOW, tick=False) as traveller:
        sign_in(client)
        cookie = {"Cookie": f"booking={client.get_cookie('booking').value}"}  # as somebody may have copied it
        stranger = app.test_client(use_cookies=False)
        traveller.shift(timedelta(days=7))
        assert stranger.get("/account", headers=cookie).status_code == 200
        traveller.shift(timedelta(seconds=1))
        assert stranger.get("/account", headers=cookie).status_code == 303


def test_a_session_of_another_secret_is_nobodys(app: Flask, client: FlaskClient):
    actor = person(app)
    sign_in(client)
    with client.session_transaction() as session:
        session["_user_id"] = f"{actor.user_id}:{'0' * 32}"
    assert client.get("/account").status_code == 303


class TestClosedRegistration:
    @pytest.fixture
    def app_settings(self):
        return {"REGISTRATION": False}

    def test_the_page_is_not_there(self, client: FlaskClient):
        assert client.get("/register").status_code == 404
        assert "/register" not in client.get("/sign-in").text


@pytest.mark.parametrize("value", ["x" * 400_000, "\0", "\ud800".encode("utf-8", "surrogatepass"), "𝒜\u202e" * 1000])
@pytest.mark.parametrize("field", ["email", "name", "password"])
def test_no_input_breaks_registration(client: FlaskClient, field: str, value: str):
    answer = send(client, "/register", {**FORM, field: value})
    # Bytes that are no text are read as their escapes; a password may contain what it likes within its length.
    harmless = field == "password" or (field == "name" and isinstance(value, bytes))
    assert answer.status_code == 422 or (harmless and answer.status_code == 303)


@pytest.mark.parametrize("value", ["x" * 400_000, "\0", "\ud800".encode("utf-8", "surrogatepass"), "ﷺ" * 10_000])
@pytest.mark.parametrize("field", ["email", "password"])
def test_no_input_breaks_sign_in(app: Flask, client: FlaskClient, field: str, value: str):
    person(app)
    answer = send(client, "/sign-in", {"email": ANA, "password": PASSWORD, field: value})
    assert answer.status_code == 422
