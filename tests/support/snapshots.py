"""Rows that many tests begin with: written once by the ordinary way, then put back as they were."""

from collections.abc import Callable

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from booking.db import Base

Snapshot = Callable[[Connection], None]
"""Writes the rows of a moment under the ids that they had; what is added later takes those that follow."""


def is_empty(session: Session) -> bool:
    """Whether nobody is there yet, and no organisation."""
    tables = Base.metadata.tables
    return not any(
        session.scalar(select(func.count()).select_from(tables[name])) for name in ("users", "organisations")
    )


def taken(connection: Connection) -> Snapshot:
    """Every row of every table, as it is now."""
    return _of_postgresql(connection) if connection.dialect.name == "postgresql" else _of_sqlite(connection)


def _of_sqlite(connection: Connection) -> Snapshot:
    """As the file keeps them, with nothing of ours between."""
    kept = {}
    for table in Base.metadata.sorted_tables:
        if rows := [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table}")]:
            kept[f"INSERT INTO {table} VALUES ({', '.join('?' * len(table.c))})"] = rows

    def put_back(connection: Connection) -> None:
        for statement, rows in kept.items():
            connection.exec_driver_sql(statement, rows)

    return put_back


def _of_postgresql(connection: Connection) -> Snapshot:
    """The server says itself how its rows are written again, and is told so in one message."""
    script = []
    for table in Base.metadata.sorted_tables:
        written = f"'INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %L);', json_agg({table})"
        if "id" in table.c:
            numbered = f"'SELECT setval(pg_get_serial_sequence(''{table}'', ''id''), %s);', max(id)"
            written = f"'%s%s', format({written}), format({numbered})"
        asked = f"SELECT format({written}) FROM {table} HAVING count(*) > 0"
        script += connection.exec_driver_sql(asked.replace("%", "%%")).scalars()

    def put_back(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("".join(script))

    return put_back
