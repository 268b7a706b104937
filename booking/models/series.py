"""Series: what was asked for on many dates; the dates themselves are bookings."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, DateTime, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class Series(Base):
    """A rule, and local times by the clocks of one zone.

    `local_start` and `local_end` are those of the date `first_on`, from which the rule counts; they have no offset on
    purpose. `exceptions` and `additions` are dates (ISO 8601) that the rule gives and that were left out, and the
    other way round.
    """

    __tablename__ = "series"
    __table_args__ = (CheckConstraint("local_start < local_end", name="times"),)

    id: Mapped[Identity]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), index=True)
    rule: Mapped[str] = mapped_column(String(200))
    exceptions: Mapped[list[str]] = mapped_column(JSON)
    additions: Mapped[list[str]] = mapped_column(JSON)
    timezone: Mapped[str] = mapped_column(String(64))
    first_on: Mapped[date]
    local_start: Mapped[datetime] = mapped_column(DateTime())
    local_end: Mapped[datetime] = mapped_column(DateTime())
    purpose: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class SeriesClaim(Base):
    """Units of one resource that each booking of a series claims, unless it was changed by itself."""

    __tablename__ = "series_claims"
    __table_args__ = (CheckConstraint("units > 0", name="units"),)

    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"), primary_key=True)
    units: Mapped[int] = mapped_column(Integer)
