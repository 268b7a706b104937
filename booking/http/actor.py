"""Who asks: the person of the session on pages, the holder of the bearer token in the API."""

import hmac
from hashlib import sha256

from flask import Flask, g, request
from flask_login import LoginManager, UserMixin, current_user

from booking import clock
from booking.domain.accounts import Account
from booking.domain.errors import Forbidden, Unauthenticated
from booking.domain.permissions import VISITOR, Actor
from booking.http.paths import is_api
from booking.http.reading import glance, reading
from booking.queries.tokens import Holder, holder
from booking.queries.users import account_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class SignedIn(UserMixin):  # type: ignore[misc]  # flask-login publishes no types
    """What flask-login keeps of a person: the actor, and an id that a new password makes worthless."""

    def __init__(self, account: Account) -> None:
        self.actor = account.actor
        self.session_key = account.session_key

    def get_id(self) -> str:
        return f"{self.actor.user_id}:{self.session_key}"


def init_app(app: Flask) -> None:
    """Let flask-login find people by what the session says."""
    login = LoginManager()
    login.session_protection = None  # it binds sessions to network addresses, which change on the way
    login.user_loader(_load)
    login.unauthorized_handler(_must_sign_in)
    login.init_app(app, add_context_processor=False)
    app.context_processor(lambda: {"actor": asking()})


def asking() -> Actor:
    """Who asks, `VISITOR` when nobody has signed in. For what visitors may see too."""
    if "asking" not in g:
        g.asking = _identify()
    actor: Actor = g.asking
    return actor


def current_actor() -> Actor:
    """The known person who asks. Pages send a visitor to sign in; the API answers 401, and 403 to a read-only token
    that would write."""
    actor = asking()
    if not actor.signed_in:
        raise Unauthenticated("This needs a bearer token.") if is_api() else Unauthenticated("Sign in to see this.")
    if request.method not in SAFE and not g.get("may_write", True):
        raise Forbidden("This token may only read.", code="read_only_token")
    return actor


def digest(token: str) -> str:
    """What the database knows a token by."""
    return sha256(token.encode()).hexdigest()


def _identify() -> Actor:
    if is_api():
        return _holder_of_token()
    return current_user.actor if current_user.is_authenticated else VISITOR


def _holder_of_token() -> Actor:
    header = request.headers.get("Authorization")
    if header is None:
        return VISITOR
    scheme, _, token = header.partition(" ")
    found = _look_up(token.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise Unauthenticated("The token is unknown, expired or revoked.")
    g.may_write = found.may_write
    return found.actor


def _look_up(token: str) -> Holder | None:
    with glance() as connection:
        return holder(connection, digest(token), clock.now())


def _load(session_id: str) -> SignedIn | None:
    user_id, _, session_key = session_id.partition(":")
    found = account_of(reading(), int(user_id), clock.now()) if user_id.isdigit() else None
    if found is None or not hmac.compare_digest(found.session_key, session_key):
        return None
    return SignedIn(found)


def _must_sign_in() -> None:
    raise Unauthenticated("Sign in to see this.")
