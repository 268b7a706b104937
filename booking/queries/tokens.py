"""Questions about API tokens."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Row, bindparam, select
from sqlalchemy.orm import Session

from booking.domain.permissions import Actor
from booking.models.tokens import IdempotencyKey, Token
from booking.models.users import User
from booking.queries.users import actor_of, who_is_asked_for

_HOLDER = (
    who_is_asked_for()
    .add_columns(Token.scope)
    .join(Token, Token.user_id == User.id)
    .where(
        Token.digest == bindparam("digest"),
        Token.revoked_at.is_(None),
        Token.expires_at > bindparam("now", type_=Token.expires_at.type),
    )
)


class Holder(NamedTuple):
    """Whom a token stands for, and whether it may write."""

    actor: Actor
    may_write: bool


def holder(connection: Connection, digest: str, now: datetime) -> Holder | None:
    """The holder of the token with this digest; None when it is unknown, revoked, expired or its owner deactivated.

    One statement, because every call of the API asks it.
    """
    rows = connection.execute(_HOLDER, {"digest": digest, "now": now}).all()
    return Holder(actor_of(rows), rows[0].scope == "write") if rows else None


def tokens_of(session: Session, user_id: int) -> Sequence[Token]:
    """A person's tokens, the newest first, with the revoked and expired ones."""
    return session.scalars(select(Token).where(Token.user_id == user_id).order_by(Token.id.desc())).all()


KEPT_ANSWER = select(IdempotencyKey.booking_id, IdempotencyKey.body_digest, IdempotencyKey.created_at).where(
    IdempotencyKey.user_id == bindparam("user_id"), IdempotencyKey.key == bindparam("key")
)


def kept_answer(connection: Connection, user_id: int, key: str) -> Row[int, str, datetime] | None:
    """Which booking answered a person's idempotency key, for a body of which digest, and when."""
    return connection.execute(KEPT_ANSWER, {"user_id": user_id, "key": key}).one_or_none()
