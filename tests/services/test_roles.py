"""What administrators do with accounts, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking.db import db
from booking.domain.errors import Conflict, Forbidden
from booking.domain.permissions import Actor
from booking.models.users import Role, User
from booking.queries.users import actor_by_email
from booking.services import roles, users
from tests.support.visitors import NOW, PASSWORD

VERBS = [
    lambda actor: roles.give_role(1, "reviewer", actor=actor, now=NOW),
    lambda actor: roles.take_role(1, 1, actor=actor, now=NOW),
    lambda actor: roles.close_account(1, actor=actor, now=NOW),
    lambda actor: roles.reopen_account(1, actor=actor, now=NOW),
    lambda actor: users.invite("bo@example.org", "Bo", actor=actor, secret="s", language="en", now=NOW),
]


@pytest.fixture
def two(app: Flask) -> Iterator[list[Actor]]:
    """Two administrators."""
    with app.app_context():
        for email in ("one@example.org", "two@example.org"):
            made = users.add_user(email, "A", PASSWORD, now=NOW)
            db.session.add(Role(user_id=made.user_id, role="administrator"))
            db.session.commit()
        yield [actor_by_email(db.session(), email) for email in ("one@example.org", "two@example.org")]


@pytest.mark.parametrize("verb", VERBS)
def test_only_administrators_may(two: list[Actor], verb):
    with pytest.raises(Forbidden):
        verb(Actor(99, "a@example.org", "A", roles=frozenset({("reviewer", None)})))


def test_two_administrators_who_close_each_other_at_once_leave_one(app: Flask, two: list[Actor]):
    def close(other: Actor, by: Actor) -> bool:
        with app.app_context():
            try:
                roles.close_account(other.user_id, actor=by, now=NOW)
            except Conflict:
                return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(close, two, reversed(two)))
    assert sorted(done) == [False, True]
    db.session.rollback()  # what was read before is a snapshot
    assert db.session.scalar(select(func.count()).where(User.active)) == 1


def test_an_address_registered_twice_at_once_has_one_account(app: Flask):
    def register(number: int) -> None:
        with app.app_context(), suppress(Conflict):
            users.register(
                "new@example.org", f"N{number}", PASSWORD, secret="s", confirm=True, language="en", limit=9, now=NOW
            )

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(register, range(4)))
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(User)) == 1
