"""Accounts, on both databases."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from flask import Flask
from sqlalchemy import func, select, update

from booking.db import db
from booking.domain.errors import Conflict, Invalid, TooMany
from booking.models.outbox import OutboxItem
from booking.models.users import SignInFailure, User
from booking.services import users
from tests.support.visitors import NOW, PASSWORD

ANA = "ana@example.org"
LIMIT = 3
BY_MAIL = {"secret": "secret", "limit": LIMIT, "now": NOW}


@pytest.fixture(autouse=True)
def _in_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def register(password: str = PASSWORD, name: str = "Ana", **more: Any) -> None:
    users.register(ANA, name, password, **{"confirm": True, "language": "en", **BY_MAIL, **more})


def mails() -> list[OutboxItem]:
    return list(db.session.scalars(select(OutboxItem).order_by(OutboxItem.id)))


def last_link() -> str:
    token: str = mails()[-1].payload["link_token"]
    return token


def user() -> User:
    return db.session.scalars(select(User).where(User.email == ANA)).one()


def test_an_account_opens_once_its_address_is_confirmed():
    register()
    with pytest.raises(Invalid, match="not confirmed"):
        users.sign_in(ANA, PASSWORD, limit=LIMIT, now=NOW)

    opened = users.confirm_email(last_link(), PASSWORD, **BY_MAIL)

    assert opened.actor.email == ANA
    assert users.sign_in(" ANA@example.org ", PASSWORD, limit=LIMIT, now=NOW) == opened


def test_the_mail_is_addressed_and_carries_the_link_in_the_askers_language():
    register(language="zh")
    (mail,) = mails()
    assert (mail.destination, mail.event, mail.subject) == (f"mail:{ANA}", "confirm_email", f"user:{user().id}")
    assert mail.payload["language"] == "zh"


def test_who_reads_the_mail_cannot_open_an_account_that_a_stranger_prepared():
    register(password="the stranger's password")
    with pytest.raises(Invalid, match="wrong"):
        users.confirm_email(last_link(), "the reader's password", **BY_MAIL)
    assert user().confirmed_at is None


def test_an_unconfirmed_address_belongs_to_whoever_asked_last():
    register(password="the stranger's password", name="Stranger")
    old_link = last_link()
    register(password=PASSWORD)

    with pytest.raises(Conflict, match="used"):
        users.confirm_email(old_link, "the stranger's password", **BY_MAIL)
    assert users.confirm_email(last_link(), PASSWORD, **BY_MAIL).actor.name == "Ana"


def test_registering_a_taken_address_changes_nothing_and_writes_to_its_owner():
    users.add_user(ANA, "Ana", PASSWORD, now=NOW)
    register(password="another password", name="Stranger")

    assert [mail.event for mail in mails()] == ["reset_password"]
    assert users.sign_in(ANA, PASSWORD, limit=LIMIT, now=NOW).actor.name == "Ana"


def test_without_confirmation_an_account_opens_at_once_and_nothing_is_mailed():
    register(confirm=False)
    assert users.sign_in(ANA, PASSWORD, limit=LIMIT, now=NOW)
    assert not mails()


@pytest.mark.parametrize(("email", "password"), [(ANA, "a wrong password"), ("nobody@example.org", PASSWORD)])
def test_a_wrong_password_and_an_unknown_address_sound_the_same(email: str, password: str):
    users.add_user(ANA, "Ana", PASSWORD, now=NOW)
    with pytest.raises(Invalid, match=r"^The address or the password is wrong\.$"):
        users.sign_in(email, password, limit=LIMIT, now=NOW)


def test_an_unknown_address_takes_as_long_as_a_wrong_password(monkeypatch: pytest.MonkeyPatch):
    as_in_production = PasswordHasher.from_parameters(extract_parameters(users._nobody))
    monkeypatch.setattr(users, "_hasher", as_in_production)
    users.add_user(ANA, "Ana", PASSWORD, now=NOW)

    def seconds(email: str) -> float:  # of the processor, whatever else it does meanwhile
        begun = time.thread_time()
        with pytest.raises(Invalid):
            users.sign_in(email, "a wrong password", limit=100, now=NOW)
        return time.thread_time() - begun

    known = min(seconds(ANA) for _ in range(8))
    unknown = min(seconds("nobody@example.org") for _ in range(8))
    assert 0.5 < unknown / known < 2


@pytest.mark.parametrize("email", [ANA, "nobody@example.org"])
def test_after_the_last_allowed_failure_one_waits_whether_the_address_is_known_or_not(email: str):
    users.add_user(ANA, "Ana", PASSWORD, now=NOW)
    for _ in range(LIMIT):
        with pytest.raises(Invalid):
            users.sign_in(email, "a wrong password", limit=LIMIT, now=NOW)

    with pytest.raises(TooMany) as waiting:
        users.sign_in(email, PASSWORD, limit=LIMIT, now=NOW + timedelta(minutes=5))
    assert waiting.value.retry_after == 600
    assert waiting.value.numbers == {"minutes": 10}


def test_after_fifteen_minutes_one_may_try_again():
    users.add_user(ANA, "Ana", PASSWORD, now=NOW)
    for _ in range(LIMIT):
        with pytest.raises(Invalid):
            users.sign_in(ANA, "a wrong password", limit=LIMIT, now=NOW)
    assert users.sign_in(ANA, PASSWORD, limit=LIMIT, now=NOW + timedelta(minutes=15))


def test_a_right_password_forgets_the_failures():
    users.add_user(ANA, "Ana", PASSWORD, now=NOW)
    for _ in range(3):
        with pytest.raises(Invalid):
            users.sign_in(ANA, "a wrong password", limit=LIMIT, now=NOW)
        users.sign_in(ANA, PASSWORD, limit=LIMIT, now=NOW)
    assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 0


def test_guesses_made_at_once_are_counted_one_by_one(app: Flask):
    users.add_user(ANA, "Ana", PASSWORD, now=NOW)

    def guess(_: int) -> type[Exception] | None:
        with app.app_context():
            try:
                users.sign_in(ANA, "a wrong password", limit=LIMIT, now=NOW)
            except (Invalid, TooMany) as refused:
                return type(refused)
        return None

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(16)))
    assert answers.count(Invalid) == LIMIT
    assert answers.count(TooMany) == 16 - LIMIT


def test_a_closed_account_does_not_open():
    users.add_user(ANA, "Ana", PASSWORD, now=NOW)
    db.session.execute(update(User).values(active=False))
    db.session.commit()
    with pytest.raises(Invalid, match="closed"):
        users.sign_in(ANA, PASSWORD, limit=LIMIT, now=NOW)


def test_a_reset_link_works_once_and_ends_every_session():
    users.add_user(ANA, "Ana", PASSWORD, now=NOW)
    before = users.sign_in(ANA, PASSWORD, limit=LIMIT, now=NOW)
    users.request_reset(ANA, language="en", **BY_MAIL)
    link = last_link()

    users.reset_password(link, "the new password", secret="secret", now=NOW)

    after = users.sign_in(ANA, "the new password", limit=LIMIT, now=NOW)
    assert after.session_key != before.session_key
    with pytest.raises(Conflict, match="used"):
        users.reset_password(link, "a third password", secret="secret", now=NOW)


def test_a_reset_proves_the_address_too():
    register()
    users.request_reset(ANA, language="en", **BY_MAIL)
    users.reset_password(last_link(), "the new password", secret="secret", now=NOW)
    assert users.sign_in(ANA, "the new password", limit=LIMIT, now=NOW)


def test_a_link_is_too_old_after_its_time_and_not_a_second_before():
    users.add_user(ANA, "Ana", PASSWORD, now=NOW)
    users.request_reset(ANA, language="en", **BY_MAIL)
    link = last_link()
    users.check_reset(link, secret="secret", now=NOW + timedelta(hours=2, seconds=-1))
    with pytest.raises(Conflict, match="old"):
        users.check_reset(link, secret="secret", now=NOW + timedelta(hours=2))


def test_a_link_serves_only_its_purpose_and_only_with_our_signature():
    register()
    for link in (last_link(), last_link() + "x", "", "nonsense"):
        with pytest.raises(Conflict):
            users.check_reset(link, secret="secret", now=NOW)
    users.request_reset(ANA, language="en", **BY_MAIL)
    with pytest.raises(Conflict):
        users.check_reset(last_link(), secret="another secret", now=NOW)


def test_asking_for_a_reset_of_an_unknown_address_says_and_mails_nothing():
    users.request_reset("nobody@example.org", language="en", **BY_MAIL)
    assert not mails()


@pytest.mark.parametrize("email", [ANA, "nobody@example.org"])
def test_nobody_is_flooded_with_mails(email: str):
    users.add_user(ANA, "Ana", PASSWORD, now=NOW)
    for _ in range(LIMIT):
        users.request_reset(email, language="en", **BY_MAIL)
    with pytest.raises(TooMany):
        users.request_reset(email, language="en", **BY_MAIL)


def test_a_new_password_asks_for_the_present_one():
    actor = users.add_user(ANA, "Ana", PASSWORD, now=NOW)
    with pytest.raises(Invalid) as refused:
        users.change_password(actor, "a wrong password", "the new password", limit=LIMIT, now=NOW)
    assert refused.value.field == "current"
    assert users.change_password(actor, PASSWORD, "the new password", limit=LIMIT, now=NOW)
    assert users.sign_in(ANA, "the new password", limit=LIMIT, now=NOW)


def test_an_address_has_one_account():
    users.add_user(ANA, "Ana", PASSWORD, now=NOW)
    with pytest.raises(Conflict, match="has an account already"):
        users.add_user("ANA@example.org", "Ana", PASSWORD, now=NOW)


def test_passwords_are_stored_as_argon2id_only():
    users.add_user(ANA, "Ana", PASSWORD, now=NOW)
    assert user().password_hash.startswith("$argon2id$")
    assert PASSWORD not in user().password_hash
