"""CSV as machines write it: one record a line, so that a line that cannot be read harms no other."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from booking.domain.errors import Invalid, Numbers

LARGEST_FILE = 50_000_000
"""Bytes; what is larger is none of the lists that people keep."""

BOM = b"\xef\xbb\xbf"
_WHOLE = re.compile(r"[0-9]{1,12}", re.ASCII)


class Unreadable(Invalid):
    """A file of which nothing can be used, and why; `others` is what else is wrong with it."""

    def __init__(
        self, message: str, numbers: Numbers | None = None, *, field: str = "", others: Sequence[Invalid] = ()
    ) -> None:
        super().__init__(field, message, numbers)
        self.others = tuple(others)


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was left out, and why."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Record:
    """The wanted columns of one line, without spaces around them."""

    line: int
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    def whole(self, column: str, most: int) -> int:
        """A whole number from 0 to `most`; ValueError says what is there instead."""
        text = self.values[column]
        if not _WHOLE.fullmatch(text) or int(text) > most:
            raise ValueError(f"{column} is {shown(text)}, not a whole number from 0 to {most}")
        return int(text)


def records(content: bytes, columns: Sequence[str]) -> Iterator[Record | BadLine]:
    """The lines of a file under a header that names at least these columns, in any order; blank lines are skipped.

    Raises Unreadable where the file is too large, empty, or lacks a column.
    """
    if len(content) > LARGEST_FILE:
        raise Unreadable(f"larger than {LARGEST_FILE // 1_000_000} MB")
    lines = content.removeprefix(BOM).splitlines()
    if not lines or not lines[0].strip():
        raise Unreadable("empty: the first line names the columns")
    try:
        header = [name.strip() for name in _cells(lines[0])]
    except ValueError as error:
        raise Unreadable(f"line 1: {error}") from None
    missing = [column for column in columns if header.count(column) != 1]
    if missing:
        raise Unreadable(f"the first line does not name once: {', '.join(missing)}")
    return _records(lines, header, columns)


def _records(lines: Sequence[bytes], header: Sequence[str], columns: Sequence[str]) -> Iterator[Record | BadLine]:
    places = {column: header.index(column) for column in columns}
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        try:
            cells = _cells(line)
            if len(cells) != len(header):
                raise ValueError(f"{len(cells)} values where the first line names {len(header)} columns")
            yield Record(number, {column: cells[place].strip() for column, place in places.items()})
        except ValueError as error:
            yield BadLine(number, str(error))


def _cells(line: bytes) -> list[str]:
    if b"\0" in line:
        raise ValueError("contains a NUL byte")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("is not text in UTF-8") from None
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error as error:
        raise ValueError(f"cannot be read as CSV ({error})") from None


def shown(text: str) -> str:
    """A value as a message shows it: quoted, on one line, not too long."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
