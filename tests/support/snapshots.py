"""Rows that many tests begin with: written once by the ordinary way, then put back as they were."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.orm import Session

from booking.db import Base

Rows = Mapping[Table, Sequence[Mapping[str, Any]]]


def rows_of(session: Session) -> Rows:
    """Every row of every table."""
    found = {table: session.execute(select(table)).mappings().all() for table in Base.metadata.sorted_tables}
    return {table: [dict(row) for row in rows] for table, rows in found.items() if rows}


def is_empty(session: Session) -> bool:
    """Whether nobody is there yet, and no organisation."""
    tables = Base.metadata.tables
    return not any(
        session.scalar(select(func.count()).select_from(tables[name])) for name in ("users", "organisations")
    )


def put_back(session: Session, rows: Rows) -> None:
    """Write rows under the ids that they had; what is added later takes those that follow."""
    for table, own in rows.items():
        session.execute(insert(table), own)
    if session.get_bind().dialect.name == "postgresql":
        numbered = [table for table in rows if "id" in table.c]
        last = ", ".join(f"setval(pg_get_serial_sequence('{table}', 'id'), max_{table}.id)" for table in numbered)
        highest = ", ".join(f"(SELECT max(id) AS id FROM {table}) AS max_{table}" for table in numbered)
        session.execute(text(f"SELECT {last} FROM {highest}"))
