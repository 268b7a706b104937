"""Writes on entries of scenario lists that several verbs share."""

from datetime import datetime

from sqlalchemy.orm import Session

from booking.changes.outbox import tell
from booking.domain.outbox import NOTICES


def tell_of_entry(session: Session, scenario_id: int, event: str, now: datetime, reason: str = "") -> None:
    """Who looks after an entry hears what became of it."""
    subject = f"scenario:{scenario_id}"
    tell(session, destination=NOTICES, subject=subject, event=event, payload={"reason": reason}, now=now)
