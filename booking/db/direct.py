"""The hot path's way to the database: compiled statements handed to the driver, sent together where it can.

An ordinary `Connection` spends as long on each statement as the database does, and waits for every answer before it
sends the next. Here a statement is compiled once for each shape of its parameters, and on PostgreSQL a whole unit of
work is one pipeline. Only for statements that are constants of their module; everything else takes `transaction()`.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast

from psycopg import RawCursor
from sqlalchemy import Connection, Dialect, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import TypeEngine

ROWS_TOGETHER = (32, 16, 8, 4, 2, 1)
"""How many rows one INSERT may have: few sizes, so that the server knows the statements already."""

_INSERT = re.compile(r"(INSERT INTO [^()]+\([^()]+\) VALUES )(\(.+?\))( ON CONFLICT .+)?")
_NAME = re.compile(r"%\((\w+)\)s")

Parameters = Mapping[str, Any]
Converter = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value goes in a statement: its name there, the parameter it comes from, and its place in a list.

    What the statement itself says comes from no parameter (None): it is `constant`, converted already.
    """

    name: str
    parameter: str | None
    index: int | None = None
    convert: Converter | None = None
    constant: Any = None

    def value(self, parameters: Parameters) -> Any:
        if self.parameter is None:
            return self.constant
        given = parameters[self.parameter]
        value = given if self.index is None else given[self.index]
        return value if self.convert is None else self.convert(value)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as the driver takes it, and how what it answers becomes rows."""

    text: str
    places: tuple[Place, ...]
    positional: bool
    row: Callable[[Iterable[Any]], Any] | None
    convert: tuple[Converter | None, ...]
    together: Together | None = None

    def fill(self, parameters: Parameters) -> Any:
        if self.positional:
            return tuple(place.value(parameters) for place in self.places)
        return {place.name: place.value(parameters) for place in self.places}

    def rows(self, found: Iterable[Sequence[Any]]) -> list[Any]:
        if self.row is None:
            return []
        if not any(self.convert):
            return [self.row(values) for values in found]
        return [
            self.row(value if convert is None else convert(value)
                     for value, convert in zip(values, self.convert, strict=True))
            for values in found
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Together:
    """An INSERT of PostgreSQL in its parts, so that one statement takes many rows.

    A round through the driver costs more than a row. Places are numbered, as the server itself has them: the driver
    would take a long text apart anew each time.
    """

    head: str
    row: str
    tail: str
    names: tuple[str, ...]
    known: dict[int, str] = field(default_factory=dict)

    @staticmethod
    def of(text: str) -> Together | None:
        found = _INSERT.fullmatch(text)
        return Together(found[1], found[2], found[3] or "", tuple(_NAME.findall(found[2]))) if found else None

    def text(self, rows: int) -> str:
        if rows not in self.known:
            numbers = count(1)
            values = (_NAME.sub(lambda _name: f"${next(numbers)}", self.row) for _row in range(rows))
            self.known[rows] = self.head + ", ".join(values) + self.tail
        return self.known[rows]

    def fill(self, filled: Sequence[Mapping[str, Any]]) -> list[Any]:
        return [row[name] for row in filled for name in self.names]


class Answer:
    """The rows of one statement, waited for when they are first looked at."""

    __slots__ = ("_cursor", "_found", "_prepared")

    def __init__(self, cursor: DBAPICursor, prepared: Prepared) -> None:
        self._cursor = cursor
        self._prepared = prepared
        self._found: list[Any] | None = None

    def all(self) -> list[Any]:
        if self._found is None:
            self._found = self._prepared.rows(self._cursor.fetchall())
        return self._found

    def __iter__(self) -> Iterator[Any]:
        return iter(self.all())


class Direct:
    """What `Connection` is to everyone else: `execute`, `scalars`, and the engine behind it."""

    def __init__(self, engine: Engine, driver: DBAPIConnection) -> None:
        self.engine = engine
        self.dialect = engine.dialect
        self._driver = driver
        self._ahead: dict[Any, Answer] = {}

    def execute(self, statement: ClauseElement, parameters: Parameters | Sequence[Parameters]) -> Answer:
        """Run a statement, once or for each of several sets of parameters; what was sent ahead is not sent again."""
        if self._ahead and isinstance(parameters, Mapping):
            waiting = self._ahead.pop(_question(statement, parameters), None)
            if waiting is not None:
                return waiting
        return self._send(statement, parameters)

    def scalars(self, statement: ClauseElement, parameters: Parameters | Sequence[Parameters]) -> list[Any]:
        """The first value of every row."""
        return [row[0] for row in self.execute(statement, parameters)]

    def send_ahead(self, statement: ClauseElement, parameters: Parameters) -> None:
        """Ask now what `execute` will be asked later."""
        self._ahead[_question(statement, parameters)] = self._send(statement, parameters)

    def _send(self, statement: ClauseElement, parameters: Parameters | Sequence[Parameters]) -> Answer:
        cursor = self._driver.cursor()
        if isinstance(parameters, Mapping):
            prepared = _prepared(self.dialect, statement, parameters)
            cursor.execute(prepared.text, prepared.fill(parameters))
            return Answer(cursor, prepared)
        prepared = _prepared(self.dialect, statement, parameters[0])
        if len(parameters) == 1:
            cursor.execute(prepared.text, prepared.fill(parameters[0]))
        elif prepared.together is not None:
            self._send_together(prepared.together, [prepared.fill(one) for one in parameters])
        else:
            cursor.executemany(prepared.text, [prepared.fill(one) for one in parameters])
        return Answer(cursor, prepared)

    def _send_together(self, insert: Together, filled: Sequence[Mapping[str, Any]]) -> None:
        """Many rows by few statements: as many of the largest size as there are, then the smaller ones."""
        cursor = RawCursor(cast("Any", self._driver))
        begun = 0
        for size in ROWS_TOGETHER:
            while len(filled) - begun >= size:
                cursor.execute(insert.text(size), insert.fill(filled[begun : begun + size]))
                begun += size


@contextmanager
def unit_of_work(engine: Engine) -> Iterator[Connection]:
    """One transaction in one pipeline: errors may come as late as its end, and then nothing of it has happened."""
    with _borrowed(engine) as driver:
        try:
            with _in_pipeline(engine, driver):
                yield cast("Connection", Direct(engine, driver))
                driver.commit()
        except BaseException:
            driver.rollback()
            raise


def send_ahead(connection: Connection, questions: Iterable[tuple[ClauseElement, Parameters]]) -> None:
    """Ask at once, in this order, what will be looked at later: the answers of all come in one round trip."""
    straight = cast("Direct", connection)
    for statement, parameters in questions:
        straight.send_ahead(statement, parameters)


@contextmanager
def one_question(engine: Engine) -> Iterator[Connection]:
    """A connection for a single statement that reads, outside any transaction: one round trip."""
    with _borrowed(engine) as driver, _at_once(engine, driver):
        yield cast("Connection", Direct(engine, driver))


@contextmanager
def _borrowed(engine: Engine) -> Iterator[DBAPIConnection]:
    """A driver's connection from the pool; its errors are raised as those of every other way to the database."""
    dialect, pooled = engine.dialect, None
    errors = dialect.loaded_dbapi.Error
    try:
        pooled = engine.raw_connection()
        yield cast("DBAPIConnection", pooled.driver_connection)
    except errors as error:
        lost = pooled is None or dialect.is_disconnect(error, pooled, None)
        if pooled is not None and lost:
            pooled.invalidate(error)
        raise DBAPIError.instance(None, None, error, errors, connection_invalidated=lost, dialect=dialect) from error
    finally:
        if pooled is not None:
            pooled.close()


