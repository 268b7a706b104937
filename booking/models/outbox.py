"""The outbox: everything the outside is told, written in the transaction that it tells of."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class OutboxItem(Base):
    """One thing to tell one destination.

    A destination is `notices` (an event that is still to be addressed to its readers) or a connector and an address,
    such as `mail:ana@example.org`. Items of one destination and `subject` (`booking:17`) leave in the order of their
    ids. `stable_id` stays the same at every attempt, so that a receiver can tell a repeat. A worker leases an item
    before it tries; a `parked` item has failed too often and waits for an operator, holding up only its own subject.
    `note` is what an operator says of a parked item; it is never removed.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'delivered', 'parked')", name="state"),
        CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered"),
        Index(
            "ix_outbox_due", "due_at", "id",
            postgresql_where=text("state = 'waiting'"), sqlite_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_outbox_undelivered", "destination", "subject", "id",
            postgresql_where=text("state <> 'delivered'"), sqlite_where=text("state <> 'delivered'"),
        ),
    )  # fmt: skip

    id: Mapped[Identity]
    stable_id: Mapped[str] = mapped_column(String(36), unique=True)
    destination: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(80))
    event: Mapped[str] = mapped_column(String(40))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    leased_until: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
