"""Utilisation: what each resource offered and what became of it, by day; and what was refused."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class UtilisationDay(Base):
    """One day of a resource, as clocks at its facility count it, in unit-seconds.

    `published_hours` and `booked_hours` have a sum for each hour of the local day, of which some have none or two.
    """

    __tablename__ = "utilisation_days"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="window"),
        CheckConstraint("published >= 0 AND booked >= 0", name="amounts"),
        Index("ix_utilisation_days_day", "day"),
    )

    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    published: Mapped[int]
    booked: Mapped[int]
    published_hours: Mapped[list[int]] = mapped_column(JSON)
    booked_hours: Mapped[list[int]] = mapped_column(JSON)


class UtilisationShare(Base):
    """What one team had of a resource on one day; `measured` is what was used of `measured_of`."""

    __tablename__ = "utilisation_shares"
    __table_args__ = (
        CheckConstraint("booked > 0", name="booked"),
        CheckConstraint("checked_in >= 0 AND no_show >= 0 AND checked_in + no_show <= booked", name="parts"),
        CheckConstraint("measured >= 0 AND measured_of BETWEEN 0 AND booked", name="measured"),
        Index("ix_utilisation_shares_team_day", "team_id", "day"),
    )

    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    booked: Mapped[int]
    checked_in: Mapped[int]
    no_show: Mapped[int]
    measured: Mapped[int]
    measured_of: Mapped[int]


class UtilisationRoll(Base):
    """How far a resource's days are summed up, of which offer, and which moves of bookings have been seen."""

    __tablename__ = "utilisation_rolls"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"), primary_key=True)
    rolled_until: Mapped[datetime]
    offer_version: Mapped[int]
    history_id: Mapped[int]
    rolled_at: Mapped[datetime]


class RefusedWish(Base):
    """What a team asked for on one resource and did not get; the same wish asked again is counted in `times`.

    `codes` are the refusals of the last time, the first reason first.
    """

    __tablename__ = "refused_wishes"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="window"),
        CheckConstraint("units > 0 AND times > 0", name="numbers"),
        Index(
            "uq_refused_wishes_wish", "resource_id", "team_id", "starts_at", "ends_at", "units", unique=True,
        ),
        Index("ix_refused_wishes_last_at", "last_at"),
    )  # fmt: skip

    id: Mapped[Identity]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    units: Mapped[int] = mapped_column(Integer)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    codes: Mapped[str] = mapped_column(String(500))
    times: Mapped[int] = mapped_column(Integer)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
