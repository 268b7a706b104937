"""Mailed links: signed words that stand for one person and one purpose, until a time or a new password."""

from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.changes.outbox import tell
from booking.domain.accounts import CONFIRMATION_LASTS, RESET_LASTS
from booking.domain.errors import Conflict
from booking.models.users import User


class Purpose(StrEnum):
    """What a link is for; a link for one does not serve for another."""

    CONFIRM = "confirm_email"
    RESET = "reset_password"


LASTS = {Purpose.CONFIRM: CONFIRMATION_LASTS, Purpose.RESET: RESET_LASTS}


def mail_link(session: Session, user: User, purpose: Purpose, *, secret: str, language: str, now: datetime) -> None:
    """Have a link mailed to a person, in their language or in that of who asked."""
    session.flush()  # the word is made from the session key, and the subject from the id
    tell(
        session,
        destination=f"mail:{user.email}",
        subject=f"user:{user.id}",
        event=purpose.value,
        payload={
            "link_token": sign(user, purpose, secret=secret, now=now),
            "language": user.language or language,
        },
        now=now,
    )


def sign(user: User, purpose: Purpose, *, secret: str, now: datetime) -> str:
    """The word for `user`; it is worth nothing once the password has changed."""
    until = int((now + LASTS[purpose]).timestamp())
    return str(_serializer(secret, purpose).dumps([user.id, until, _mark(user)]))


def locked_user(session: Session, token: str, purpose: Purpose, *, secret: str, now: datetime) -> User:
    """The person that a word stands for, locked; Conflict when it stands for nobody any more."""
    try:
        user_id, until, mark = _serializer(secret, purpose).loads(token)
    except BadSignature:
        raise _spent() from None
    user = session.scalars(select(User).where(User.id == user_id).with_for_update()).one_or_none()
    if user is None or not user.active or mark != _mark(user) or now.timestamp() >= until:
        raise _spent()
    return user


def _serializer(secret: str, purpose: Purpose) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=purpose.value)


def _mark(user: User) -> str:
    """Tells of the session key without giving it away."""
    return sha256(user.session_key.encode()).hexdigest()[:16]


def _spent() -> Conflict:
    return Conflict("This link has been used, or is too old. Ask for a new one.", code="link_spent")
