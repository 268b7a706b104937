"""Is the audit log as it was written?"""

from datetime import datetime

from sqlalchemy import Connection

from booking.queries.audit import verdict
from booking.queries.breaches import Check, Rows


def _unchained(connection: Connection, _now: datetime) -> Rows:
    """The first entry that is not what was written, or where entries at the end are missing."""
    found = verdict(connection)
    if found.broken is not None:
        return [(found.broken,)]
    return [("the end",)] if found.cut else []


CHECKS = (Check(5, "entries of the audit log that are not as they were written", _unchained),)
