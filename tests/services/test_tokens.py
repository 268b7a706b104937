"""API tokens, on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from booking.db import db
from booking.domain.errors import Invalid, NotFound
from booking.domain.permissions import Actor
from booking.http.actor import digest
from booking.models.tokens import Token
from booking.models.users import User
from booking.queries.tokens import Holder, holder
from booking.services import tokens, users
from tests.support.visitors import NOW, PASSWORD


@pytest.fixture
def ana(app: Flask) -> Iterator[Actor]:
    with app.app_context():
        yield users.add_user("ana@example.org", "Ana", PASSWORD, now=NOW)


def made_by(actor: Actor, scope: str = "write", days: int = 30) -> str:
    return tokens.create_token(actor, name="tests", scope=scope, days=days, now=NOW)


def held(text: str, now=NOW) -> Holder | None:
    return holder(db.session.connection(), digest(text), now)


def test_a_token_stands_for_its_owner_with_its_scope(ana: Actor):
    assert held(made_by(ana)) == Holder(ana, may_write=True)
    assert held(made_by(ana, scope="read")) == Holder(ana, may_write=False)


def test_the_text_is_stored_nowhere(ana: Actor):
    text = made_by(ana)
    (row,) = db.session.scalars(select(Token))
    assert text.startswith("bk_")
    assert len(text) == 46
    assert text not in {str(value) for value in vars(row).values()}


def test_a_token_lasts_exactly_its_days(ana: Actor):
    text = made_by(ana, days=1)
    assert held(text, NOW + timedelta(days=1, seconds=-1))
    assert held(text, NOW + timedelta(days=1)) is None


def test_a_revoked_token_stands_for_nobody(ana: Actor):
    text = made_by(ana)
    tokens.revoke_token(db.session.scalars(select(Token.id)).one(), actor=ana, now=NOW)
    assert held(text) is None


def test_a_token_dies_with_its_owners_account(ana: Actor):
    text = made_by(ana)
    db.session.execute(update(User).values(active=False))
    assert held(text) is None


def test_nobody_revokes_the_token_of_another(ana: Actor):
    made_by(ana)
    token_id = db.session.scalars(select(Token.id)).one()
    other = users.add_user("bo@example.org", "Bo", PASSWORD, now=NOW)
    with pytest.raises(NotFound):
        tokens.revoke_token(token_id, actor=other, now=NOW)


@pytest.mark.parametrize(
    ("wrong", "field"), [({"scope": "admin"}, "scope"), ({"days": 0}, "days"), ({"days": 367}, "days")]
)
def test_a_token_of_another_scope_or_length_is_refused(ana: Actor, wrong: dict, field: str):
    with pytest.raises(Invalid) as refused:
        made_by(ana, **wrong)
    assert refused.value.field == field
