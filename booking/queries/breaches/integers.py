"""Are amounts whole, and do they follow from units and seconds?"""

from collections.abc import Iterator
from datetime import datetime
from functools import cache, reduce
from itertools import groupby
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    Integer,
    Select,
    String,
    case,
    cast,
    extract,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy import column as plain_column
from sqlalchemy import table as plain_table

from booking.domain.rules import MOST_NAMED
from booking.models.bookings import Booking, Claim
from booking.queries.breaches import Check, Rows, ask, first


def _not_whole(connection: Connection, _now: datetime) -> Rows:
    """Column and row of numbers that are none: SQLite keeps whatever it is given.

    A column of PostgreSQL holds what its type says, so that the types are all there is to look at.
    """
    if connection.dialect.name == "sqlite":
        return connection.execute(_strange_numbers()).all()
    types = {(table, column): kind for table, column, kind in connection.execute(_types_of_columns())}
    kinds = ((column, types.get((column.table.name, column.name))) for column in _whole_columns())
    return first((str(column), kind) for column, kind in kinds if kind not in ("integer", "bigint"))


def _whole_columns() -> Iterator[Column[Any]]:
    """The columns that hold whole numbers; SQLite itself keeps a single key whole."""
    for table in Booking.metadata.sorted_tables:
        keys = list(table.primary_key)
        own = keys if len(keys) == 1 else []
        yield from (column for column in table.columns if isinstance(column.type, Integer) and column not in own)


@cache
def _strange_numbers() -> CompoundSelect[Any]:
    """The first column of each row, with the row's key, whose value SQLite has kept as something else."""
    questions = []
    for table, columns in groupby(_whole_columns(), key=lambda column: column.table):
        strange = {str(column): func.typeof(column).not_in(("integer", "null")) for column in columns}
        parts: list[ColumnElement[str]] = [cast(column, String) for column in table.primary_key]
        key = reduce(lambda left, right: left + "/" + right, parts)
        name = case(*((test, literal(column)) for column, test in strange.items()))
        questions.append(select(name, key).where(or_(*strange.values())))
    return union_all(*questions).limit(MOST_NAMED + 1)


@cache
def _types_of_columns() -> Select[str, str, str]:
    """Table, column and type of all that the current schema of PostgreSQL has."""
    schemas = plain_table("pg_namespace", *map(plain_column, ("oid", "nspname")))
    tables = plain_table("pg_class", *map(plain_column, ("oid", "relname", "relnamespace")))
    columns = plain_table("pg_attribute", *map(plain_column, ("attrelid", "attname", "atttypid")))
    return (
        select(tables.c.relname, columns.c.attname, func.format_type(columns.c.atttypid, None))
        .join(tables, tables.c.oid == columns.c.attrelid)
        .join(schemas, schemas.c.oid == tables.c.relnamespace)
        .where(schemas.c.nspname == func.current_schema())
    )


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
