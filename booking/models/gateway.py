"""The log of the dataset gateway: who fetched what, and how much of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class DataAccess(Base):
    """One download, or one refused: of which file, in which booking, by whom.

    `first_byte` and `promised` are the range that was asked for; `sent` is what has left so far. While it runs,
    `ended_at` is empty and `seen_at` moves on. Without a booking the data needs none.
    """

    __tablename__ = "data_accesses"
    __table_args__ = (
        CheckConstraint("first_byte >= 0", name="first_byte"),
        CheckConstraint("sent >= 0 AND sent <= promised", name="sent"),
        CheckConstraint("status BETWEEN 200 AND 599", name="status"),
        CheckConstraint("(booking_id IS NULL) = (team_id IS NULL)", name="booked"),
        Index("ix_data_accesses_booking_id_id", "booking_id", "id"),
        Index("ix_data_accesses_resource_id_id", "resource_id", "id"),
    )

    id: Mapped[Identity]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    path: Mapped[str] = mapped_column(String(1000))
    status: Mapped[int] = mapped_column(Integer)
    why: Mapped[str] = mapped_column(String(40), default="")
    first_byte: Mapped[int] = mapped_column(default=0)
    promised: Mapped[int] = mapped_column(default=0)
    sent: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
