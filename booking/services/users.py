"""Accounts: making, confirming and opening them, and their passwords.

Nothing here tells a stranger whether an address has an account: known and unknown ones are answered alike and take
the same time.
"""

import secrets
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from booking.changes import audit
from booking.db import transaction
from booking.domain.accounts import (
    Account,
    clean_email,
    clean_name,
    clean_password,
    guesses_since,
    minutes_to_wait,
    same_password,
)
from booking.domain.errors import Conflict, Forbidden, Invalid, TooMany
from booking.domain.permissions import Actor, may_administer
from booking.models.users import SignInFailure, User
from booking.queries.users import account_of, recent_failures, user_by_email
from booking.services.links import Purpose, locked_user, mail_link

# The second set of OWASP's password storage cheat sheet: 19 MiB, so that sixteen at once fit into a small server.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Compared with where there is no account, so that this takes as long.
_nobody = _hasher.hash(secrets.token_urlsafe())


def register(
    email: str, name: str, password: str, *, secret: str, confirm: bool, language: str, limit: int, now: datetime
) -> None:
    """Make an account, or write to whom the address belongs; the asker learns nothing of which it was.

    An address that nobody has confirmed belongs to whoever asked last, so that no stranger can keep it.
    """
    email, name = clean_email(email), clean_name(name)
    hashed = _hasher.hash(clean_password(password))
    with transaction() as session:
        user = user_by_email(session, email, lock=True)
        _count_guess(session, email, limit=limit, now=now)

        if user is None:
            user = _new_user(session, email, name, hashed, now=now)
        elif not user.active:
            return
        elif user.confirmed_at is not None:
            mail_link(session, user, Purpose.RESET, secret=secret, language=language, now=now)
            return
        else:
            user.name = name
            _set_password(user, hashed)

        if confirm:
            mail_link(session, user, Purpose.CONFIRM, secret=secret, language=language, now=now)
        else:
            user.confirmed_at = now


def add_user(email: str, name: str, password: str, *, now: datetime) -> Actor:
    """Make an account that is confirmed already; Conflict where the address has one."""
    email, name = clean_email(email), clean_name(name)
    hashed = _hasher.hash(clean_password(password))
    with transaction() as session:
        user = _new_user(session, email, name, hashed, now=now)
        user.confirmed_at = now
        return Actor(user.id, email, name)


def invite(email: str, name: str, *, actor: Actor, secret: str, language: str, now: datetime) -> int:
    """Make an account for somebody, who sets its password by a mailed link; the new account's id."""
    if not may_administer(actor):
        raise Forbidden("Only administrators make accounts for others.")
    email, name = clean_email(email), clean_name(name)
    hashed = _hasher.hash(secrets.token_urlsafe())  # nobody knows it
    with transaction() as session:
        user = _new_user(session, email, name, hashed, now=now)
        mail_link(session, user, Purpose.RESET, secret=secret, language=language, now=now)
        audit.record(
            session.connection(), by=actor.email, act="user.invite", subject=f"user:{user.id}", details={}, now=now
        )
        return user.id


def sign_in(email: str, password: str, *, limit: int, now: datetime) -> Account:
    """The account that address and password open."""
    return _open(email.strip().lower(), password, limit=limit, now=now)


def confirm_email(token: str, password: str, *, secret: str, limit: int, now: datetime) -> Account:
    """Confirm the address that a link was mailed to, and open its account.

    The password is asked for because the link alone proves only who reads the mail, not who chose the password.
    """
    with transaction() as session:
        email = locked_user(session, token, Purpose.CONFIRM, secret=secret, now=now).email
    return _open(email, password, limit=limit, now=now, confirming=True)


def change_password(actor: Actor, current: str, new: str, *, limit: int, now: datetime) -> Account:
    """Replace a known password, which ends every other session."""
    hashed = _hasher.hash(clean_password(new))
    try:
        _open(actor.email, current, limit=limit, now=now)
    except Invalid:
        raise Invalid("current", "This is not your present password.") from None
    with transaction() as session:
        user = user_by_email(session, actor.email, lock=True)
        assert user is not None  # accounts are never removed
        _set_password(user, hashed)
        return Account(actor, user.session_key)


