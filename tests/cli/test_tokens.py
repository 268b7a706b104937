"""Tokens made on the server."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from booking.db import db
from booking.models.tokens import Token
from booking.models.users import User
from tests.support.commands import run
from tests.support.world import build_world


def newest(app: Flask) -> Token:
    with app.app_context():
        return db.session.scalars(select(Token).order_by(Token.id.desc())).first()


def test_the_token_stands_alone_on_stdout_and_opens_the_api(app: Flask, client: FlaskClient) -> None:
    world = build_world(app)
    done = run(app, "token", "create", " Member@example.org ")
    text = done.stdout.removesuffix("\n")
    assert text.split() == [text]
    balance = client.get(f"/api/v1/teams/{world.TEAM}/balance", headers={"Authorization": f"Bearer {text}"})
    assert balance.status_code == 200


def test_a_token_may_write_for_thirty_days_unless_it_is_said_otherwise(app: Flask) -> None:
    build_world(app)
    run(app, "token", "create", "member@example.org")
    made = newest(app)
    assert made.scope == "write"
    assert timedelta(days=29, hours=23) < made.expires_at - datetime.now(UTC) <= timedelta(days=30)

    run(app, "token", "create", "member@example.org", "--scope", "read", "--days", "1")
    made = newest(app)
    assert made.scope == "read"
    assert made.expires_at - datetime.now(UTC) <= timedelta(days=1)


def test_an_address_without_an_account_is_named(app: Flask) -> None:
    done = run(app, "token", "create", "nobody@example.org", status=1)
    assert "nobody@example.org" in done.stderr
    assert done.stdout == ""


def test_a_closed_account_gets_no_token(app: Flask) -> None:
    build_world(app)
    with app.app_context():
        db.session.scalars(select(User).where(User.email == "member@example.org")).one().active = False
        db.session.commit()
    assert run(app, "token", "create", "member@example.org", status=1).stdout == ""


@pytest.mark.parametrize("wrong", [("--scope", "admin"), ("--days", "0"), ("--days", "367"), ("--days", "1.5")])
def test_wrong_options_are_refused(app: Flask, wrong: tuple[str, str]) -> None:
    build_world(app)
    assert run(app, "token", "create", "member@example.org", *wrong, status=2).stdout == ""