@contextmanager
def _at_once(engine: Engine, driver: Any) -> Iterator[None]:
    """Each statement by itself, where a transaction would cost round trips of its own."""
    if engine.dialect.name != "postgresql":
        yield
        return
    driver.autocommit = True
    try:
        yield
    finally:
        if not driver.closed:
            driver.autocommit = False


def _in_pipeline(engine: Engine, driver: DBAPIConnection) -> Any:
    """The driver's pipeline, which begins a transaction by itself; SQLite has none and is told to begin."""
    if engine.dialect.name == "postgresql":
        return cast("Any", driver).pipeline()
    driver.cursor().execute("BEGIN IMMEDIATE")
    return nullcontext()


_known: dict[Any, Prepared] = {}


def _prepared(dialect: Dialect, statement: ClauseElement, parameters: Parameters) -> Prepared:
    """The statement for such parameters, compiled when it is first asked for."""
    lengths = tuple((name, len(value)) for name, value in parameters.items() if isinstance(value, list))
    shape = (dialect.name, statement, lengths, tuple(parameters))
    found = _known.get(shape)
    if found is None:
        found = _known[shape] = _compile(dialect, statement, parameters)
    return found


def _compile(dialect: Dialect, statement: ClauseElement, parameters: Parameters) -> Prepared:
    compiled: Any = statement.compile(dialect=dialect, column_keys=sorted(parameters))
    if getattr(compiled, "insert_prefetch", None) or getattr(compiled, "update_prefetch", None):
        raise ValueError(f"say every column that has a default: {compiled}")
    expanded = compiled.construct_expanded_state(parameters)
    columns = list(getattr(statement, "exported_columns", ()))
    return Prepared(
        text=expanded.statement,
        places=tuple(_places(dialect, compiled, expanded, parameters)),
        positional=bool(compiled.positional),
        row=_row_of(columns) if columns else None,
        convert=tuple(_converter(column.type, dialect, "result_processor", None) for column in columns),
        together=None if compiled.positional or columns else Together.of(expanded.statement),
    )


def _places(dialect: Dialect, compiled: Any, expanded: Any, parameters: Parameters) -> Iterator[Place]:
    """Where each value goes, in the driver's order; those of a list have names of their own."""
    within = {name: (whole, index)
              for whole, names in expanded.parameter_expansion.items() for index, name in enumerate(names)}  # fmt: skip
    for name in expanded.positiontup or expanded.parameters:
        parameter, index = within.get(name, (name, None))
        bind = compiled.binds[parameter]
        convert = _converter(bind.type, dialect)
        if parameter in parameters:
            yield Place(name, parameter, index, convert)
        else:
            yield Place(name, None, constant=convert(bind.effective_value) if convert else bind.effective_value)


def _converter(kind: TypeEngine[Any], dialect: Dialect, which: str = "bind_processor", *more: Any) -> Converter | None:
    converter: Converter | None = getattr(kind.dialect_impl(dialect), which)(dialect, *more)
    return converter


def _row_of(columns: Sequence[Any]) -> Callable[[Iterable[Any]], Any]:
    names = [column.key for column in columns]
    row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # names that are known when it runs
    make: Callable[[Iterable[Any]], Any] = row._make
    return make


def _question(statement: ClauseElement, parameters: Parameters) -> Any:
    return statement, tuple((name, tuple(value) if isinstance(value, list) else value)
                            for name, value in sorted(parameters.items()))  # fmt: skip
