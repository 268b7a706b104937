"""Writes about the product's own running: signs of life, and the last run of each job."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from booking.models.jobs import Heartbeat, JobRun

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def beat(session: Session, part: str, *, who: str, now: datetime) -> None:
    """A part says that it is alive."""
    _replace(session, Heartbeat, key="part", values={"part": part, "at": now, "who": who})


def record_run(session: Session, values: dict[str, Any]) -> None:
    """The last run of a job; its last error stays until there is another one."""
    kept = {name: value for name, value in values.items() if name != "last_error" or value is not None}
    _replace(session, JobRun, key="name", values=kept)


def _replace(session: Session, model: type[Heartbeat] | type[JobRun], *, key: str, values: dict[str, Any]) -> None:
    """Insert the row or set it anew, in one statement, so that several processes may begin at once."""
    insert = _INSERT[session.get_bind().dialect.name](model).values(values)
    session.execute(insert.on_conflict_do_update(index_elements=[key], set_=values))
