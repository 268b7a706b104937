"""Tables: columns, constraints and relationships. No rules, no addresses, no mail."""

from booking.models import (
    activities,
    audit,
    bookings,
    capacity,
    facilities,
    grants,
    jobs,
    organisations,
    outbox,
    resources,
    scenarios,
    teams,
    tokens,
    users,
)

__all__ = [
    "activities",
    "audit",
    "bookings",
    "capacity",
    "facilities",
    "grants",
    "jobs",
    "organisations",
    "outbox",
    "resources",
    "scenarios",
    "teams",
    "tokens",
    "users",
]
