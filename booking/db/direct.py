"""The hot path's way to the database: compiled statements handed to the driver, sent together where it can.

An ordinary `Connection` spends as long on each statement as the database does, and waits for every answer before it
sends the next. Here a statement is compiled once for each shape of its parameters, and on PostgreSQL a whole unit of
work is one pipeline, whose writes are one statement (`booking.db.together`). Only for statements that are constants of
their module; everything else takes `transaction()`.
"""

from __future__ import annotations

from collections import defaultdict, namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache, partial
from itertools import groupby
from operator import itemgetter
from typing import Any, cast

from psycopg import RawCursor
from sqlalchemy import Connection, Dialect, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import NullType, TypeEngine

from booking.db.together import (
    APART,
    Field,
    Question,
    Write,
    is_json,
    one_statement,
    question_of,
    type_name,
    write_of,
)

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
        value = given if self.index is None else given[min(self.index, len(given) - 1)]
        return value if self.convert is None else self.convert(value)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as the driver takes it, and how what it answers becomes rows."""

    text: str
    places: tuple[Place, ...]
    positional: bool
    row: Callable[[Iterable[Any]], Any] | None
    convert: tuple[Converter | None, ...]
    write: Write | None = None
    question: Question | None = None

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


class Answer:
    """The rows of one statement, waited for when they are first looked at."""

    __slots__ = ("_found", "_read")

    def __init__(self, read: Callable[[], list[Any]]) -> None:
        self._read = read
        self._found: list[Any] | None = None

    def all(self) -> list[Any]:
        if self._found is None:
            self._found = self._read()
        return self._found

    def __iter__(self) -> Iterator[Any]:
        return iter(self.all())


class Shares:
    """The rows of one statement that has answered many questions, each row after the number of its question."""

    def __init__(self, cursor: DBAPICursor, prepared: Prepared) -> None:
        self._cursor = cursor
        self._prepared = prepared

    @cached_property
    def _found(self) -> Mapping[int, list[Sequence[Any]]]:
        found: defaultdict[int, list[Sequence[Any]]] = defaultdict(list)
        for number, *values in self._cursor.fetchall():
            found[number].append(values)
        return found

    def of(self, number: int) -> list[Any]:
        return self._prepared.rows(self._found.get(number, ()))


class Direct:
    """What `Connection` is to everyone else: `execute`, `scalars`, and the engine behind it.

    Where the server takes lists (`by_lists`), what is written waits for more of its kind until something is read or the
    unit of work ends, and one question that is asked many times is one statement.
    """

    def __init__(self, engine: Engine, driver: DBAPIConnection, *, by_lists: bool = False) -> None:
        self.engine = engine
        self.dialect = engine.dialect
        self._driver = driver
        self._by_lists = by_lists
        self._ahead: dict[Any, Answer] = {}
        self._unwritten: dict[Write, list[Parameters]] = {}

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

    def send_ahead(self, statement: ClauseElement, sets: Sequence[Parameters]) -> None:
        """Ask now what `execute` will be asked later, for each of several sets of parameters."""
        prepared = _prepared(self.dialect, statement, sets[0])
        if len(sets) == 1 or prepared.question is None or not self._by_lists:
            answers = [self._send(statement, parameters) for parameters in sets]
        else:
            self.write()
            shares = Shares(self._send_list(prepared.question.text, [prepared.question.listed(sets)]), prepared)
            answers = [Answer(partial(shares.of, number)) for number in range(len(sets))]
        for parameters, answer in zip(sets, answers, strict=True):
            self._ahead[_question(statement, parameters)] = answer

    def write(self) -> None:
        """Send what waits to be written, as one statement."""
        if self._unwritten:
            lists = [write.listed(rows) for write, rows in self._unwritten.items()]
            self._send_list(one_statement(tuple(self._unwritten)), lists)
            self._unwritten.clear()

    def _send(self, statement: ClauseElement, parameters: Parameters | Sequence[Parameters]) -> Answer:
        sets = [parameters] if isinstance(parameters, Mapping) else parameters
        prepared = _prepared(self.dialect, statement, sets[0])
        if prepared.write is not None and self._by_lists:
            self._write_later(prepared.write, sets)
            return Answer(list)

        self.write()
        cursor = self._driver.cursor()
        if len(sets) == 1:
            cursor.execute(prepared.text, prepared.fill(sets[0]))
        else:
            cursor.executemany(prepared.text, [prepared.fill(one) for one in sets])
        return Answer(lambda: prepared.rows(cursor.fetchall()))

    def _send_list(self, text: str, lists: Sequence[str]) -> DBAPICursor:
        cursor = RawCursor(cast("Any", self._driver))
        cursor.execute(text, lists)
        return cast("DBAPICursor", cursor)

    def _write_later(self, write: Write, sets: Sequence[Parameters]) -> None:
        if write.adds and write in self._unwritten:
            self._unwritten[write] += sets
            return
        if not write.apart and any(write.table == other.table for other in self._unwritten):
            self.write()
        self._unwritten[write] = list(sets)


@contextmanager
def unit_of_work(engine: Engine) -> Iterator[Connection]:
    """One transaction in one pipeline: errors may come as late as its end, and then nothing of it has happened."""
    with _borrowed(engine) as driver:
        try:
            with _in_pipeline(engine, driver):
                straight = Direct(engine, driver, by_lists=engine.dialect.name == "postgresql")
                yield cast("Connection", straight)
                straight.write()
                driver.commit()
        except BaseException:
            driver.rollback()
            raise


def send_ahead(connection: Connection, questions: Iterable[tuple[ClauseElement, Parameters]]) -> None:
    """Ask at once, in this order, what will be looked at later: the answers of all come in one round trip."""
    straight = cast("Direct", connection)
    for _, same in groupby(questions, key=lambda question: id(question[0])):
        asked = list(same)
        straight.send_ahead(asked[0][0], [parameters for _, parameters in asked])


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
    lengths = tuple((name, _few(len(value))) for name, value in parameters.items() if isinstance(value, list))
    shape = (dialect.name, statement, lengths, tuple(parameters))
    found = _known.get(shape)
    if found is None:
        stretched = {name: [*parameters[name], *parameters[name][-1:] * (length - len(parameters[name]))]
                     for name, length in lengths}  # fmt: skip
        found = _known[shape] = _compile(dialect, statement, {**parameters, **stretched})
    return found


def _few(length: int) -> int:
    """Lists come in few lengths, the last item said again, so that few statements are prepared: powers of two."""
    return 1 << (length - 1).bit_length() if length else 0


def _compile(dialect: Dialect, statement: ClauseElement, parameters: Parameters) -> Prepared:
    compiled: Any = statement.compile(dialect=dialect, column_keys=sorted(parameters))
    if getattr(compiled, "insert_prefetch", None) or getattr(compiled, "update_prefetch", None):
        raise ValueError(f"say every column that has a default: {compiled}")
    expanded = compiled.construct_expanded_state(parameters)
    columns = list(getattr(statement, "exported_columns", ()))
    places = tuple(_places(dialect, compiled, expanded, parameters))
    fields = _fields(dialect, compiled, places)
    apart = bool(compiled.execution_options.get(APART))
    return Prepared(
        text=expanded.statement,
        places=places,
        positional=bool(compiled.positional),
        row=_row_of(columns) if columns else None,
        convert=tuple(_converter(column.type, dialect, "result_processor", None) for column in columns),
        write=write_of(expanded.statement, fields, apart=apart) if fields and not columns else None,
        question=question_of(expanded.statement, fields) if fields and columns else None,
    )


def _fields(dialect: Dialect, compiled: Any, places: Sequence[Place]) -> list[Field]:
    """The values of a statement as fields of a row; none where they are numbered, of a list, or of no known type."""
    kinds = [(place, compiled.binds[place.parameter or place.name].type) for place in places]
    if compiled.positional or any(place.index is not None or isinstance(kind, NullType) for place, kind in kinds):
        return []
    return [Field(place.name, type_name(kind, dialect), _listed(place, kind)) for place, kind in kinds]


def _listed(place: Place, kind: TypeEngine[Any]) -> Callable[[Parameters], Any]:
    """How the value is read for a list; an instant, which comes up in many rows, is put into words once."""
    if place.parameter is None:
        return place.value
    read: Callable[[Parameters], Any] = itemgetter(place.parameter)
    convert = None if is_json(kind) else place.convert
    if convert is None:
        return read
    if kind.python_type is datetime:
        convert = lru_cache(maxsize=256)(partial(_in_words, convert))
    return lambda parameters: convert(read(parameters))


def _in_words(convert: Converter, instant: datetime | None) -> str | None:
    return None if instant is None else convert(instant).isoformat()


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
