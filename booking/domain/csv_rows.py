"""CSV as people open it: cells that a spreadsheet would take for formulas are made plain text."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from io import StringIO

BOM = "\ufeff"
"""Without it, spreadsheets of one well-known maker read UTF-8 as something else."""

# What begins so is worked out rather than shown, full-width signs too; a tab or a line end in front is passed over.
_BEGINNINGS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")

Cell = str | int | datetime | date | None


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """A file line by line, the byte order mark and the headings first; numbers stay numbers."""
    yield BOM + _line(headings)
    for row in rows:
        yield _line(row)


def _line(cells: Sequence[Cell]) -> str:
    written = StringIO()
    csv.writer(written, lineterminator="\r\n").writerow([_text(cell) for cell in cells])
    return written.getvalue()


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int):
        return str(cell)
    return f"'{cell}" if cell.lstrip(" \u00a0\u3000").startswith(_BEGINNINGS) else cell
