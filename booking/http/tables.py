"""Tables on a narrow screen: each cell says what its column is called, so that rows can be read one under the other."""

import re
from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

_TAG = re.compile(r"<tr\b|<td\b(?P<attributes>[^>]*)>(?P<empty>\s*</td>)?|<th\b(?P<of_row>[^>]*)>")
_SPAN = re.compile(r'colspan="(\d+)"')


def labelled(rows: Markup, headings: Sequence[object]) -> Markup:
    """Rows whose cells carry the names of their columns; empty cells, and those that head their row, carry none."""
    names = [heading[0] if isinstance(heading, tuple) else heading for heading in headings]
    return Markup("".join(_parts(str(rows), [escape(str(name)) for name in names])))


def _parts(rows: str, names: Sequence[Markup]) -> Iterator[str]:
    column = done = 0
    for tag in _TAG.finditer(rows):
        yield rows[done : tag.start()]
        done = tag.end()
        if tag[0] == "<tr":
            column = 0
            yield tag[0]
            continue
        attributes = tag["attributes"] if tag["of_row"] is None else tag["of_row"]
        label = names[column] if column < len(names) and tag["of_row"] is None and tag["empty"] is None else ""
        yield f'<td data-label="{label}"{tag[0][3:]}' if label else tag[0]
        column += int(span[1]) if (span := _SPAN.search(attributes)) else 1
    yield rows[done:]
