"""Use case of checking the data against the rules of the house."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection

from booking.db import db
from booking.domain.rules import RULES, Finding, named
from booking.queries.breaches import (
    Check,
    activities,
    audit,
    bookings,
    capacity,
    change_requests,
    clusters,
    docking,
    gateway,
    grants,
    integers,
    outbox,
    reports,
    scenarios,
    series,
    settlements,
    utilisation,
    waitlist,
)

CHECKS: tuple[Check, ...] = (
    *capacity.CHECKS,
    *grants.CHECKS,
    *bookings.CHECKS,
    *audit.CHECKS,
    *change_requests.CHECKS,
    *series.CHECKS,
    *gateway.CHECKS,
    *outbox.CHECKS,
    *clusters.CHECKS,
    *integers.CHECKS,
    *utilisation.CHECKS,
    *waitlist.CHECKS,
    *docking.CHECKS,
    *settlements.CHECKS,
    *activities.CHECKS,
    *reports.CHECKS,
    *scenarios.CHECKS,
)


def check_rules(now: datetime) -> Iterator[Finding]:
    """Each rule with all that breaks it, in order; one picture of the data, however much is written meanwhile."""
    with db.engine.connect() as connection:
        see_one_moment(connection)
        yield from findings(connection, now)


def findings(connection: Connection, now: datetime, rules: Iterable[int] = RULES) -> Iterator[Finding]:
    """The same as one transaction sees it, of all rules or of some."""
    for rule in rules:
        answers = [(check.what, check.find(connection, now)) for check in CHECKS if check.rule == rule]
        yield Finding(rule, tuple(named(what, rows) for what, rows in answers if rows))


def see_one_moment(connection: Connection) -> None:
    """Let all that this connection reads be of one moment; a transaction of SQLite sees one anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
