"""API tokens: made, shown once, and revoked by the person whom they stand for."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select

from booking.db import transaction
from booking.domain.accounts import clean_name
from booking.domain.errors import Invalid, NotFound
from booking.domain.permissions import Actor
from booking.models.tokens import Token

SCOPES = ("read", "write")
DAYS = range(1, 367)


def create_token(actor: Actor, *, name: str, scope: str, days: int, now: datetime) -> str:
    """The text of a new token, which is stored nowhere."""
    name = clean_name(name)
    if scope not in SCOPES:
        raise Invalid("scope", "The scope is read or write.")
    if days not in DAYS:
        raise Invalid("days", "A token lasts 1 to %(most)s days.", {"most": DAYS[-1]})

    text = f"bk_{secrets.token_urlsafe(32)}"
    with transaction() as session:
        session.add(
            Token(
                user_id=actor.user_id,
                digest=sha256(text.encode()).hexdigest(),
                name=name,
                scope=scope,
                created_at=now,
                expires_at=now + timedelta(days=days),
            )
        )
    return text


def revoke_token(token_id: int, *, actor: Actor, now: datetime) -> None:
    """End one of one's own tokens at once; another person's is not found, even by an administrator."""
    with transaction() as session:
        token = session.scalars(select(Token).where(Token.id == token_id, Token.user_id == actor.user_id)).one_or_none()
        if token is None:
            raise NotFound("token")
        token.revoked_at = token.revoked_at or now
