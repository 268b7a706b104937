"""CSV answers: sent while they are read, so that a list of any length needs no more memory than a page of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from flask import Response, stream_with_context

from booking.domain.csv_rows import Cell, csv_lines

AT_ONCE = 500

Row = TypeVar("Row")


def csv_answer(name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """A file `name`.csv to be kept. Whether the asker may have it is to be asked before.

    `rows` are read while the answer is sent, so they ask by a session that they take at that time.
    """
    lines = csv_lines(headings, rows)
    answer = Response(stream_with_context(lines), mimetype="text/csv", content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def every(page: Callable[[Row | None], Sequence[Row]]) -> Iterator[Row]:
    """All rows of a list that is asked for in pages of `AT_ONCE`: `page` answers with those behind the given one."""
    last: Row | None = None
    while rows := page(last):
        yield from rows
        if len(rows) < AT_ONCE:
            return
        last = rows[-1]
