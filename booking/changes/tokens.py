"""Writes of idempotency keys, in the transaction whose answer they keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert

from booking.models.tokens import IdempotencyKey

KEEP = insert(IdempotencyKey).inline()
FORGET = delete(IdempotencyKey).where(
    IdempotencyKey.user_id == bindparam("user"),
    IdempotencyKey.key == bindparam("name"),
    IdempotencyKey.created_at <= bindparam("until"),
)


@dataclass(frozen=True, slots=True)
class Answered:
    """Which booking answers a person's key for a request of this digest."""

    user_id: int
    key: str
    body_digest: str
    booking_id: int
    at: datetime


def keep_answers(connection: Connection, answers: Sequence[Answered]) -> None:
    """Remember answers; the primary key refuses a second one for the same person and key."""
    if answers:
        connection.execute(
            KEEP,
            [
                {
                    "user_id": answer.user_id,
                    "key": answer.key,
                    "body_digest": answer.body_digest,
                    "booking_id": answer.booking_id,
                    "created_at": answer.at,
                }
                for answer in answers
            ],
        )


def forget_answer(connection: Connection, user_id: int, key: str, until: datetime) -> None:
    """Drop a kept answer that is too old to count."""
    connection.execute(FORGET, {"user": user_id, "name": key, "until": until})
