"""The page of one's own API tokens."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.visitors import csrf, enter, person, send


def test_a_token_is_shown_once_listed_and_revoked(app: Flask, client: FlaskClient):
    person(app)
    enter(client, "ana@example.org")
    word = csrf(client, "/account/tokens")
    form = {"csrf_token": word, "name": "cluster", "scope": "read", "days": "7"}

    made = client.post("/account/tokens", data=form)

    assert made.status_code == 201
    text = re.search(r"bk_[\w-]{43}", made.text)
    assert text
    page = client.get("/account/tokens").text
    assert text[0] not in page
    assert "cluster" in page

    revoke = re.search(r"/account/tokens/\d+/revoke", page)
    assert revoke
    assert client.post(revoke[0], data={"csrf_token": word}).status_code == 303
    assert "revoked" in client.get("/account/tokens").text


@pytest.mark.parametrize("token_id", ["999", "x", "0", "-1", "9" * 30, "１"])
def test_a_token_that_is_not_there_is_404(app: Flask, client: FlaskClient, token_id: str):
    person(app)
    enter(client, "ana@example.org")
    assert send(client, f"/account/tokens/{token_id}/revoke").status_code == 404


@pytest.mark.parametrize("days", ["0", "367", "1.5", "NaN", "2147483648", "9" * 5000, ""])
def test_a_token_of_no_length_is_refused_beside_the_field(app: Flask, client: FlaskClient, days: str):
    person(app)
    enter(client, "ana@example.org")
    answer = send(client, "/account/tokens", {"name": "x", "scope": "read", "days": days})
    assert answer.status_code == 422
    assert 'id="days-error"' in answer.text


def test_days_that_are_endless_are_refused_beside_the_field(app: Flask, client: FlaskClient):
    person(app)
    enter(client, "ana@example.org")
    assert send(client, "/account/tokens", {"name": "x", "scope": "read", "days": "9" * 400}).status_code == 422
