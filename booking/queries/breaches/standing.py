"""What stands in vain: its time is past, or its team has lost its standing, and nobody has closed it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, extract, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from booking.domain.rules import MOST_NAMED
from booking.domain.teams import GRACE
from booking.models.docking import DockingDemand
from booking.models.teams import Team
from booking.models.waitlist import WaitlistEntry
from booking.queries.breaches import Question, Rows

LATE = timedelta(hours=1)
"""How late the scheduler may be with closing what has ended."""


def in_vain(
    table: type[WaitlistEntry] | type[DockingDemand], stands: ColumnElement[bool], seconds: InstrumentedAttribute[int]
) -> Question:
    """The question which rows stand in vain; the last start is so many `seconds` before the latest end."""
    asked = (
        select(table.id)
        .join(Team, Team.id == table.team_id)
        .where(
            stands,
            or_(
                bindparam("late_seconds") > extract("epoch", table.latest) - seconds,
                Team.approved_until < bindparam("late"),
                Team.suspended_at < bindparam("given_up"),
            ),
        )
        .order_by(table.id)
        .limit(MOST_NAMED + 1)
    )

    def find(connection: Connection, now: datetime) -> Rows:
        late = now - LATE
        values = {"late_seconds": int(late.timestamp()), "late": late, "given_up": late - GRACE}
        return connection.execute(asked, values).all()

    return find


def at_present(statement: Select[*tuple[Any, ...]]) -> Question:
    """The question that a statement asks of `now`, and of what had to be done before `late`."""
    limited = statement.limit(MOST_NAMED + 1)
    return lambda connection, now: connection.execute(limited, {"now": now, "late": now - LATE}).all()