def request_reset(email: str, *, secret: str, language: str, limit: int, now: datetime) -> None:
    """Mail a link that sets a new password, where the address has an account."""
    email = clean_email(email)
    with transaction() as session:
        user = user_by_email(session, email, lock=True)
        _count_guess(session, email, limit=limit, now=now)
        if user is not None and user.active:
            mail_link(session, user, Purpose.RESET, secret=secret, language=language, now=now)


def check_reset(token: str, *, secret: str, now: datetime) -> None:
    """Whether a mailed link would still set a new password; Conflict where not."""
    with transaction() as session:
        locked_user(session, token, Purpose.RESET, secret=secret, now=now)


def reset_password(token: str, new: str, *, secret: str, now: datetime) -> None:
    """Set a new password by a mailed link, which confirms the address, ends every session, and spends the link."""
    hashed = _hasher.hash(clean_password(new))
    with transaction() as session:
        user = locked_user(session, token, Purpose.RESET, secret=secret, now=now)
        _set_password(user, hashed)
        user.confirmed_at = user.confirmed_at or now
        _forget_guesses(session, user.email)


def choose_language(actor: Actor, language: str) -> None:
    """Write to a person, and show them pages, in this language from now on."""
    with transaction() as session:
        user = user_by_email(session, actor.email, lock=True)
        assert user is not None  # accounts are never removed
        user.language = language


def _open(email: str, password: str, *, limit: int, now: datetime, confirming: bool = False) -> Account:
    """Count a guess, compare, and forget the guesses when it was right.

    Two units of work, because comparing takes tens of milliseconds in which nobody else could write.
    """
    with transaction() as session:
        user = user_by_email(session, email, lock=True)  # so that guesses at one account are counted one by one
        _count_guess(session, email, limit=limit, now=now)
        hashed = user.password_hash if user else _nobody
        session_key = user.session_key if user else ""

    if not _matches(hashed, password) or not session_key:
        raise Invalid("", "The address or the password is wrong.")

    with transaction() as session:
        return _opened(session, email, session_key, password, confirming=confirming, now=now)


def _opened(
    session: Session, email: str, session_key: str, password: str, *, confirming: bool, now: datetime
) -> Account:
    user = user_by_email(session, email, lock=True)
    if user is None or user.session_key != session_key:
        raise Invalid("", "The address or the password is wrong.")  # it changed just now
    if not user.active:
        raise Invalid("", "This account has been closed. Ask an administrator.")
    if confirming:
        user.confirmed_at = user.confirmed_at or now
    if user.confirmed_at is None:
        raise Invalid("", "The address is not confirmed yet. Open the link that was mailed to it.")
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(same_password(password))
    _forget_guesses(session, email)
    session.flush()
    account = account_of(session, user.id, now)
    assert account is not None
    return account


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, same_password(password))
    except (VerifyMismatchError, InvalidHashError):
        return False


def _count_guess(session: Session, email: str, *, limit: int, now: datetime) -> None:
    """Count one more attempt at an address, known or not, or say when the next may be made."""
    since = guesses_since(now)
    session.execute(delete(SignInFailure).where(SignInFailure.at <= since))
    minutes = minutes_to_wait(*recent_failures(session, email, since), limit, now)
    if minutes:
        raise TooMany(
            "Too many attempts for this address. Try again in %(minutes)s min.",
            retry_after=minutes * 60,
            numbers={"minutes": minutes},
        )
    session.add(SignInFailure(email=email[:254], at=now))


def _forget_guesses(session: Session, email: str) -> None:
    session.execute(delete(SignInFailure).where(SignInFailure.email == email))


def _new_user(session: Session, email: str, name: str, hashed: str, *, now: datetime) -> User:
    user = User(email=email, name=name, created_at=now, active=True)
    _set_password(user, hashed)
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:
        raise Conflict("%(email)s has an account already.", {"email": email}, field="email") from None
    return user


def _set_password(user: User, hashed: str) -> None:
    user.password_hash = hashed
    user.session_key = secrets.token_hex(16)
