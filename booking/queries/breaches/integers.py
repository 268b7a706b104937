"""Are amounts whole, and do they follow from units and seconds?"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Table,
    cast,
    extract,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy import column as plain_column
from sqlalchemy import table as plain_table

from booking.domain.rules import MOST_NAMED
from booking.models.bookings import Booking, Claim
from booking.queries.breaches import Check, Rows, ask, first


def _not_whole(connection: Connection, _now: datetime) -> Rows:
    """Table, column and row of numbers that are none: SQLite keeps whatever it is given."""
    tables = Booking.metadata.sorted_tables
    if connection.dialect.name != "sqlite":
        return first(_columns_of_another_type(connection, tables))
    return first(row for table in tables for row in _rows_of_another_type(connection, table))


def _whole_columns(table: Table) -> list[Any]:
    """The columns that hold whole numbers; SQLite itself keeps a single key whole."""
    keys = list(table.primary_key)
    own = keys if len(keys) == 1 else []
    return [column for column in table.columns if isinstance(column.type, Integer) and column not in own]


def _rows_of_another_type(connection: Connection, table: Table) -> Iterator[tuple[Any, ...]]:
    columns = _whole_columns(table)
    if not columns:
        return
    strange = {column.name: func.typeof(column).not_in(("integer", "null")) for column in columns}
    keys = [cast(column, String) for column in table.primary_key]
    found = select(*keys, *(test.label(f"is_{name}") for name, test in strange.items())).where(or_(*strange.values()))
    for row in connection.execute(found.limit(MOST_NAMED + 1)):
        names = [name for name, test in zip(strange, row[len(keys) :], strict=True) if test]
        yield (f"{table.name}.{names[0]}", *row[: len(keys)])


def _columns_of_another_type(connection: Connection, tables: list[Table]) -> Iterator[tuple[Any, ...]]:
    """A column of PostgreSQL holds what its type says, so that the types are all there is to look at."""
    known = plain_table(
        "columns",
        *map(plain_column, ("table_schema", "table_name", "column_name", "data_type")),
        schema="information_schema",
    )
    asked = select(known.c.table_name, known.c.column_name, known.c.data_type).where(
        known.c.table_schema == func.current_schema()
    )
    types = {(row.table_name, row.column_name): row.data_type for row in connection.execute(asked)}
    for table in tables:
        for column in _whole_columns(table):
            kind = types.get((table.name, column.name))
            if kind not in ("integer", "bigint"):
                yield (f"{table.name}.{column.name}", kind)


def _seconds() -> ColumnElement[int]:
    return extract("epoch", Booking.ends_at) - extract("epoch", Booking.starts_at)


def _sizes() -> Select[*tuple[Any, ...]]:
    """Bookings whose size is not their units times their seconds."""
    units = select(Claim.booking_id, func.sum(Claim.units).label("units")).group_by(Claim.booking_id).subquery()
    return (
        select(Booking.id)
        .join(units, units.c.booking_id == Booking.id)
        .where(Booking.unit_seconds != units.c.units * _seconds())
        .order_by(Booking.id)
    )


def _prices() -> Select[*tuple[Any, ...]]:
    """Booking and resource of claims whose price is not units times seconds times weight, the fraction dropped."""
    exact = Claim.units * _seconds() * Claim.weight_percent - Claim.unit_seconds * 100
    return (
        select(Claim.booking_id, Claim.resource_id)
        .join(Booking, Booking.id == Claim.booking_id)
        .where(or_(exact < 0, exact >= literal(100)))
        .order_by(Claim.booking_id, Claim.resource_id)
    )


CHECKS = (
    Check(10, "numbers that are not whole (column/row)", _not_whole),
    Check(10, "bookings whose size is not units times seconds", ask(_sizes())),
    Check(10, "claims whose price is not units times seconds times weight (booking/resource)", ask(_prices())),
)
