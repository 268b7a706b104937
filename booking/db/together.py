"""Many writes, or one question asked many times, as one statement of PostgreSQL: what they need comes as JSON lists.

A round through the driver costs as much as the rows that it brings, and a text for every number of rows is one more
for the server to plan. A list has any length, and the writes of a unit of work stand beside each other in one `WITH`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Dialect, types
from sqlalchemy.types import TypeEngine

APART = "booking_apart"
"""Execution option of a write that meets no row which the same unit of work has written in its table before."""

_INSERT = re.compile(r"(INSERT INTO (\w+) \([^()]+\)) VALUES \((.+?)\)( ON CONFLICT .+)?")
_CHANGE = re.compile(r"((?:UPDATE|DELETE FROM) (\w+) ?.*?)( WHERE .+)", re.DOTALL)
_NAME = re.compile(r"%\((\w+)\)s")
_LENGTH = re.compile(r"\(.*\)")

Value = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a row: its name in the statement, its type there, and how it is read from the parameters."""

    name: str
    type: str
    value: Value


@dataclass(frozen=True, eq=False, slots=True)
class Write:
    """A statement that changes `table` row by row of a list; `text` says `{rows}` where the list stands.

    `keys` are the fields that say which row is changed: none of them twice in one list, for the second would be lost.
    What only `adds` rows may add to what waits already.
    """

    table: str
    text: str
    fields: tuple[Field, ...]
    keys: tuple[Field, ...]
    apart: bool
    adds: bool = False

    def listed(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Rows as the list that the statement reads."""
        if self.keys and len({tuple(key.value(row) for key in self.keys) for row in rows}) < len(rows):
            raise ValueError(f"one list changes a row of {self.table} twice")
        return _as_json([_as_row(self.fields, row) for row in rows])


@dataclass(frozen=True, eq=False, slots=True)
class Question:
    """A question asked for each row of a list; every row of its answer begins with the number of the row it is for."""

    text: str
    fields: tuple[Field, ...]

    def listed(self, rows: Sequence[Mapping[str, Any]]) -> str:
        """Rows as the list that the statement reads, numbered from 0."""
        return _as_json([{"number": number} | _as_row(self.fields, row) for number, row in enumerate(rows)])


def write_of(text: str, fields: Sequence[Field], *, apart: bool) -> Write | None:
    """A compiled statement in this form; None where it has another shape."""
    columns = ", ".join(f'"{field.name}" {field.type}' for field in fields)
    rows = f'json_to_recordset({{rows}}::json) AS "row"({columns})'
    by_name = {field.name: field for field in fields}

    inserted = _INSERT.fullmatch(text)
    if inserted:
        head, table, values, tail = inserted.groups()
        return Write(
            table, f"{head} SELECT {_of_row(values)} FROM {rows}{tail or ''}", tuple(fields), (), apart, not tail
        )
    changed = _CHANGE.fullmatch(text)
    if changed:
        head, table, where = changed.groups()
        joined = "FROM" if head.startswith("UPDATE") else "USING"
        keys = tuple(by_name[name] for name in _NAME.findall(where))
        return Write(table, f"{_of_row(head)} {joined} {rows}{_of_row(where)}", tuple(fields), keys, apart)
    return None


def question_of(text: str, fields: Sequence[Field]) -> Question:
    """A compiled SELECT in this form; the rows of each answer keep their order."""
    columns = ", ".join(f'"{field.name}" {field.type}' for field in fields)
    rows = f'json_to_recordset($1::json) AS "row"("number" integer, {columns})'
    asked = f'SELECT "row"."number", "answer".* FROM {rows} CROSS JOIN LATERAL ({_of_row(text)}) AS "answer"'
    return Question(asked, tuple(fields))


def type_name(kind: TypeEngine[Any], dialect: Dialect) -> str:
    """How the list calls a type: without its length, which the column checks."""
    return _LENGTH.sub("", kind.compile(dialect=dialect))


def is_json(kind: TypeEngine[Any]) -> bool:
    """Whether values of this type stand in a list as they are given."""
    return isinstance(kind, types.JSON)


@lru_cache(maxsize=1_000)
def one_statement(writes: tuple[Write, ...]) -> str:
    """The statement that does all of these; the lists are its parameters, in their order.

    All see the database as it was before, and keys to other tables are checked after all of them.
    """
    numbered = [write.text.replace("{rows}", f"${number}") for number, write in enumerate(writes, 1)]
    beside = ", ".join(f"write_{number} AS ({text})" for number, text in enumerate(numbered[:-1], 1))
    return f"WITH {beside} {numbered[-1]}" if beside else numbered[-1]


def _as_row(fields: Sequence[Field], parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: field.value(parameters) for field in fields}


def _of_row(text: str) -> str:
    return _NAME.sub(lambda name: f'"row"."{name[1]}"', text)


def _as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """Several times as fast as the standard library, and dates are words in it already."""
    return to_json(rows).decode()
