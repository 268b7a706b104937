"""What people do in tests again and again: make an account, sign in, send a form."""

import re
from datetime import UTC, datetime
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from booking.db import db
from booking.domain.permissions import Actor
from booking.models.users import Role
from booking.queries.users import user_by_email
from booking.services import tokens, users

PASSWORD = "a password of tests"
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Hashes as weakly as can be, where the strength of a hash is not what a test is about."""


def person(app: Flask, email: str = "ana@example.org", name: str = "Ana", **role: Any) -> Actor:
    """An account whose password is `PASSWORD`, with one role where one is named: `role="funder", organisation_id=1`."""
    with app.app_context():
        actor = users.add_user(email, name, PASSWORD, now=NOW)
        if role:
            db.session.add(Role(user_id=actor.user_id, **role))
            db.session.commit()
    return actor


def token(app: Flask, actor: Actor, scope: str = "write") -> dict[str, str]:
    """The header that a program of `actor` sends; the token lasts a year from today."""
    with app.app_context():
        text = tokens.create_token(actor, name="tests", scope=scope, days=366, now=datetime.now(UTC))
    return {"Authorization": f"Bearer {text}"}


def csrf(client: FlaskClient, page: str = "/sign-in") -> str:
    """The word that forms of this visitor carry."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page, follow_redirects=True).text)
    assert found, f"no form on {page}"
    return found[1]


def send(client: FlaskClient, address: str, form: dict[str, Any] | None = None, **more: Any) -> TestResponse:
    """Send a form as a page would, with the word against forgery."""
    return client.post(address, data={"csrf_token": csrf(client), **(form or {})}, **more)


def sign_in(client: FlaskClient, email: str = "ana@example.org", password: str = PASSWORD) -> TestResponse:
    """Sign a visitor in by the form."""
    return send(client, "/sign-in", {"email": email, "password": password})


def signed_in(app: Flask, email: str) -> FlaskClient:
    """A browser in which somebody has signed in before; it skips the form."""
    client = app.test_client()
    enter(client, email)
    return client


def enter(client: FlaskClient, email: str) -> None:
    """Have a visitor be signed in, as the form would leave him."""
    with client.application.app_context():
        user = user_by_email(db.session(), email)
        assert user is not None
        session_id = f"{user.id}:{user.session_key}"
    with client.session_transaction() as session:
        session["_user_id"] = session_id
        session["_fresh"] = True
    return client
