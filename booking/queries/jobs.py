"""Questions about who runs the product: signs of life, and times without any."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.domain.windows import Window
from booking.models.jobs import Downtime, Heartbeat


def heartbeats(session: Session) -> dict[str, Heartbeat]:
    """The last sign of life of each part (`leader`, `web`) that ever gave one."""
    return {beat.part: beat for beat in session.scalars(select(Heartbeat))}


def last_beat(session: Session, part: str, *, lock: bool = False) -> datetime | None:
    """When a part last said that it is alive; None where it never did. `lock` keeps others from saying so meanwhile."""
    chosen = select(Heartbeat.at).where(Heartbeat.part == part)
    return session.scalar(chosen.with_for_update() if lock else chosen)


def downtimes(session: Session, around: Window) -> list[Window]:
    """The times within a window in which the product was down, in order."""
    chosen = (
        select(Downtime.starts_at, Downtime.ends_at)
        .where(Downtime.starts_at < around.end, Downtime.ends_at > around.start)
        .order_by(Downtime.starts_at)
    )
    return [Window(starts_at, ends_at) for starts_at, ends_at in session.execute(chosen)]
