"""Use case of verifying the audit log."""

from booking.db import db
from booking.domain.audit import Verdict
from booking.queries.audit import verdict
from booking.services.fsck import see_one_moment


def verify_log(kept: str = "") -> Verdict:
    """Whether every entry is as it was written, none is missing, and one has the hash `kept`, where it is said."""
    with db.engine.connect() as connection:
        see_one_moment(connection)
        return verdict(connection, kept)
