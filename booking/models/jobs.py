"""Jobs: the last run of each, and who leads the scheduler."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from booking.db import Base, Identity


class JobRun(Base):
    """The last run of one job."""

    __tablename__ = "job_runs"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    started_at: Mapped[datetime]
    milliseconds: Mapped[int] = mapped_column(Integer)
    items: Mapped[int] = mapped_column(Integer)
    errors: Mapped[int] = mapped_column(Integer)
    last_error: Mapped[str | None] = mapped_column(Text)
    leader: Mapped[str] = mapped_column(String(200))


class Heartbeat(Base):
    """When a part of the product last said that it is alive: `leader` or `web`."""

    __tablename__ = "heartbeats"
    __table_args__ = (CheckConstraint("part IN ('leader', 'web')", name="part"),)

    part: Mapped[str] = mapped_column(String(8), primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(200))


class Downtime(Base):
    """A time in which no part of the product ran; deadlines of people that fell into it were moved by its length."""

    __tablename__ = "downtimes"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="window"),)

    id: Mapped[Identity]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    moved: Mapped[int] = mapped_column(Integer)
